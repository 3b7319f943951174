package sde

import (
	"math"

	"spdiff/asm"
)

// A Process is a diffusion dx = u(t)·x dt + g(t) dw, t ≥ 0, with linear drift: the kind that preserves every group of
// linear isometries (Corollary 1 of Lu, Szabados & Yu, "Structure Preserving Diffusion Models"). Its kernel is
// x_t | x₀ ~ N(α(t) x₀, σ²(t) I).
type Process interface {
	// Marginal returns α(t) and σ(t).
	Marginal(t float64) (alpha, sigma float64)

	// Drift returns u(t) = d ln α/dt.
	Drift(t float64) float64

	// Diffusion returns g(t) ≥ 0, g² = dσ²/dt − 2uσ².
	Diffusion(t float64) float64
}

// Diffuse sets z = α(t)·x0 + σ(t)·eps (eq. 2): a draw of x_t given x₀, for standard normal eps. The product with x0 rounds,
// then the multiply-add does. z may be x0; lengths must be equal, else it panics with an *asm.LengthError.
func Diffuse(p Process, z, x0, eps []float32, t float64) {
	alpha, sigma := p.Marginal(t)
	combine(z, sigma, eps, alpha, x0)
}

// combine sets z = fma(a, x, b·y). z may be y.
func combine(z []float32, a float64, x []float32, b float64, y []float32) {
	asm.Scale(z, float32(b), y)
	asm.AddScaled(z, float32(a), x, z)
}

// transition returns the kernel from time s to t ≥ s, x_t | x_s ~ N(a x_s, v I).
func transition(p Process, s, t float64) (a, v float64) {
	alphaS, sigmaS := p.Marginal(s)
	alphaT, sigmaT := p.Marginal(t)
	a = alphaT / alphaS
	return a, math.Max(0, float64(sigmaT*sigmaT)-float64(float64(a*sigmaS)*float64(a*sigmaS)))
}
