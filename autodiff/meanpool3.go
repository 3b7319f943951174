package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// MeanPool3 returns for each pixel the mean of the 3×3 about it, of those that are on the image: 2×3, 3×2 or 2×2 along the border.
// Off the image pixels count as +0 in the sum, by the tree
//
//	z = (((N + S) + (W + E)) + ((NW + SE) + (NE + SW)) + middle)·(1/number of pixels),
//
// which every flip and quarter turn maps to itself up to swaps: MeanPool3 commutes with them to the last bit. The shape
// (N, H, W, C) stays. It panics with a *ShapeError if x has not four axes, or H or W is 1.
func MeanPool3(x *Node) *Node {
	s := checkBox("meanpool3", x)
	o := boxOp("meanpool3", s, true)
	share := func() *Node {
		share := tensor.New(1, s[1], s[2], 1)
		for p := range share.Data() {
			share.Data()[p] = 1 / float32(pixelsAbout(s, p/s[2], p%s[2]))
		}
		return Expand(Constant(share), s...)
	}
	o.grad = func(_, dz *Node) []*Node { return []*Node{box3(Mul(dz, share()))} }
	o.expand = func(a []*Node) *Node { return Mul(boxSum(a[0]), share()) }
	return apply(o, x)
}

// box3 returns the sum in place of the mean. It is its own adjoint.
func box3(x *Node) *Node {
	o := boxOp("box3", x.Shape(), false)
	o.grad = func(_, dz *Node) []*Node { return []*Node{box3(dz)} }
	o.expand = func(a []*Node) *Node { return boxSum(a[0]) }
	return apply(o, x)
}

func checkBox(name string, x *Node) tensor.Shape {
	s := x.Shape()
	if len(s) != 4 || min(s[1], s[2]) < 2 {
		panic(&ShapeError{name, []tensor.Shape{s}, "the shape must be (N, H, W, C), of 2×2 pixels or more"})
	}
	return s
}

// boxOp returns the operation without its gradient.
func boxOp(name string, s tensor.Shape, mean bool) op {
	return op{
		name:   name,
		shape:  s,
		images: imagesOf(s),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perRow(imagesOf(s), s[0]*s[1], 9*s[2]*s[3], func(i int) { boxRow(z, a[0], s, i, mean) })
		},
	}
}

// ring is where a pixel's neighbours are, as (dy, dx), in the order of the tree.
var ring = [8][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, 1}, {-1, 1}, {1, -1}}

// boxRow computes row number i of all images: its first pixel, those between, and its last one.
func boxRow(z, x []float32, s tensor.Shape, i int, mean bool) {
	h, w, c := s[1], s[2], s[3]
	for _, b := range [3][2]int{{0, 1}, {1, w - 1}, {w - 1, w}} {
		from, to := b[0], b[1]
		if from >= to {
			continue
		}
		n := (to - from) * c
		var leaves [8][]float32
		for k, d := range ring {
			if y := i%h + d[0]; y >= 0 && y < h && from+d[1] >= 0 && to+d[1] <= w {
				leaves[k] = x[((i+d[0])*w+from+d[1])*c:][:n]
			}
		}
		at := (i*w + from) * c
		zb := z[at : at+n]
		asm.TreeSum(zb, leaves[:], &asm.Stripes{Len: n, Count: 1, Z: n, X: n})
		asm.Add(zb, zb, x[at:at+n])
		if mean {
			asm.Scale(zb, 1/float32(pixelsAbout(s, i%h, from)), zb)
		}
	}
}

// pixelsAbout counts the pixels of an image that are no more than one from (y, x).
func pixelsAbout(s tensor.Shape, y, x int) int {
	n := func(at, size int) int { return min(at+2, size) - max(at-1, 0) }
	return n(y, s[1]) * n(x, s[2])
}

// boxSum returns the sum of the 3×3 about each pixel in simple operations.
func boxSum(x *Node) *Node {
	s := x.Shape()
	pixels := Reshape(x, s[0], s[1]*s[2], s[3])
	z := pixels
	for _, d := range ring {
		z = Add(z, gatherOrZero(pixels, seenBy(d, s[1], s[2])))
	}
	return Reshape(z, s...)
}
