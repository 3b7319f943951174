package autodiff

import (
	"testing"

	"spdiff/tensor"
)

func init() {
	addCases(
		opCase{
			name: "maximum", covers: []string{"larger"},
			args:  []arg{{shape: tensor.Shape{2, 2}, data: []float32{1, -2, 0.5, 3}}, {shape: tensor.Shape{2, 2}, data: []float32{-1, 2, 0.25, 4}}},
			build: func(x []*Node) *Node { return Maximum(x[0], x[1]) },
			want:  each2(func(x, y float64) float64 { return max(x, y) }),
		},
		opCase{
			name:  "maximum/pool",
			args:  []arg{{shape: tensor.Shape{2, 4, 6, 3}}},
			build: func(x []*Node) *Node { return MaxPool2(x[0]) },
			want: func(x [][]float64) (z []float64) {
				at := func(i, y, x_, c int) float64 { return x[0][((i*4+y)*6+x_)*3+c] }
				for k := range 2 * 2 * 3 * 3 {
					c, px, py, i := k%3, k/3%3, k/9%2, k/18
					z = append(z, max(at(i, 2*py, 2*px, c), at(i, 2*py, 2*px+1, c), at(i, 2*py+1, 2*px, c), at(i, 2*py+1, 2*px+1, c)))
				}
				return z
			},
		},
		opCase{
			name:  "maximum/planes",
			args:  []arg{{shape: tensor.Shape{3, 12}}},
			build: func(x []*Node) *Node { return MaxPlanes(x[0], 4) },
			want: func(x [][]float64) []float64 {
				return ofPlanes(x[0], 4, func(a, b float64) float64 { return max(a, b) })
			},
		},
		opCase{
			name:  "add/planes",
			args:  []arg{{shape: tensor.Shape{3, 12}}},
			build: func(x []*Node) *Node { return SumPlanes(x[0], 4) },
			want:  func(x [][]float64) []float64 { return ofPlanes(x[0], 4, func(a, b float64) float64 { return a + b }) },
		},
	)
}

// ofPlanes joins the planes of rows of 12 numbers one after the other.
func ofPlanes(x []float64, planes int, join func(a, b float64) float64) (z []float64) {
	c := 12 / planes
	for r := 0; r < len(x); r += 12 {
		for i := range c {
			v := x[r+i]
			for p := 1; p < planes; p++ {
				v = join(v, x[r+p*c+i])
			}
			z = append(z, v)
		}
	}
	return z
}

// Of two equal numbers each has half of the derivative.
func TestMaximumOfEqual(t *testing.T) {
	x, y := Input("x", 1), Input("y", 1)
	for _, d := range Grad(Sum(Maximum(x, y)), x, y) {
		if got := evalOne(d, x, []float32{0}); got[0] != 0.5 {
			t.Errorf("the derivative is %v", got)
		}
	}
}

func TestMaximumErrors(t *testing.T) {
	wantShapeError(t, func() { MaxPool2(Input("x", 1, 7, 8, 2)) }, "autodiff: maxpool2 of 1×7×8×2: the shape must be (N, H, W, C), both sides even")
	wantShapeError(t, func() { MaxPlanes(Input("x", 2, 6), 4) }, "autodiff: maxplanes of 2×6: 4 planes are no power of 2 that divides the last axis")
}
