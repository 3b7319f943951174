package group

import (
	"fmt"
	"math"
)

// Images is the shape of n images of h×w pixels of c channels, NHWC: N·H·W·C numbers.
type Images struct{ N, H, W, C int }

// Len returns N·H·W·C.
func (s Images) Len() int { return s.N * s.H * s.W * s.C }

// A Difference is what [Check] measures.
type Difference struct {
	Exact   bool    // f(a·x) and a·f(x) have equal bits for every a in the group
	Max     float64 // the largest |f(a·x) − a·f(x)| over elements a and numbers; NaN if one of them is
	Element int     // the first element with that largest difference
}

// String says that the bits are equal, or how large the difference is and of which element.
func (d Difference) String() string {
	if d.Exact {
		return "equal bits"
	}
	return fmt.Sprintf("largest difference %.3g, of element %d", d.Max, d.Element)
}

// Check measures how far f is from commuting with g: it compares f(a·x) with a·f(x) for every element a of g. f sets z
// to its value at x; x holds images of the shape in, z of the shape out. f may keep no state that changes its result.
//
// An invariant function, f(a·x) = f(x), is one whose output is a single pixel, H = W = 1, on which every group acts
// trivially.
//
// It panics with an [*ActionError] if g does not act on one of the two grids, and with a [*LengthError] if x has not the
// length of its shape, or a shape has no numbers.
func Check(g Group, f func(z, x []float32), x []float32, in, out Images) Difference {
	g.mustAct(in.H, in.W)
	g.mustAct(out.H, out.W)
	if in.N < 1 || in.C < 1 || len(x) != in.Len() {
		panic(&LengthError{"x", len(x), in.N, in.H, in.W, in.C})
	}
	if out.N < 1 || out.C < 1 || out.Len() < 1 {
		panic(&LengthError{"z", 0, out.N, out.H, out.W, out.C})
	}
	ax, fax := make([]float32, in.Len()), make([]float32, out.Len())
	fx, afx := make([]float32, out.Len()), make([]float32, out.Len())
	g.Act(ax, x, 0, in.N, in.H, in.W, in.C)
	f(fx, ax)
	d := Difference{Exact: true}
	for a := range g.Order() {
		g.Act(ax, x, a, in.N, in.H, in.W, in.C)
		f(fax, ax)
		g.Act(afx, fx, a, out.N, out.H, out.W, out.C)
		d.compare(a, fax, afx)
	}
	return d
}

// compare takes the results of element a into account.
func (d *Difference) compare(a int, z, y []float32) {
	for i := range z {
		if math.Float32bits(z[i]) == math.Float32bits(y[i]) {
			continue
		}
		d.Exact = false
		e := math.Abs(float64(z[i]) - float64(y[i]))
		if e > d.Max || math.IsNaN(e) && !math.IsNaN(d.Max) {
			d.Max, d.Element = e, a
		}
	}
}
