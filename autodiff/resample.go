package autodiff

import (
	"fmt"

	"spdiff/asm"
	"spdiff/tensor"
)

// MeanPool2 halves images: each pixel of the result is the mean of 2×2 pixels of x, ((NW+SE)+(NE+SW))·¼. That tree is mapped
// to itself by every mirror and quarter turn, so the result commutes with them to the last bit. It panics with a *ShapeError
// if x is not (N, H, W, C) with even H and W.
func MeanPool2(x *Node) *Node {
	s := x.Shape()
	if len(s) != 4 || s[1]%2 != 0 || s[2]%2 != 0 {
		panic(&ShapeError{"meanpool2", []tensor.Shape{s}, "the shape must be (N, H, W, C) with even H and W; an odd side has no halves"})
	}
	n, h, w, c := s[0], s[1]/2, s[2]/2, s[3]
	quads := make([]int32, 0, 4*h*w)
	for p := range h * w {
		nw := int32(2*(p/w)*2*w + 2*(p%w))
		quads = append(quads, nw, nw+int32(2*w)+1, nw+1, nw+int32(2*w))
	}
	return apply(op{
		name:  "meanpool2",
		shape: tensor.Shape{n, h, w, c},
		flops: int64(4 * n * h * w * c),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perImage(n, h*w, c, func(i, lo, hi int) {
				zi := z[(i*h*w+lo)*c : (i*h*w+hi)*c]
				asm.GatherSum(zi, a[0][i*4*h*w*c:(i+1)*4*h*w*c], quads[4*lo:4*hi], 4)
				asm.Scale(zi, 0.25, zi)
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{Scale(Upsample2(dz), 0.25)} },
	}, x)
}

// Upsample2 doubles images: each pixel of x becomes 2×2 equal ones. It panics with a *ShapeError if x is not (N, H, W, C).
func Upsample2(x *Node) *Node {
	s := x.Shape()
	if len(s) != 4 {
		panic(&ShapeError{"upsample2", []tensor.Shape{s}, "the shape must be (N, H, W, C)"})
	}
	n, h, w, c := s[0], 2*s[1], 2*s[2], s[3]
	from := make([]int32, h*w)
	for p := range from {
		from[p] = int32(p/w/2*(w/2) + p%w/2)
	}
	return apply(op{
		name:  "upsample2",
		shape: tensor.Shape{n, h, w, c},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perImage(n, h*w, c, func(i, lo, hi int) {
				asm.Gather(z[(i*h*w+lo)*c:(i*h*w+hi)*c], a[0][i*h*w/4*c:(i+1)*h*w/4*c], from[lo:hi])
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{Scale(MeanPool2(dz), 4)} },
	}, x)
}

// perImage cuts n images of so many pixels of c channels into pieces of about chunk numbers, and calls do for pixels
// lo ≤ p < hi of image i.
func perImage(n, pixels, c int, do func(i, lo, hi int)) []tensor.Task {
	most := max(1, chunk/c) // pixels of a piece
	pieces := (pixels + most - 1) / most
	return []tensor.Task{{N: n * pieces, Do: func(k, _ int) {
		lo := k % pieces * most
		do(k/pieces, lo, min(lo+most, pixels))
	}}}
}

// checkIndex panics unless the elements of x, whole numbers in float32, are at least 0 and less than n.
func checkIndex(op string, x float32, n int) int {
	i := int(x)
	if float32(i) != x || i < 0 || i >= n {
		panic(fmt.Sprintf("autodiff: %s of number %v of %d", op, x, n))
	}
	return i
}
