package sde

import "math"

// Heun is the sampler of Karras et al., "Elucidating the design space of diffusion-based generative models" (2022), alg. 2,
// for any linear process by the change of variables x/α, ς = σ/α. A step first adds noise, back to the level
// ς̂ = (1+γ)ς, and then takes Heun's step of order 2 from there,
//
//	y ← y + √(ς̂² − ς²) S ε,    γ = min(Churn/n, √2 − 1) where Min ≤ ς ≤ Max, else 0
//	d = (y − D)/ς̂,  y' = y + (ς_s − ς̂) d,  d' = (y' − D')/ς_s,    y ← y + (ς_s − ς̂)(d + d')/2
//
// a step to ς_s = 0 ending with y'. Without churn it solves the probability flow with two evaluations a step. Its grid is
// [Karras]; uniform times of [Cosine], whose ς spans seven powers of ten, are not for it. No noise is added beyond the first
// time of the solution.
type Heun struct {
	Churn    float64 // S_churn; 0: none, deterministic
	Min, Max float64 // S_tmin and S_tmax, levels; Max 0: no bound
	Noise    float64 // S_noise; 0: 1
}

// Validate implements [Solver].
func (m Heun) Validate() error {
	err := validate("Heun", setting{"Churn", m.Churn, 0, math.MaxFloat64, 10}, setting{"Min", m.Min, 0, math.MaxFloat64, 0},
		setting{"Max", m.Max, 0, math.Inf(1), 0}, setting{"Noise", m.Noise, 0, math.MaxFloat64, 1})
	if err == nil && m.Max > 0 && m.Max < m.Min {
		err = &SettingError{"Heun", "Max", m.Max, "0 for no bound, or Min or more", 0}
	}
	return err
}

// Traits implements [Solver].
func (m Heun) Traits() Traits { return Traits{Order: 2, Evaluations: 2, Stochastic: m.Churn > 0} }

// Begin implements [Solver].
func (m Heun) Begin(r *Run) func(i int) error {
	must(m.Validate())
	first, y := r.Buffer(), r.Buffer()
	return func(i int) error {
		t, s := m.churn(r, i), r.Times[i+1]
		a, b := straight(r.Process, t, s)
		if a == 0 {
			if err := r.Denoise(t); err != nil {
				return err
			}
			r.Combine(a, b)
			return nil
		}
		if err := r.DenoiseTo(first, r.X, t); err != nil {
			return err
		}
		r.Sum(y, Term{a, r.X}, Term{b, first})
		if err := r.DenoiseTo(r.Denoised, y, s); err != nil {
			return err
		}
		k, l, m := heun(r.Process, t, s)
		r.Sum(r.X, Term{k, r.X}, Term{l, first}, Term{m, r.Denoised})
		return nil
	}
}

// churn adds the noise of step i and returns the time that its level has.
func (m Heun) churn(r *Run, i int) float64 {
	t := r.Times[i]
	l, gamma := level(r.Process, t), math.Min(m.Churn/float64(len(r.Times)-1), math.Sqrt2-1)
	if gamma == 0 || l < m.Min || m.Max > 0 && l > m.Max {
		return t
	}
	back := timeAt(r.Process, 1, (1+gamma)*l, t, r.Times[0])
	a, v := transition(r.Process, t, back)
	if m.Noise > 0 {
		v *= float64(m.Noise * m.Noise)
	}
	r.Sum(r.X, Term{a, r.X})
	r.AddNoise(math.Sqrt(v), i)
	return back
}

// heun returns the second half of a step from t to s as x ← a·x + b·D + c·D'.
func heun(p Process, t, s float64) (a, b, c float64) {
	alphaT, sigmaT := p.Marginal(t)
	alphaS, sigmaS := p.Marginal(s)
	k, l := straight(p, t, s)
	q := alphaS * (sigmaS/alphaS - sigmaT/alphaT) / 2
	return alphaS/alphaT + q/sigmaT + float64(q*k)/sigmaS, float64(q*l)/sigmaS - float64(q*alphaT)/sigmaT, -q * alphaS / sigmaS
}

// Grid is the paper's: [Karras]'s with ρ = 7 from σ/α = 80 to 0.002, as far as the process has them, of two evaluations a
// step, and a step to the process's end where that is still below.
func (m Heun) Grid(p Process, evaluations int) []float64 {
	from, to, _ := Span(p)
	n := (evaluations + 1) / 2
	first, last := timeAt(p, 1, 80, to, from), timeAt(p, 1, 0.002, to, from)
	if last <= to || n < 2 {
		return Karras(p, first, to, n, 7)
	}
	return append(Karras(p, first, last, n-1, 7), to)
}
