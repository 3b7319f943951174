package theory

import (
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Corollary1 is what [Check.Corollary1] finds.
type Corollary1 struct {
	Linear Report // f(x, t) = u(t)·x: the corollary's premise, which says nothing of the group
	Drift  Report // f(Ax, t) = A·f(x, t): its consequence, for the check's group
}

// Corollary1 checks Corollary 1 on a drift: if f(x, t) = u(t)·x for a scalar function u, then f is equivariant under every group
// of linear isometries, and diffusion keeps every invariance of its start. u(t) is the least-squares fit over the points, so the
// premise has the error of its rounding.
//
// The drift of a process of package sde is [Linear](p, n).Drift. Under an exact group its equivariance is one of bits.
func (c Check) Corollary1(f Field) Corollary1 {
	linear := c.report(func(x []float64) bool { return size(x) > 0 }) // at 0 every u will do
	points, n, typical := c.points(), c.Group.Dim(), c.typical(c.Group.Dim(), f)
	all := slices.Concat(points...)
	values, ux := make([]float64, len(all)), make([]float64, n)
	xx := floats.Dot(all, all)
	for i, t := range c.times() {
		for k, x := range points {
			f(values[k*n:(k+1)*n], x, t)
		}
		u := 0.0
		if xx > 0 {
			u = floats.Dot(values, all) / xx
		}
		for k, x := range points {
			floats.ScaleTo(ux, u, x)
			linear.compare(values[k*n:(k+1)*n], ux, place{point: x, time: t, scale: typical[i]})
		}
	}
	return Corollary1{linear.done(), c.Equivariant(f)}
}
