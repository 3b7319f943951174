package autodiff

import (
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// SumTo sums x down to a smaller shape, one that broadcasts to x's; it is the
// adjoint of Expand. It panics with a *ShapeError if the shapes do not fit so.
//
// The order is fixed by the shapes. Each image (each index of the first axis; a
// vector is one image) is summed by itself: from +0, its elements in row-major
// order, where a run over the trailing axes that are all summed is first
// reduced by asm.Sum. If the first axis is summed as well, the sums of the
// images are then added, ascending, from +0. So what an image contributes
// depends neither on the batch nor on the place in it.
func SumTo(x *Node, shape ...int) *Node {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	axes := broadcastAxes("sumto", shape, x.Shape())
	if len(axes) == 1 {
		axes = slices.Insert(axes, 0, axis{n: 1})
	}
	images, inner := axes[0], merge(axes[1:])
	byImage := imagesOf(x.Shape())
	if images.repeats && byImage > 0 {
		if each := eachImage(axes); !slices.Equal(each, x.Shape()) {
			return SumTo(SumTo(x, each...), shape...)
		}
		byImage = 0
	}
	o := op{
		name:   "sumto",
		shape:  slices.Clone(shape),
		images: byImage,
		flops:  int64(size(x.Shape())),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			if !images.repeats {
				return imageSums(z, a[0], byImage, images.n, inner)
			}
			return append(imageSums(a[1], a[0], 0, images.n, inner), addImages(z, a[1])...)
		},
		grad: func(_, dz *Node) []*Node { return []*Node{Expand(dz, x.Shape()...)} },
	}
	if images.repeats {
		o.scratch = images.n * size(shape)
	}
	return apply(o, x)
}

// eachImage returns the shape of the sums of each image by itself.
func eachImage(axes []axis) []int {
	each := []int{axes[0].n}
	for _, a := range axes[1:] {
		if a.repeats {
			a.n = 1
		}
		each = append(each, a.n)
	}
	return each
}

// imageSums sums each of n images of x over inner, byImage as imagesOf has it.
func imageSums(z, x []float32, byImage, n int, inner []axis) []tensor.Task {
	return perRow(byImage, n, len(x)/n, func(i int) {
		zi := row(z, i, len(z)/n)
		clear(zi)
		accumulate(zi, row(x, i, len(x)/n), inner)
	})
}

// accumulate adds the sums of x over axes to z.
func accumulate(z, x []float32, axes []axis) {
	switch {
	case len(axes) == 0:
		z[0] += x[0]
	case len(axes) == 1 && axes[0].repeats:
		z[0] += asm.Sum(x)
	case len(axes) == 1:
		asm.Add(z, z, x)
	case len(axes) == 2 && axes[0].repeats:
		asm.ColumnSum(z, x)
	default:
		zs, xs := 0, len(x)/axes[0].n
		if !axes[0].repeats {
			zs = len(z) / axes[0].n
		}
		for i := range axes[0].n {
			zi := z
			if !axes[0].repeats {
				zi = z[i*zs : (i+1)*zs]
			}
			accumulate(zi, x[i*xs:(i+1)*xs], axes[1:])
		}
	}
}

// addImages sums the rows of parts, each of z's length, ascending.
func addImages(z, parts []float32) []tensor.Task {
	return perChunk(len(z), func(lo, hi int) {
		clear(z[lo:hi])
		for at := 0; at < len(parts); at += len(z) {
			asm.Add(z[lo:hi], z[lo:hi], parts[at+lo:at+hi])
		}
	})
}

// Sum returns the sum of all elements of x, a scalar, in SumTo's order.
func Sum(x *Node) *Node { return SumTo(x) }

// Mean returns the mean of all elements of x, a scalar.
func Mean(x *Node) *Node { return Scale(Sum(x), 1/float32(size(x.Shape()))) }

// MSE returns the mean of (x − y)² over all elements, a scalar.
func MSE(x, y *Node) *Node { return Mean(Square(Sub(x, y))) }
