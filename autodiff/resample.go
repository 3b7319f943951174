package autodiff

import (
	"fmt"

	"spdiff/asm"
	"spdiff/tensor"
)

// MeanPool2 halves images: each pixel of the result is the mean of 2×2 pixels
// of x, by the tree
//
//	z = ¼·((NW + SE) + (NE + SW)),
//
// which every flip and quarter turn maps to itself up to swaps: MeanPool2
// commutes with them to the last bit. (N, H, W, C) becomes (N, H/2, W/2, C). It
// panics with a *ShapeError if x has not four axes or H or W is odd.
func MeanPool2(x *Node) *Node {
	s := x.Shape()
	if len(s) != 4 {
		panic(&ShapeError{"meanpool2", []tensor.Shape{s}, "the shape must be (N, H, W, C)"})
	}
	if s[1]%2 != 0 || s[2]%2 != 0 {
		panic(&ShapeError{"meanpool2", []tensor.Shape{s}, fmt.Sprintf("%d×%d pixels cannot be halved; both sides must be even", s[1], s[2])})
	}
	return pool2(x, 0.25)
}

// Upsample2 doubles images by repeating each pixel 2×2 times: (N, H, W, C)
// becomes (N, 2H, 2W, C). It panics with a *ShapeError if x has not four axes.
func Upsample2(x *Node) *Node {
	if s := x.Shape(); len(s) != 4 {
		panic(&ShapeError{"upsample2", []tensor.Shape{s}, "the shape must be (N, H, W, C)"})
	}
	return upsample2(x, 1)
}

// pool2 returns a times the sum of 2×2 pixels. Its adjoint is upsample2.
func pool2(x *Node, a float32) *Node {
	s := x.Shape()
	n, h, w, c := s[0], s[1]/2, s[2]/2, s[3]
	return apply(op{
		name:   "pool2",
		shape:  tensor.Shape{n, h, w, c},
		images: imagesOf(s),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, row := args[0], w*c
			pixels := asm.Stripes{Len: c, Count: w, Z: c, X: 2 * c}
			return perRow(imagesOf(s), n*h, 4*row, func(i int) {
				north := x[4*i*row : (4*i+2)*row]
				south := x[(4*i+2)*row : (4*i+4)*row]
				zi := z[i*row : (i+1)*row]
				corners := [4][]float32{north, south[c:], north[c:], south}
				asm.TreeSum(zi, corners[:], &pixels)
				asm.Scale(zi, a, zi)
			})
		},
		attrs: attributes{"factor": a},
		grad:  func(_, dz *Node) []*Node { return []*Node{upsample2(dz, a)} },
		expand: func(x []*Node) *Node {
			z := SumTo(Reshape(x[0], n, h, 2, w, 2, c), n, h, 1, w, 1, c)
			return Scale(Reshape(z, n, h, w, c), a)
		},
	}, x)
}

// upsample2 returns a times each pixel, 2×2 times. Its adjoint is pool2.
func upsample2(x *Node, a float32) *Node {
	s := x.Shape()
	n, h, w, c := s[0], s[1], s[2], s[3]
	return apply(op{
		name:   "upsample2",
		shape:  tensor.Shape{n, 2 * h, 2 * w, c},
		images: imagesOf(s),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, row := args[0], w*c
			return perRow(imagesOf(s), n*h, 4*row, func(i int) {
				xi, zi := x[i*row:(i+1)*row], z[4*i*row:(4*i+4)*row]
				for p := range w {
					west, east := zi[2*p*c:(2*p+1)*c], zi[(2*p+1)*c:(2*p+2)*c]
					asm.Scale(west, a, xi[p*c:(p+1)*c])
					copy(east, west)
				}
				copy(zi[2*row:], zi[:2*row])
			})
		},
		attrs: attributes{"factor": a},
		grad:  func(_, dz *Node) []*Node { return []*Node{pool2(dz, a)} },
		expand: func(x []*Node) *Node {
			z := Expand(Reshape(x[0], n, h, 1, w, 1, c), n, h, 2, w, 2, c)
			return Scale(Reshape(z, n, 2*h, 2*w, c), a)
		},
	}, x)
}
