package sde

import "math"

// Nichol is the cosine process of "Improved Denoising Diffusion Probabilistic Models" (Nichol & Dhariwal 2021, eq. 17), with 0 ≤ t ≤ 1:
//
//	α = cos v/cos v₀,  σ = √(sin(v − v₀)·sin(v + v₀))/cos v₀,  v = (t + 0.008)/(1.008 + 3·10⁻⁵)·π/2,  v₀ = v(0)
//
// so that σ² = 1 − α², β = π/1.00803·tan v, u = −β/2, g² = β. Their 1000 steps i = 0, 1, … are at t = (i + 1)/1000; the 3·10⁻⁵ end it at
// α(1) = 4.7·10⁻⁵, where they end by a bound on β.
type Nichol struct{}

// nichol is the process that begins with noise.
var nichol = Cosine{NS: 0.008, DS: 0.00803}

// Marginal returns α(t) and σ(t), exact for small t too.
func (Nichol) Marginal(t float64) (alpha, sigma float64) {
	v, v0 := nichol.angle(t), nichol.angle(0)
	_, alpha = sincos(v)
	_, first := sincos(v0)
	less, _ := sincos(v - v0)
	more, _ := sincos(v + v0)
	return alpha / first, math.Sqrt(math.Max(0, less*more)) / first
}

// Drift returns u(t) = −β(t)/2.
func (Nichol) Drift(t float64) float64 { return nichol.Drift(t) }

// Diffusion returns g(t) = √β(t).
func (Nichol) Diffusion(t float64) float64 { return nichol.Diffusion(t) }
