package theory

import (
	"fmt"

	"spdiff/group/isometry"
	"spdiff/tensor"
)

// A Function of a point and a time: a log-density, for instance.
type Function func(x []float64, t float64) float64

// A Field sets z = f(x, t), a vector of ℝⁿ at a point of ℝⁿ: a score, a drift. z and x do not overlap; x must not be changed.
type Field func(z, x []float64, t float64)

// A Check says over what statements are checked.
type Check struct {
	Group  *isometry.Group // not nil
	Points [][]float64     // of ℝⁿ, n the group's dimension
	Times  []float64       // nil is time 0 alone
	Bound  float64         // the largest violation to be allowed; 0 demands equal bits
}

// Points returns n ≥ 0 points of ℝᵈⁱᵐ, of independent normal coordinates with mean 0 and standard deviation scale: a function of
// the seed. Coordinates are float32 numbers times scale. It panics with a [*DimensionError] if dim is not positive or n is negative.
func Points(dim, n int, scale float64, seed uint64) [][]float64 {
	mustBePositive("a point", dim)
	mustBePositive("points, and one more,", n+1)
	all := make([]float64, n*dim)
	normal(all, seed, pointStream)
	points := make([][]float64, n)
	for i := range points {
		points[i] = all[i*dim : (i+1)*dim : (i+1)*dim]
		for j := range points[i] {
			points[i][j] *= scale
		}
	}
	return points
}

// The streams of a seed.
const (
	pointStream  = 0       // where points are
	choiceStream = 1       // of which component of a mixture a point is
	noiseStream  = 1 << 32 // of step 0 of a path; step i has the i-th after it
)

// normal fills z with standard normal numbers of a stream.
func normal(z []float64, seed, stream uint64) {
	s, buffer := tensor.NewStream(seed, stream), make([]float32, 4096)
	for at := 0; at < len(z); at += len(buffer) {
		part := buffer[:min(len(buffer), len(z)-at)]
		s.Normal(part, uint64(at))
		for i, v := range part {
			z[at+i] = float64(v)
		}
	}
}

// A DimensionError says that a vector has not the length that it must have.
type DimensionError struct {
	What      string
	Got, Want int
}

// Error names the vector, its length and the one that it must have.
func (e *DimensionError) Error() string {
	return fmt.Sprintf("theory: %s has %d numbers, want %d", e.What, e.Got, e.Want)
}

func mustBePositive(what string, dim int) {
	if dim < 1 {
		panic(&DimensionError{what, dim, 1})
	}
}

func mustHave(what string, got, want int) {
	if got != want {
		panic(&DimensionError{what, got, want})
	}
}

// each visits all finite points, times and elements, with ax = Ax. It panics with a [*DimensionError] if a point is not of ℝⁿ.
func (c Check) each(typical []float64, visit func(at place, ax []float64)) {
	ax, points := make([]float64, c.Group.Dim()), c.points()
	for a := range c.Group.Order() {
		_, strict := c.Group.Standard().Permutation(a)
		for _, x := range points {
			c.Group.Act64(ax, x, a)
			for i, t := range c.times() {
				visit(place{x, t, a, strict, typical[i]}, ax)
			}
		}
	}
}

func (c Check) times() []float64 {
	if c.Times == nil {
		return []float64{0}
	}
	return c.Times
}

// Invariant compares f(Ax, t) with f(x, t). For a log-density, or a density, this is the invariance of the distribution (eq. 5):
// an isometry does not change volumes.
func (c Check) Invariant(f Function) Report {
	r := c.report(c.moves)
	typical := c.typical(1, func(z, x []float64, t float64) { z[0] = f(x, t) })
	c.each(typical, func(at place, ax []float64) {
		at.strict = true // numbers do not change their signs
		r.compare([]float64{f(ax, at.time)}, []float64{f(at.point, at.time)}, at)
	})
	return r.done()
}

// Equivariant compares f(Ax, t) with A·f(x, t) (eqs. 8 and 9).
func (c Check) Equivariant(f Field) Report { return c.equivariant(f, c.typical(c.Group.Dim(), f)) }

// equivariant is Equivariant with the typical size of numbers at each time.
func (c Check) equivariant(f Field, typical []float64) Report {
	r, n := c.report(nil), c.Group.Dim()
	fx, fax, afx := make([]float64, n), make([]float64, n), make([]float64, n)
	c.each(typical, func(at place, ax []float64) {
		f(fax, ax, at.time)
		f(fx, at.point, at.time)
		c.Group.Act64(afx, fx, at.element)
		r.compare(fax, afx, at)
	})
	return r.done()
}
