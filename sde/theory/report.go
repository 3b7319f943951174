package theory

import (
	"fmt"
	"math"
	"slices"
)

// A Report is what a check found.
type Report struct {
	Max   float64 // the largest violation; NaN if a value is none
	Bound float64 // what the check allows
	// Difference is the largest |left − right| where two sides are compared, in the units of the numbers; not always at Point.
	Difference float64
	Exact      bool      // there is evidence, and both sides had equal bits everywhere (a zero has no sign where an element is no mere permutation)
	Point      []float64 // where the violation is largest; nil if there is none
	Time       float64
	Element    int
	Evidence   int    // the number of different points that can show a violation
	Why        string // why this is no evidence that the statement holds; "" where it is some

	unequal bool // bits were compared that differ
}

// Holds reports whether there is evidence, and the violation is within the bound: equal bits for a bound of 0.
func (r Report) Holds() bool { return r.Why == "" && !r.violated() }

// violated reports whether the violation is beyond the bound: a disproof, however few points there are.
func (r Report) violated() bool {
	if r.Bound == 0 {
		return r.unequal
	}
	return !(r.Max <= r.Bound)
}

// done returns the report of a check that has seen all: nothing is exact without evidence.
func (r Report) done() Report {
	r.Exact = !r.unequal && r.Why == ""
	return r
}

// String says whether the statement holds, and where the violation is.
func (r Report) String() string {
	switch {
	case r.Why != "" && !r.violated():
		return "shows nothing: " + r.Why
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
	strict  bool    // signs of zeros count
	scale   float64 // the typical size of numbers, by which smaller ones are measured
}

// see takes a violation at a place into account.
func (r *Report) see(violation float64, at place) {
	if violation > r.Max || math.IsNaN(violation) && !math.IsNaN(r.Max) {
		r.Max, r.Point, r.Time, r.Element = violation, slices.Clone(at.point), at.time, at.element
	}
}

// compare takes the two sides into account: max |left − right| / max(|left|, |right|, the typical size).
func (r *Report) compare(left, right []float64, at place) {
	difference := 0.0
	for i, v := range right {
		if !same(left[i], v, at.strict) {
			r.unequal = true
		}
		if left[i] != v { // else equal infinities would differ by NaN
			difference = math.Max(difference, math.Abs(left[i]-v))
		}
	}
	r.Difference = math.Max(r.Difference, difference)
	if difference != 0 {
		difference /= math.Max(at.scale, math.Max(size(left), size(right)))
	}
	r.see(difference, at)
}

// same reports whether two numbers are one: in all bits, or but for the sign of a zero. A NaN is the same as none.
func same(x, y float64, strict bool) bool {
	return x == y && (!strict || math.Signbit(x) == math.Signbit(y))
}
