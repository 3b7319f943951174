package sde

import "math"

// DPMSolver is DPM-Solver++(2M) and its stochastic form (Lu et al., "DPM-Solver++: fast solver for guided sampling of
// diffusion probabilistic models", 2022, alg. 2 and sec. 6), with one evaluation a step. With h = ln(α_s/σ_s) − ln(α_t/σ_t),
// from t to s,
//
//	x ← (σ_s/σ_t) e^{−ηh} x + α_s (1 − e^{−(1+η)h}) D̂ + σ_s √(1 − e^{−2ηh}) ε
//	D̂ = D + h/(2h') (D − D'),    h', D' those of the step before
//
// η = 0 solves the probability flow with order 2; η = 1 is SDE-DPM-Solver++(2M), for eq. 3 with λ² = η. The first step, one
// to σ_s = 0, and one where h > 2h' take D̂ = D: the D of two short steps does not say what it will be after a long one.
type DPMSolver struct {
	Eta float64 // η ≥ 0
}

// Validate implements [Solver].
func (m DPMSolver) Validate() error {
	return validate("DPMSolver", setting{"Eta", m.Eta, 0, math.MaxFloat64, 1})
}

// Traits implements [Solver].
func (m DPMSolver) Traits() Traits { return Traits{Order: 2, Evaluations: 1, Stochastic: m.Eta > 0} }

// Begin implements [Solver].
func (m DPMSolver) Begin(r *Run) func(i int) error {
	must(m.Validate())
	before := r.Buffer()
	return func(i int) error {
		if err := r.Denoise(r.Times[i]); err != nil {
			return err
		}
		a, b, c := m.coefficients(r.Process, r.Times[i], r.Times[i+1])
		if w := extrapolation(r.Process, r.Times, i); w > 0 {
			r.Sum(r.X, Term{a, r.X}, Term{b * (1 + w), r.Denoised}, Term{-b * w, before})
		} else {
			r.Combine(a, b)
		}
		r.AddNoise(c, i)
		copy(before, r.Denoised)
		return nil
	}
}

// coefficients returns the step as x ← a·x + b·D̂ + c·ε.
func (m DPMSolver) coefficients(p Process, t, s float64) (a, b, c float64) {
	alphaS, sigmaS := p.Marginal(s)
	_, sigmaT := p.Marginal(t)
	if sigmaS == 0 {
		return 0, alphaS, 0
	}
	h := growth(p, t, s)
	if m.Eta == 0 && math.IsInf(h, 1) { // from α = 0, where ηh is no number
		return sigmaS / sigmaT, alphaS, 0
	}
	return sigmaS / sigmaT * exp(float64(-m.Eta*h)), -alphaS * expm1(float64(-(1+m.Eta)*h)), sigmaS * math.Sqrt(-expm1(float64(-2*m.Eta*h)))
}

// growth returns ln(α_s/σ_s) − ln(α_t/σ_t).
func growth(p Process, t, s float64) float64 { return log(level(p, t) / level(p, s)) }

// extrapolation returns h/(2h') for step i, 0 where D̂ = D.
func extrapolation(p Process, times []float64, i int) float64 {
	if i == 0 {
		return 0
	}
	w := growth(p, times[i], times[i+1]) / (2 * growth(p, times[i-1], times[i]))
	if !(w <= 1) {
		return 0
	}
	return w
}
