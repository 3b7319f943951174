package theory

import "spdiff/group/isometry"

// Average returns the mean of f over the group (eq. 12),
//
//	f̄(x, t) = 1/|G| Σ_A A⁻¹f(Ax, t),
//
// which is equivariant, whatever f is, and f itself if that is equivariant. The sum is isometry.Group.Sum64: if the group is
// exact, f̄ is equivariant to the last bit. If |G| is a power of 2 besides, the average of an f that commutes to the last bit
// is f to the last bit (the sum of 2ᵏ equal numbers is exact, unless it overflows).
func Average(g *isometry.Group, f Field) Field {
	n := g.Dim()
	return func(z, x []float64, t float64) {
		ax, fax := make([]float64, n), make([]float64, n)
		terms := make([][]float64, g.Order())
		for a := range terms {
			g.Act64(ax, x, a)
			f(fax, ax, t)
			terms[a] = make([]float64, n)
			g.Act64(terms[a], fax, g.Inverse(a))
		}
		g.Sum64(z, terms)
		for i := range z {
			z[i] /= float64(g.Order())
		}
	}
}

// Averages is what [Check.Averages] finds.
type Averages struct {
	Average Report // f̄ is equivariant: always
	Given   Report // f is
	Fixed   Report // f̄ = f: if f is equivariant, and only then
}

// Averages checks the lemma on averages (section 5.1, eq. 12) on any function. All three are relative to the size of f: where f̄ is
// nearly 0 its rounding errors are still those of f.
func (c Check) Averages(f Field) Averages {
	mean, n := Average(c.Group, f), c.Group.Dim()
	fixed, typical := c.report(nil), c.typical(n, f)
	left, right := make([]float64, n), make([]float64, n)
	for _, x := range c.points() {
		for i, t := range c.times() {
			mean(left, x, t)
			f(right, x, t)
			fixed.compare(left, right, place{point: x, time: t, scale: typical[i]})
		}
	}
	return Averages{c.equivariant(mean, typical), c.equivariant(f, typical), fixed.done()}
}
