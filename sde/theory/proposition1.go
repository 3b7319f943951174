package theory

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Proposition1 is what [Check.Proposition1] finds.
type Proposition1 struct {
	Drift   Report // f(Ax, t) = A·f(x, t), eq. 9: sufficient
	Current Report // div(p·v) = 0 with v = A⁻¹f(Ax, t) − f(x, t): necessary and sufficient
}

// Proposition1 checks when a diffusion dx = f(x, t) dt + g(t) dw that starts from an invariant p₀ has invariant marginals p_t at
// all times. The paper's Proposition 1 says: if and only if the drift is equivariant (eq. 9).
//
// "If" is true as it stands. "Only if" needs care: adding to the drift a field v with div(p_t v) = 0, whose current carries
// nothing in or out anywhere, leaves every p_t as it was, be v equivariant or not. The turning field v = (−x₂, x₁) does so to an
// isotropic Gaussian: mirrored, it turns the other way, and yet all marginals keep the mirror.
//
// What holds both ways is this. Let f_A(x, t) = A⁻¹f(Ax, t), the drift as seen after A. The Fokker–Planck equation of p_t∘A has
// the drift f_A instead of f, and is otherwise the same. If all p_t are invariant, subtracting one from the other leaves
//
//	div(p_t·(f_A − f)) = 0   for all A and t;
//
// and if this holds, p_t solves both equations, so p_t∘A = p_t by the uniqueness of their solution. Divided by p_t it reads
// div v + v·∇ ln p_t = 0, which is what Current measures, relative to the sizes of the same terms of f; div v is by
// differences, which have errors of about 10⁻¹¹. An equivariant drift has v = 0.
//
// score is that of this process's marginals, ∇ ln p_t: exact ([Evolution.Score]), or a network's. With the score of p₀ alone
// and time 0, Current says whether the marginals start to lose their invariance at once. Where it is not known, move a sample
// ([Ito.Simulate]) and look at that ([Check.Sample]), or a density ([Ito.Evolve], [Check.Invariant]).
func (c Check) Proposition1(f, score Field) Proposition1 {
	return Proposition1{c.Equivariant(f), c.current(f, score)}
}

func (c Check) current(f, score Field) Report {
	r, n := c.report(nil), c.Group.Dim()
	s, v, z := make([]float64, n), make([]float64, n), make([]float64, n)
	typical := c.typical(1, func(z, x []float64, t float64) {
		score(s, x, t)
		f(v, x, t)
		z[0] = size(divergences(f, x, t)) + math.Abs(floats.Dot(v, s))
	})
	c.each(typical, func(at place, _ []float64) {
		seen, x, t := c.seenAfter(f, at.element), at.point, at.time
		seen(v, x, t)
		f(z, x, t)
		floats.Sub(v, z)
		score(s, x, t)
		terms := divergences(seen, x, t)
		floats.Sub(terms, divergences(f, x, t))
		for i := range v {
			terms = append(terms, float64(v[i]*s[i]))
		}
		sum := floats.Sum(terms)
		r.unequal = r.unequal || sum != 0
		if sum != 0 {
			sum = math.Abs(sum) / math.Max(floats.Norm(terms, 1), at.scale)
		}
		r.see(sum, at)
	})
	return r.done()
}

// seenAfter returns f_A(x, t) = A⁻¹f(Ax, t).
func (c Check) seenAfter(f Field, a int) Field {
	ax, fax := make([]float64, c.Group.Dim()), make([]float64, c.Group.Dim())
	return func(z, x []float64, t float64) {
		c.Group.Act64(ax, x, a)
		f(fax, ax, t)
		c.Group.Act64(z, fax, c.Group.Inverse(a))
	}
}

// divergences returns ∂fᵢ/∂xᵢ at x, by differences.
func divergences(f Field, x []float64, t float64) []float64 {
	x, z, d := slices.Clone(x), make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		d[i] = difference(func(x []float64) float64 {
			f(z, x, t)
			return z[i]
		}, x, i)
	}
	return d
}
