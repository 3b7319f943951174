package theory

import "math"

// Lemma1 is what [Check.Lemma1] finds.
type Lemma1 struct {
	Density  Report // ln p(Ax, t) = ln p(x, t)
	Score    Report // s(Ax, t) = A·s(x, t), eq. 8
	Gradient Report // s = ∇ ln p, to within GradientBound or the check's bound, whichever is larger
}

// GradientBound is what [Check.Lemma1] allows a score to differ from differences of the log-density.
const GradientBound = 1e-6

// Agree reports whether the two sides of the lemma are true together, or false together: each on evidence.
func (l Lemma1) Agree() bool {
	return l.Density.Holds() && l.Score.Holds() || l.Density.violated() && l.Score.violated()
}

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
	r, n, gradient := c.report(nil), c.Group.Dim(), Gradient(logDensity)
	r.Bound = max(c.Bound, GradientBound)
	s, d, typical := make([]float64, n), make([]float64, n), c.typical(n, score)
	for _, x := range c.points() {
		for i, t := range c.times() {
			score(s, x, t)
			gradient(d, x, t)
			r.compare(s, d, place{point: x, time: t, scale: typical[i]})
		}
	}
	return r.done()
}

// step is the first one of differences: with it their own error, about step⁴/30 of a fifth derivative, and rounding, about 10⁻¹³
// of the values, are alike where f changes over lengths of about 1.
const step = 0x1p-10

// difference returns the derivative of f along coordinate i of x, by the central difference of fourth order. A much shorter step
// tells whether the first one is short enough. If that is too long, or too short, steps grow from the shortest until the errors grow:
// longer ones could agree with each other and yet see another part of f.
func difference(f func(x []float64) float64, x []float64, i int) float64 {
	d, e := central(f, x, i, step)
	if short, rough := central(f, x, i, 0x1p-26); e <= 1e-9*math.Abs(d) && math.Abs(d-short) <= 10*rough {
		return d
	}
	best, least := math.NaN(), math.Inf(1)
	e = 0
	for h := 0x1p-40; h <= 0x1p+24 && !(e > 10*least); h *= 4 {
		if d, e = central(f, x, i, h); e < least {
			best, least = d, e
		}
	}
	return best
}

// central returns the central difference of fourth order with step h, and about its error: the difference to that of half the
// step, and what rounding of f and x makes.
func central(f func(x []float64) float64, x []float64, i int, h float64) (d, e float64) {
	const eps = 0x1p-52
	at, largest := x[i], 0.0
	value := func(d float64) float64 {
		x[i] = at + d
		v := f(x)
		x[i], largest = at, math.Max(largest, math.Abs(v))
		return v
	}
	half := value(h/2) - value(-h/2)
	near, far := value(h)-value(-h), value(2*h)-value(-2*h)
	d = (float64(8*near) - far) / (12 * h)
	gap := math.Abs(d - (float64(8*half)-near)/(6*h))
	return d, gap + float64(2*eps*largest/h) + float64(eps*math.Abs(at*d)/h)
}

// Gradient returns ∇f by central differences of fourth order: with an error of about 10⁻¹² for functions of order 1, and more where
// f changes over lengths much below 1, which differences of float64 see less well. It is NaN where f is not finite.
func Gradient(f Function) Field {
	return func(z, x []float64, t float64) {
		x = append([]float64(nil), x...)
		for i := range z {
			z[i] = difference(func(x []float64) float64 { return f(x, t) }, x, i)
		}
	}
}
