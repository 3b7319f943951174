package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// Affine scales and shifts the channels of each image, z = a·x + b with one rounding: x (N, H, W, C), a and b (N, C). It panics
// with a *ShapeError if the shapes do not fit.
func Affine(x, a, b *Node) *Node {
	n, length, c := imageShape("affine", x, a, b)
	s := x.Shape()
	images := imagesOf(s)
	return apply(op{
		name:    "affine",
		shape:   s,
		inplace: 1,
		images:  images,
		flops:   2 * int64(size(s)),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, a, b := args[0], args[1], args[2]
			return perRow(images, n, length, func(i int) {
				asm.Affine(row(z, i, length), row(x, i, length), row(a, i, c), row(b, i, c))
			})
		},
		grad: func(_, dz *Node) []*Node {
			da := DotPixels(dz, x)
			return []*Node{Affine(dz, a, Zeros(n, c)), da, sumOverPixels(dz)}
		},
		expand: func(args []*Node) *Node {
			return Add(Mul(args[0], overPixels(args[1], s)), overPixels(args[2], s))
		},
	}, x, a, b)
}

// overPixels gives all pixels of images of shape s the channels of x (N, C).
func overPixels(x *Node, s tensor.Shape) *Node {
	return Expand(Reshape(x, s[0], 1, 1, s[3]), s...)
}

// sumOverPixels sums each image of x (N, H, W, C) over its pixels, to (N, C), in the order of SumTo.
func sumOverPixels(x *Node) *Node {
	s := x.Shape()
	return Reshape(SumTo(x, s[0], 1, 1, s[3]), s[0], s[3])
}

// DotPixels sums x·y over the pixels of each image, channel by channel: (N, H, W, C) both, to (N, C). Each sum is one chain of fused
// multiply-adds, pixels ascending, from +0: it is for gradients, and not invariant to the last bit. It panics with a *ShapeError if
// the shapes do not fit.
func DotPixels(x, y *Node) *Node {
	checkSame("dotpixels", x, y)
	n, length, c := imageShape("dotpixels", x)
	images := imagesOf(x.Shape())
	return apply(op{
		name:   "dotpixels",
		shape:  tensor.Shape{n, c},
		images: images,
		flops:  2 * int64(n*length),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, y := args[0], args[1]
			return perRow(images, n, length, func(i int) {
				zi := row(z, i, c)
				clear(zi)
				asm.ColumnDot(zi, row(x, i, length), row(y, i, length))
			})
		},
		grad: func(_, dz *Node) []*Node {
			none := Zeros(n, c)
			return []*Node{Affine(y, dz, none), Affine(x, dz, none)}
		},
		expand: func(args []*Node) *Node {
			return sumOverPixels(Mul(args[0], args[1]))
		},
	}, x, y)
}

// SquarePixels sums (x − μ)² over the pixels of each image, channel by channel: x (N, H, W, C) and μ (N, C) to (N, C). The order is
// that of SumPixels: over the orbits of a group the result is the same, to the last bit, for an image and its transforms. It panics
// with a *ShapeError if the shapes do not fit or the orbits do not partition the pixels.
func SquarePixels(x, mu *Node, orbits [][]int32) *Node {
	n, length, c := imageShape("squarepixels", x, mu)
	s := x.Shape()
	checkPartition("squarepixels", s, orbits, length/c)
	runs := orbitRuns(orbits)
	images := imagesOf(s)
	return apply(op{
		name:   "squarepixels",
		shape:  tensor.Shape{n, c},
		images: images,
		flops:  3 * int64(size(s)),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, mu := args[0], args[1]
			return perRow(images, n, length, func(i int) {
				zi := row(z, i, c)
				clear(zi)
				for _, r := range runs {
					asm.OrbitSquares(zi, row(x, i, length), row(mu, i, c), r.pixels, r.n)
				}
			})
		},
		grad: func(_, dz *Node) []*Node {
			twice := Scale(dz, 2)
			off := Sub(Scale(mu, float32(length/c)), SumPixels(x, orbits))
			return []*Node{Affine(x, twice, Neg(Mul(twice, mu))), Mul(twice, off)}
		},
		expand: func(args []*Node) *Node {
			return sumOverPixels(Square(Sub(args[0], overPixels(args[1], s))))
		},
	}, x, mu)
}

// imageShape returns how many images x is, of how many numbers and channels each. It panics with a *ShapeError unless x is
// (N, H, W, C) and each of the others (N, C).
func imageShape(op string, x *Node, others ...*Node) (n, length, c int) {
	s := x.Shape()
	fail := func(reason string, shapes ...tensor.Shape) {
		panic(&ShapeError{op, append([]tensor.Shape{s}, shapes...), reason})
	}
	if len(s) != 4 {
		fail("the shape must be (N, H, W, C)")
	}
	for _, o := range others {
		if !o.Shape().Equal(tensor.Shape{s[0], s[3]}) {
			fail("the shapes must be (N, H, W, C) and (N, C)", o.Shape())
		}
	}
	return s[0], size(s) / s[0], s[3]
}
