package sde

import "math"

// SubVP is the sub-variance-preserving process of Song et al. 2021 (eq. 29) with β(t) = B0 + t·(B1 − B0), 0 ≤ t ≤ 1: the
// mean of [Linear], and never more variance,
//
//	ln α = −t²(B1 − B0)/4 − t·B0/2,  σ = 1 − α²,  u = −β/2,  g² = β(1 − α⁴)
type SubVP struct{ B0, B1 float64 }

// SongSubVP is the usual choice, β from 0.1 to 20.
var SongSubVP = SubVP{B0: 0.1, B1: 20}

// Marginal returns α(t) and σ(t) = 1 − α², exact for small t too.
func (s SubVP) Marginal(t float64) (alpha, sigma float64) {
	log := Linear(s).logAlpha(t)
	return 1 + expm1(log), -expm1(2 * log)
}

// Drift returns u(t) = −β(t)/2.
func (s SubVP) Drift(t float64) float64 { return Linear(s).Drift(t) }

// Diffusion returns g(t) = √(β(t)(1 − α⁴)).
func (s SubVP) Diffusion(t float64) float64 {
	return math.Sqrt(Linear(s).beta(t) * -expm1(4*Linear(s).logAlpha(t)))
}
