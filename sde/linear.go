package sde

import "math"

// Linear is the variance-preserving process with β(t) = B0 + t·(B1 − B0), 0 ≤ t ≤ 1 (Song et al. 2021, eq. 32):
//
//	ln α = −t²(B1 − B0)/4 − t·B0/2,  σ² = 1 − α²,  u = −β/2,  g² = β
type Linear struct{ B0, B1 float64 }

// SongLinear is the usual choice, β from 0.1 to 20.
var SongLinear = Linear{B0: 0.1, B1: 20}

func (l Linear) beta(t float64) float64 { return l.B0 + float64(t*(l.B1-l.B0)) }

func (l Linear) logAlpha(t float64) float64 {
	return -t * (float64(t*(l.B1-l.B0))/4 + l.B0/2)
}

// Marginal returns α(t) and σ(t) = √(1 − α²), exact for small t too.
func (l Linear) Marginal(t float64) (alpha, sigma float64) {
	log := l.logAlpha(t)
	return 1 + expm1(log), math.Sqrt(-expm1(2 * log))
}

// Drift returns u(t) = −β(t)/2.
func (l Linear) Drift(t float64) float64 { return -l.beta(t) / 2 }

// Diffusion returns g(t) = √β(t).
func (l Linear) Diffusion(t float64) float64 { return math.Sqrt(l.beta(t)) }
