package autodiff

import (
	"testing"

	"spdiff/tensor"
)

func init() {
	images, channels := arg{shape: tensor.Shape{2, 3, 3, 5}}, arg{shape: tensor.Shape{2, 5}}
	at := func(i int) int { return i/45*5 + i%5 }
	addCases(
		opCase{
			name: "affine", covers: []string{"dotpixels"},
			args:  []arg{images, channels, channels},
			build: func(x []*Node) *Node { return Affine(x[0], x[1], x[2]) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, len(x[0]))
				for i, v := range x[0] {
					z[i] = v*x[1][at(i)] + x[2][at(i)]
				}
				return z
			},
		},
		opCase{
			name: "dotpixels", covers: []string{"affine"},
			args:  []arg{images, images},
			build: func(x []*Node) *Node { return DotPixels(x[0], x[1]) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 10)
				for i, v := range x[0] {
					z[at(i)] += v * x[1][i]
				}
				return z
			},
		},
		opCase{
			name: "squarepixels", covers: []string{"affine", "sumpixels"},
			args:  []arg{images, channels},
			build: func(x []*Node) *Node { return SquarePixels(x[0], x[1], turns) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 10)
				for i, v := range x[0] {
					d := v - x[1][at(i)]
					z[at(i)] += d * d
				}
				return z
			},
		},
	)
}

// A variance has the same bits for an image and the image turned; in raster order it would not.
func TestSquarePixelsIsInvariant(t *testing.T) {
	quarter := []int{2, 5, 8, 1, 4, 7, 0, 3, 6}
	const c = 64
	x := noise(9*c, 1)
	turned := make([]float32, 0, len(x))
	for _, p := range quarter {
		turned = append(turned, x[p*c:(p+1)*c]...)
	}
	in := Input("x", 1, 3, 3, c)
	var raster [][]int32
	for p := range int32(9) {
		raster = append(raster, []int32{p})
	}
	mean := Fill(0.125, 1, c)
	if z := SquarePixels(in, mean, turns); !sameBits(evalOne(z, in, x), evalOne(z, in, turned)) {
		t.Error("a quarter turn changes the sum of squares")
	}
	if z := SquarePixels(in, mean, raster); sameBits(evalOne(z, in, x), evalOne(z, in, turned)) {
		t.Error("the numbers are too tame: no order of the sum matters")
	}
}

func TestAffineErrors(t *testing.T) {
	x, a := Input("x", 2, 3, 3, 5), Input("a", 2, 4)
	wantShapeError(t, func() { Affine(x, a, a) }, "autodiff: affine of 2×3×3×5 and 2×4: the shapes must be (N, H, W, C) and (N, C)")
	wantShapeError(t, func() { DotPixels(a, a) }, "autodiff: dotpixels of 2×4: the shape must be (N, H, W, C)")
}
