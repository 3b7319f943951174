package sde

import "math"

// SRA1 is the stochastic Runge–Kutta scheme of strong order 1.5 for additive noise of Rößler, "Runge–Kutta methods for the
// strong approximation of solutions of stochastic differential equations" (2010), table 6.3, on the family of eq. 3. With f
// the drift against time, h = t − s, ΔW = √h ε₁ and J = √h (ε₁/2 + ε₂/√12), the mean of W over the step,
//
//	y = x + ¾h f(x, t) + 3/2 λ g_s J
//	x ← x + h (f(x, t) + 2 f(y, t − ¾h))/3 + λ (g_s (ΔW − J) + g_t J)
//
// It takes two evaluations and two draws, 2i and 2i+1, a step; with λ = 0 it is Ralston's method of order 2. On [Cosine] its
// first time must be left out, as for [EulerMaruyama].
type SRA1 struct {
	Lambda float64 // λ ≥ 0
}

// Validate implements [Solver].
func (m SRA1) Validate() error {
	return validate("SRA1", setting{"Lambda", m.Lambda, 0, math.MaxFloat64, 1})
}

// Traits implements [Solver].
func (m SRA1) Traits() Traits { return Traits{Order: 2, Evaluations: 2, Stochastic: m.Lambda > 0} }

// Begin implements [Solver].
func (m SRA1) Begin(r *Run) func(i int) error {
	must(m.Validate())
	first, y, eps1, eps2 := r.Buffer(), r.Buffer(), r.Buffer(), r.Buffer()
	return func(i int) error {
		t := r.Times[i]
		h := t - r.Times[i+1]
		middle := t - float64(0.75*h)
		if m.Lambda > 0 {
			r.Draw(eps1, 2*i)
			r.Draw(eps2, 2*i+1)
		}
		if err := r.DenoiseTo(first, r.X, t); err != nil {
			return err
		}
		a, b := reversal(r.Process, m.Lambda, t)
		gt := float64(m.Lambda * r.Process.Diffusion(t) * math.Sqrt(h)) // rounded before it is added to others, on every machine
		gs := float64(m.Lambda * r.Process.Diffusion(r.Times[i+1]) * math.Sqrt(h))
		r.Sum(y, Term{1 - float64(0.75*h*a), r.X}, Term{-0.75 * h * b, first},
			Term{0.75 * gs, eps1}, Term{1.5 / sqrt12 * gs, eps2})
		if err := r.DenoiseTo(r.Denoised, y, middle); err != nil {
			return err
		}
		c, d := reversal(r.Process, m.Lambda, middle)
		r.Sum(r.X, Term{1 - float64(h*a)/3, r.X}, Term{-h * b / 3, first},
			Term{-2 * h * c / 3, y}, Term{-2 * h * d / 3, r.Denoised},
			Term{(gs + gt) / 2, eps1}, Term{(gt - gs) / sqrt12, eps2})
		return nil
	}
}

const sqrt12 = 2 * 1.7320508075688772935

// Grid has shorter steps towards the end, and not the first time.
func (m SRA1) Grid(p Process, evaluations int) []float64 { return reversalGrid(p, (evaluations+1)/2) }
