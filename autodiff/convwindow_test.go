package autodiff

import (
	"fmt"
	"slices"
	"testing"

	"spdiff/tensor"
)

// slowWindow is ConvWindow as it is defined: the image padded, and a window at each place.
func slowWindow(s tensor.ConvShape, kh, kw, stride int, pad tensor.Padding) func(a [][]float64) []float64 {
	return func(a [][]float64) (z []float64) {
		for image := range s.N {
			for y := -pad.Top; y+kh <= s.H+pad.Bottom; y += stride {
				for x := -pad.Left; x+kw <= s.W+pad.Right; x += stride {
					for o := range s.Cout {
						sum := a[2][o]
						for t := range kh * kw {
							r, q := y+t/kw, x+t%kw
							if r < 0 || r >= s.H || q < 0 || q >= s.W {
								continue
							}
							for c := range s.Cin {
								sum += a[0][((image*s.H+r)*s.W+q)*s.Cin+c] * a[1][(t*s.Cin+c)*s.Cout+o]
							}
						}
						z = append(z, sum)
					}
				}
			}
		}
		return z
	}
}

func init() {
	for _, c := range []struct {
		kh, kw, stride int
		pad            tensor.Padding
	}{
		{3, 3, 2, tensor.Padding{}},
		{3, 3, 1, tensor.Padding{}},
		{1, 7, 1, tensor.Padding{Left: 3, Right: 3}},
		{5, 2, 3, tensor.Padding{Top: 2, Right: 1}},
	} {
		s := tensor.ConvShape{N: 2, H: 6, W: 7, Cin: 2, Cout: 3}
		addCases(opCase{
			name:   fmt.Sprintf("product/window/%dx%d/%d", c.kh, c.kw, c.stride),
			covers: []string{"product.dx", "product.dw"},
			args:   []arg{{shape: tensor.Shape{2, 6, 7, 2}}, {shape: tensor.Shape{c.kh * c.kw, 2, 3}}, {shape: tensor.Shape{3}}},
			build:  func(x []*Node) *Node { return ConvWindow(x[0], x[1], x[2], c.kh, c.kw, c.stride, c.pad) },
			want:   slowWindow(s, c.kh, c.kw, c.stride, c.pad),
			tol:    1e-5,
		}, opCase{
			name:   fmt.Sprintf("product.relu/%dx%d/%d", c.kh, c.kw, c.stride),
			covers: []string{"product.dx", "product.dw", "leakyrelu.grad"},
			args:   []arg{{shape: tensor.Shape{2, 6, 7, 2}}, {shape: tensor.Shape{c.kh * c.kw, 2, 3}}, {shape: tensor.Shape{3}}},
			build:  func(x []*Node) *Node { return ConvWindowReLU(x[0], x[1], x[2], c.kh, c.kw, c.stride, c.pad) },
			want: func(x [][]float64) []float64 {
				z := slowWindow(s, c.kh, c.kw, c.stride, c.pad)(x)
				for i := range z {
					z[i] = max(z[i], 0)
				}
				return z
			},
			tol: 1e-5,
		})
	}
}

// The fused operation has the bits of the two.
func TestConvWindowReLUBits(t *testing.T) {
	for _, k := range []int{1, 3} {
		x, w, b := Input("x", 3, 20, 17, 21), Input("w", k*k, 21, 69), Input("b", 69)
		pad := tensor.Padding{Top: k / 2, Left: k / 2}
		one, two := ConvWindowReLU(x, w, b, k, k, 1, pad), ReLU(ConvWindow(x, w, b, k, k, 1, pad))
		s := Compile(one, two).NewWorkspace()
		for i, n := range []*Node{x, w, b} {
			copy(s.Input(n), normalNoise(len(s.Input(n)), uint64(i)))
		}
		s.Run()
		if !slices.Equal(s.Output(one), s.Output(two)) {
			t.Errorf("%d×%d: they differ", k, k)
		}
	}
}

func TestConvWindowPanics(t *testing.T) {
	wantShapeError(t, func() {
		ConvWindow(Input("x", 1, 4, 4, 3), Input("w", 9, 2, 5), nil, 3, 3, 2, tensor.Padding{})
	}, "autodiff: conv of 1×4×4×3 and 9×2×5: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)")
	wantShapeError(t, func() {
		ConvWindow(Input("x", 1, 4, 4, 3), Input("w", 6, 3, 5), nil, 3, 3, 2, tensor.Padding{})
	}, "autodiff: conv of 1×4×4×3 and 6×3×5: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)")
}
