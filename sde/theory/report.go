package theory

import (
	"fmt"
	"math"
	"slices"
)

// A Report is what a check found.
type Report struct {
	Max     float64   // the largest violation; NaN if a value is none
	Bound   float64   // what the check allows
	Exact   bool      // both sides had equal bits everywhere (a zero has no sign where an element is no mere permutation)
	Point   []float64 // where the violation is largest; nil if there is none
	Time    float64
	Element int
}

// Holds reports whether the violation is within the bound: equal bits for a bound of 0.
func (r Report) Holds() bool {
	if r.Bound == 0 {
		return r.Exact
	}
	return r.Max <= r.Bound
}

// String says whether the statement holds, and where the violation is.
func (r Report) String() string {
	switch {
	case r.Exact:
		return "holds: equal bits"
	case r.Holds():
		return fmt.Sprintf("holds: largest violation %.2g, bound %.2g", r.Max, r.Bound)
	}
	return fmt.Sprintf("does not hold: violation %.3g, bound %.2g, at %.3g, t = %.3g, element %d", r.Max, r.Bound, r.Point, r.Time, r.Element)
}

// A place is where two sides are compared.
type place struct {
	point   []float64
	time    float64
	element int
	strict  bool // signs of zeros count
}

// see takes a violation at a place into account.
func (r *Report) see(violation float64, at place) {
	if violation > r.Max || math.IsNaN(violation) && !math.IsNaN(r.Max) {
		r.Max, r.Point, r.Time, r.Element = violation, slices.Clone(at.point), at.time, at.element
	}
}

// compare takes the two sides into account: max |left − right| / max(1, max |right|).
func (r *Report) compare(left, right []float64, at place) {
	difference, size := 0.0, 1.0
	for i, v := range right {
		d := math.Abs(left[i] - v)
		if !same(left[i], v, at.strict) {
			r.Exact = false
		}
		if left[i] != v { // else equal infinities would differ by NaN
			difference = math.Max(difference, d)
		}
		size = math.Max(size, math.Abs(v))
	}
	r.see(difference/size, at)
}

// same reports whether two numbers are one: in all bits, or but for the sign of a zero. A NaN is the same as none.
func same(x, y float64, strict bool) bool {
	return x == y && (!strict || math.Signbit(x) == math.Signbit(y))
}
