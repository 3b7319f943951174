package sde

import "math"

// DormandPrince solves the probability flow by the Runge–Kutta pair of order 5(4) of Dormand & Prince, "A family of embedded
// Runge–Kutta formulae" (1980), with steps as long as a tolerance allows. It works on dz/dτ = D for z = x/σ, τ = α/σ, so that
// the linear part of the flow is exact, and a step along which D is constant too.
//
// A time step of the grid is the longest step. It is halved, and halved again, as long as the difference E of the two formulae
// has
//
//	rms_i( E_i / (1 + max(|x_i|, |x_i'|)) ) > Tol
//
// and doubled again where it is below Tol/64. (It is halved too where α/σ grows by more than α/σ + ½: stages so far apart see
// nothing of what lies between, and the error would seem to be nothing.) Each image has steps of its own: those that are to make the same step at the
// same time make it together, the others wait. So an image is the same in any batch, and each distinct step costs six
// evaluations of the whole batch. The root mean square is a sum that no permutation of pixels changes in a bit.
//
// To σ = 0, where τ is infinite, it goes by way of σ/α = 0.002, and x ← αD from there.
type DormandPrince struct {
	Tol float64 // 0: 1e-3; +Inf: each time step is one step, of order 5, unless it is too long to see by
}

// Validate implements [Solver].
func (m DormandPrince) Validate() error {
	return validate("DormandPrince", setting{"Tol", m.Tol, 0, math.Inf(1), 1e-3})
}

// Traits implements [Solver]. The first step of an image takes an evaluation more.
func (m DormandPrince) Traits() Traits {
	return Traits{Order: 5, Evaluations: stages - 1, OwnSteps: true}
}

// Begin implements [Solver].
func (m DormandPrince) Begin(r *Run) func(i int) error {
	must(m.Validate())
	if m.Tol == 0 {
		m.Tol = 1e-3
	}
	e := newEmbedded(r, m.Tol)
	return func(i int) error {
		t, s := r.Times[i], r.Times[i+1]
		if _, sigma := r.Process.Marginal(s); sigma > 0 {
			return e.cross(t, s)
		}
		last := timeAt(r.Process, 1, 0.002, s, t)
		if last < t {
			if err := e.cross(t, last); err != nil {
				return err
			}
		}
		if err := r.Denoise(last); err != nil {
			return err
		}
		r.Combine(straight(r.Process, last, s))
		return nil
	}
}

// stages is how many evaluations a step has; the last one, of the result, is the first of the next step.
const stages = 7

// The tableau: row j of dopri gives stage j+1 from the D before, at the fraction dopriTime of the step; the last row is the
// result, and dopriError the difference of the results of order 5 and 4.
var (
	dopri = [stages - 1][]float64{
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	}
	dopriTime  = [stages - 1]float64{1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1}
	dopriError = [stages]float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}
)

// A part is a step of one image within a time step: from where, in units of 2^−finest of the time step, and how often halved.
type part struct{ from, halvings int }

// finest is how often a time step can be halved: to 10⁻⁶ of it.
const finest = 20

func (p part) length() int { return 1 << (finest - p.halvings) }

// next returns the part after p where p's error, over the tolerance, is e.
func (p part) next(e float64) part {
	switch {
	case !(e <= 1):
		p.halvings++
		for e /= 32; e > 1 && p.halvings <= finest; e /= 32 {
			p.halvings++
		}
		return p
	case e < 1./64 && p.halvings > 0 && (p.from+p.length())%(2*p.length()) == 0:
		return part{p.from + p.length(), p.halvings - 1}
	}
	return part{p.from + p.length(), p.halvings}
}

// before reports whether p is to be made before q: the earlier, and of two at one time the longer.
func (p part) before(q part) bool {
	return p.from < q.from || p.from == q.from && p.halvings < q.halvings
}

// at returns the time at unit n of the time step from t to s.
func at(t, s float64, n int) float64 {
	if n == 1<<finest {
		return s
	}
	return t + float64(math.Ldexp(float64(n), -finest)*(s-t))
}

// Grid has one uniform time step for every twelve evaluations; the solver cuts them into as many steps as its tolerance takes.
func (m DormandPrince) Grid(p Process, evaluations int) []float64 {
	return plainGrid(p, max(evaluations/12, 1))
}
