package sde

import "math"

// DDIM is the sampler of Song, Meng & Ermon, "Denoising diffusion implicit models" (2021), eq. 12 and 16, for any linear
// process. From t to s < t:
//
//	x ← α_s D + √(σ_s² − c²) (x − α_t D)/σ_t + c ε,    c = η (σ_s/σ_t) √(σ_t² − (α_t/α_s)² σ_s²)
//
// With η = 0 it is deterministic and solves the probability flow, exactly where D is constant along a path (order 1
// elsewhere); with η = 1 it draws from p(x_s | x_t, x₀ = D), the ancestral sampling of DDPM.
//
// Images are usually made with a clamped denoiser, d.Clamp(−1, 1): the direction (x − α_t D)/σ_t then follows the clamped D,
// as in the paper's code.
type DDIM struct {
	Eta float64 // 0 ≤ η ≤ 1

	// Ahead is the asymmetric time interval t_d of "Analog Bits" (Chen, Zhang & Hinton 2023): a step from t to s takes α_s
	// and σ_s at max(s − t_d, last time), further along than the next step believes. 0 is none; the paper's code has one
	// step's length, 1/n.
	Ahead float64
}

// Validate implements [Solver].
func (m DDIM) Validate() error {
	return validate("DDIM", setting{"Eta", m.Eta, 0, 1, 1}, setting{"Ahead", m.Ahead, 0, math.MaxFloat64, 0})
}

// Traits implements [Solver].
func (m DDIM) Traits() Traits { return Traits{Order: 1, Evaluations: 1, Stochastic: m.Eta > 0} }

// Begin implements [Solver].
func (m DDIM) Begin(r *Run) func(i int) error {
	must(m.Validate())
	last := r.Times[len(r.Times)-1]
	return func(i int) error {
		t := r.Times[i]
		if err := r.Denoise(t); err != nil {
			return err
		}
		a, b, c := m.coefficients(r.Process, t, math.Max(r.Times[i+1]-m.Ahead, last))
		r.Combine(a, b)
		r.AddNoise(c, i)
		return nil
	}
}

// coefficients returns the step from t to s as x ← a·x + b·D + c·ε.
func (m DDIM) coefficients(p Process, t, s float64) (a, b, c float64) {
	alphaT, sigmaT := p.Marginal(t)
	alphaS, sigmaS := p.Marginal(s)
	_, v := transition(p, s, t)
	c = m.Eta * (sigmaS / sigmaT) * math.Sqrt(v)
	a = math.Sqrt(math.Max(0, float64(sigmaS*sigmaS)-float64(c*c))) / sigmaT
	return a, alphaS - float64(a*alphaT), c
}
