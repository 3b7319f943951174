package theory

// Lemma1 is what [Check.Lemma1] finds.
type Lemma1 struct {
	Density  Report // ln p(Ax, t) = ln p(x, t)
	Score    Report // s(Ax, t) = A·s(x, t), eq. 8
	Gradient Report // s = ∇ ln p, to within GradientBound or the check's bound, whichever is larger
}

// GradientBound is what [Check.Lemma1] allows a score to differ from differences of the log-density.
const GradientBound = 1e-6

// Agree reports whether the two sides of the lemma are true together, or false together.
func (l Lemma1) Agree() bool { return l.Density.Holds() == l.Score.Holds() }

// Lemma1 checks both sides of Lemma 1: p is invariant under a group of linear isometries if and only if its score ∇ ln p is
// equivariant. (One way, differentiate ln p(Ax) = ln p(x). The other, ln p(Ax) − ln p(x) has gradient 0, so it is a constant,
// and 0 since both densities integrate to 1.)
//
// That s is the score of p at all is checked by differences; a network's score of a density that is not known goes to
// [Check.Equivariant] alone, by [Network], and a density whose score is not known comes with [Gradient] of it.
func (c Check) Lemma1(logDensity Function, score Field) Lemma1 {
	return Lemma1{c.Invariant(logDensity), c.Equivariant(score), c.gradient(logDensity, score)}
}

func (c Check) gradient(logDensity Function, score Field) Report {
	r := Report{Bound: max(c.Bound, GradientBound), Exact: true}
	s, d, gradient := make([]float64, c.Group.Dim()), make([]float64, c.Group.Dim()), Gradient(logDensity)
	for _, x := range c.Points {
		for _, t := range c.times() {
			score(s, x, t)
			gradient(d, x, t)
			r.compare(s, d, place{point: x, time: t})
		}
	}
	return r
}

// step is that of differences: with it their own error, about step⁴/30 of a fifth derivative, and rounding, about 10⁻¹³ of
// the values, are alike.
const step = 0x1p-10

// difference returns the derivative of f along coordinate i of x, by the central difference of fourth order.
func difference(f func(x []float64) float64, x []float64, i int) float64 {
	at := x[i]
	value := func(d float64) float64 {
		x[i] = at + d
		return f(x)
	}
	near, far := value(step)-value(-step), value(2*step)-value(-2*step)
	x[i] = at
	return (float64(8*near) - far) / (12 * step)
}

// Gradient returns ∇f by central differences of fourth order: with an error of about 10⁻¹² for functions of order 1.
func Gradient(f Function) Field {
	return func(z, x []float64, t float64) {
		x = append([]float64(nil), x...)
		for i := range z {
			z[i] = difference(func(x []float64) float64 { return f(x, t) }, x, i)
		}
	}
}
