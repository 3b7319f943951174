package sde

import "math"

// DDPM is the ancestral chain of Ho, Jain & Abbeel, "Denoising diffusion probabilistic models" (2020), for any linear process:
// from t to s it draws from the Gaussian with the mean of p(x_s | x_t, x₀ = D) (eq. 7)
//
//	x ← (a σ_s²/σ_t²) x + (α_s v/σ_t²) D + c ε,    x_t | x_s ~ N(a x_s, v I)
//
// and, as its sec. 3.2 has it, one of two variances: that of p(x_s | x_t, x₀), c² = v σ_s²/σ_t², right for data of one point;
// or Large, c² = v, right for Gaussian data of variance 1. The last step adds no large noise. Where steps are short the two
// agree; the first is [DDIM] with η = 1.
type DDPM struct {
	Large bool
}

// Validate implements [Solver]: every setting makes sense.
func (m DDPM) Validate() error { return nil }

// Traits implements [Solver].
func (m DDPM) Traits() Traits { return Traits{Order: 1, Evaluations: 1, Stochastic: true} }

// Begin implements [Solver].
func (m DDPM) Begin(r *Run) func(i int) error {
	return func(i int) error {
		t, s := r.Times[i], r.Times[i+1]
		if err := r.Denoise(t); err != nil {
			return err
		}
		a, b, c := m.coefficients(r.Process, t, s)
		if m.Large && i == len(r.Times)-2 {
			c = 0
		}
		r.Combine(a, b)
		r.AddNoise(c, i)
		return nil
	}
}

// coefficients returns the step as x ← a·x + b·D + c·ε.
func (m DDPM) coefficients(p Process, t, s float64) (a, b, c float64) {
	alphaS, sigmaS := p.Marginal(s)
	_, sigmaT := p.Marginal(t)
	k, v := transition(p, s, t)
	ratio := sigmaS / sigmaT
	if c = ratio * math.Sqrt(v); m.Large {
		c = math.Sqrt(v)
	}
	return k * ratio * ratio, alphaS * v / float64(sigmaT*sigmaT), c
}
