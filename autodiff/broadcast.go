package autodiff

import (
	"slices"

	"spdiff/tensor"
)

// scalar returns the constant a.
func scalar(a float32) *Node {
	t := tensor.New()
	t.Data()[0] = a
	return Constant(t)
}

// Zeros returns a constant of zeros.
func Zeros(shape ...int) *Node { return Fill(0, shape...) }

// Fill returns a constant whose every element is a.
func Fill(a float32, shape ...int) *Node { return Expand(scalar(a), shape...) }

// Expand broadcasts x to a bigger shape by numpy's rule: the shapes are aligned
// at their last axes, missing leading axes count as 1, and an axis of length 1
// repeats. Its gradient is SumTo. It panics with a *ShapeError if the shapes do
// not fit so.
func Expand(x *Node, shape ...int) *Node {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	checkDims("expand", shape)
	axes := merge(broadcastAxes("expand", x.Shape(), shape))
	return apply(op{
		name:  "expand",
		shape: slices.Clone(shape),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return spreadTasks(z, a[0], axes)
		},
		grad: func(_, dz *Node) []*Node { return []*Node{SumTo(dz, x.Shape()...)} },
	}, x)
}

// An axis of a broadcast from a small shape to a big one.
type axis struct {
	n       int  // length in the big shape
	repeats bool // length 1 in the small one
}

// broadcastAxes returns the axes of the broadcast from small to big.
func broadcastAxes(op string, small, big tensor.Shape) []axis {
	lead := len(big) - len(small)
	axes := make([]axis, len(big))
	for d, n := range big {
		if lead < 0 || d >= lead && small[d-lead] != n && small[d-lead] != 1 {
			break
		}
		axes[d] = axis{n, d < lead || small[d-lead] != n}
	}
	if lead < 0 || slices.Contains(axes, axis{}) {
		panic(&ShapeError{op, []tensor.Shape{small, big}, "the first shape does not broadcast to the second"})
	}
	return axes
}

// merge joins neighbours of the same kind and drops axes of length 1.
func merge(axes []axis) []axis {
	var merged []axis
	for _, a := range axes {
		last := len(merged) - 1
		switch {
		case a.n == 1:
		case last >= 0 && merged[last].repeats == a.repeats:
			merged[last].n *= a.n
		default:
			merged = append(merged, a)
		}
	}
	return merged
}

// bigLen and smallLen are the numbers of elements on the two sides.
func bigLen(axes []axis) int {
	n := 1
	for _, a := range axes {
		n *= a.n
	}
	return n
}

func smallLen(axes []axis) int {
	n := 1
	for _, a := range axes {
		if !a.repeats {
			n *= a.n
		}
	}
	return n
}

// spreadTasks cuts spread along the first axis.
func spreadTasks(z, x []float32, axes []axis) []tensor.Task {
	if len(axes) == 0 {
		axes = []axis{{n: 1}}
	}
	first, inner := axes[0], axes[1:]
	zs, xs := bigLen(inner), smallLen(inner)
	per := max(1, chunk/zs) // indices of the first axis a piece
	return []tensor.Task{{N: (first.n + per - 1) / per, Do: func(i, _ int) {
		lo, hi := i*per, min((i+1)*per, first.n)
		if first.repeats {
			spread(z[lo*zs:hi*zs], x, axis{hi - lo, true}, inner)
		} else {
			spread(z[lo*zs:hi*zs], x[lo*xs:hi*xs], axis{hi - lo, false}, inner)
		}
	}}}
}

// spread broadcasts x to z over the axes first, inner….
func spread(z, x []float32, first axis, inner []axis) {
	zs, xs := len(z)/first.n, len(x)
	switch {
	case !first.repeats && len(inner) == 0:
		copy(z, x)
	case !first.repeats:
		xs /= first.n
		for i := range first.n {
			spread(z[i*zs:(i+1)*zs], x[i*xs:(i+1)*xs], inner[0], inner[1:])
		}
	case len(inner) == 0:
		z[0] = x[0]
		repeat(z, 1)
	default:
		spread(z[:zs], x, inner[0], inner[1:])
		repeat(z, zs)
	}
}

// repeat fills z with copies of its first n elements.
func repeat(z []float32, n int) {
	for n < len(z) {
		n += copy(z[n:], z[:n])
	}
}
