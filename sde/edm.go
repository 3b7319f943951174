package sde

import "math"

// EDM is the process of Karras et al., "Elucidating the design space of diffusion-based generative models" (2022), whose
// time is the noise itself:
//
//	α = 1,  σ = t,  u = 0,  g = √(2t)
//
// Images in [−1, 1] are drawn from t = 80 down to 0.002, then 0: see [Karras].
type EDM struct{}

// Marginal returns 1 and t.
func (EDM) Marginal(t float64) (alpha, sigma float64) { return 1, t }

// Drift returns 0.
func (EDM) Drift(t float64) float64 { return 0 }

// Diffusion returns √(2t).
func (EDM) Diffusion(t float64) float64 { return math.Sqrt(2 * t) }

// Range returns 80 and 0.002, table 1.
func (EDM) Range() (from, to float64) { return 80, 0.002 }
