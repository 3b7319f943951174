package sde

import "math"

// VE is the variance-exploding process of Song et al. 2021 (eq. 30), 0 ≤ t ≤ 1:
//
//	α = 1,  σ = Min·(Max/Min)^t,  u = 0,  g = σ √(2 ln(Max/Min))
//
// σ(0) = Min is the noise that the data are taken to have.
type VE struct{ Min, Max float64 } // 0 < Min < Max

// SongVE is the usual choice for images in [0, 1], σ from 0.01 to 50.
var SongVE = VE{Min: 0.01, Max: 50}

// Marginal returns 1 and σ(t).
func (v VE) Marginal(t float64) (alpha, sigma float64) {
	return 1, v.Min * exp(float64(t*log(v.Max/v.Min)))
}

// Drift returns 0.
func (v VE) Drift(t float64) float64 { return 0 }

// Diffusion returns g(t) = σ √(2 ln(Max/Min)).
func (v VE) Diffusion(t float64) float64 {
	_, sigma := v.Marginal(t)
	return sigma * math.Sqrt(2*log(v.Max/v.Min))
}
