package sde

import "math"

// Cosine is the variance-preserving process of "Analog Bits" (Chen, Zhang & Hinton 2023), with 0 ≤ t ≤ 1:
//
//	α = cos v,  σ = sin v,  v = (t + NS)/(1 + DS)·π/2
//
// that is γ = α² = cos² v, β = π/(1 + DS)·tan v, u = −β/2, g² = β. At zero NS and DS it starts at σ = 0, and ends at α = 0
// with infinite β.
//
// At [PaperCosine]'s t = 1, β is about 40,000: see [EulerMaruyama] for where to start.
type Cosine struct {
	NS float64 // a small time ahead, so that σ(0) > 0
	DS float64 // a small stretch, so that α(1) > 0
}

// PaperCosine is the process of the paper's code: γ(t) = cos²((t + 0.0002)/(1.00025)·π/2).
var PaperCosine = Cosine{NS: 0.0002, DS: 0.00025}

func (c Cosine) angle(t float64) float64 { return float64((t + c.NS) / (1 + c.DS) * (math.Pi / 2)) }

// beta returns β(t) = π/(1 + DS)·tan v.
func (c Cosine) beta(t float64) float64 {
	sin, cos := sincos(c.angle(t))
	return math.Pi / (1 + c.DS) * (sin / cos)
}

// Marginal returns α(t) = cos v and σ(t) = sin v.
func (c Cosine) Marginal(t float64) (alpha, sigma float64) {
	sigma, alpha = sincos(c.angle(t))
	return alpha, sigma
}

// Drift returns u(t) = −β(t)/2.
func (c Cosine) Drift(t float64) float64 { return -c.beta(t) / 2 }

// Diffusion returns g(t) = √β(t).
func (c Cosine) Diffusion(t float64) float64 { return math.Sqrt(c.beta(t)) }
