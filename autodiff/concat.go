package autodiff

import (
	"fmt"
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// withLast returns s with the last axis of another length.
func withLast(s tensor.Shape, length int) tensor.Shape {
	s = slices.Clone(s)
	s[len(s)-1] = length
	return s
}

// Concat joins tensors along the last axis. It panics with a *ShapeError if
// there is none, one is a scalar, or the other axes differ.
func Concat(x ...*Node) *Node {
	if len(x) == 1 {
		return x[0]
	}
	ends := concatEnds(x)
	n, _ := rows(x[0].Shape())
	length := ends[len(x)-1]
	shape := withLast(x[0].Shape(), length)
	images := imagesOf(shape)
	return apply(op{
		name:   "concat",
		shape:  shape,
		images: images,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perRows(images, n, length, func(lo, hi int) {
				at := 0
				for _, x := range a {
					l := len(x) / n
					copyRows(z[lo*length+at:], x[lo*l:], hi-lo, l, length, l)
					at += l
				}
			})
		},
		grad: func(_, dz *Node) []*Node {
			grads := make([]*Node, len(x))
			from := 0
			for i, to := range ends {
				grads[i] = Slice(dz, from, to)
				from = to
			}
			return grads
		},
	}, x...)
}

// copyRows copies n rows of l numbers, at distances dz in z and dx in x. Rows may be of a few numbers, as a plane of regular
// features has: one call for all takes 2 ns a row of 16, copy for each 12.
func copyRows(z, x []float32, n, l, dz, dx int) {
	leaf := [1][]float32{x}
	asm.TreeSum(z, leaf[:], &asm.Stripes{Len: l, Count: n, Z: dz, X: dx})
}

// concatEnds returns where each of x ends along the last axis, and checks them.
func concatEnds(x []*Node) []int {
	if len(x) == 0 {
		panic(&ShapeError{"concat", nil, "at least one tensor is needed"})
	}
	var shapes []tensor.Shape
	for _, n := range x {
		shapes = append(shapes, n.Shape())
	}
	var ends []int
	length := 0
	for _, s := range shapes {
		if len(s) == 0 || len(shapes[0]) == 0 || !slices.Equal(s[:len(s)-1], shapes[0][:len(shapes[0])-1]) {
			panic(&ShapeError{"concat", shapes, "all axes but the last must be equal"})
		}
		length += s[len(s)-1]
		ends = append(ends, length)
	}
	return ends
}

// Slice returns elements from … to−1 of each row; a row is along the last axis.
// It panics with a *ShapeError unless 0 ≤ from < to ≤ the row's length.
func Slice(x *Node, from, to int) *Node {
	checkRank("slice", x, 1)
	n, length := rows(x.Shape())
	if from == 0 && to == length {
		return x
	}
	if from < 0 || from >= to || to > length {
		panic(&ShapeError{"slice", []tensor.Shape{x.Shape()}, fmt.Sprintf("elements %d to %d are not in a row of %d", from, to, length)})
	}
	l := to - from
	images := imagesOf(x.Shape())
	return apply(op{
		name:   "slice",
		shape:  withLast(x.Shape(), l),
		images: images,
		attrs:  attributes{"from": from, "to": to},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x := a[0]
			return perRows(images, n, length, func(lo, hi int) {
				copyRows(z[lo*l:], x[lo*length+from:], hi-lo, l, l, length)
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{pad(dz, from, length-to)} },
	}, x)
}

// pad puts zeros before and after each row. It is the adjoint of Slice.
func pad(x *Node, before, after int) *Node {
	n, l := rows(x.Shape())
	length := before + l + after
	shape := withLast(x.Shape(), length)
	images := imagesOf(shape)
	return apply(op{
		name:   "pad",
		shape:  shape,
		images: images,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x := a[0]
			return perRow(images, n, length, func(i int) {
				row := z[i*length : (i+1)*length]
				clear(row[:before])
				copy(row[before:], x[i*l:(i+1)*l])
				clear(row[before+l:])
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{Slice(dz, before, before+l)} },
		expand: func(x []*Node) *Node {
			var parts []*Node
			if before > 0 {
				parts = append(parts, Zeros(withLast(shape, before)...))
			}
			if parts = append(parts, x[0]); after > 0 {
				parts = append(parts, Zeros(withLast(shape, after)...))
			}
			return Concat(parts...)
		},
	}, x)
}
