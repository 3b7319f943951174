package autodiff

import (
	"testing"

	"spdiff/tensor"
)

// turns are the orbits of the quarter turns on a 3×3 image.
var turns = [][]int32{{0, 8, 2, 6}, {1, 7, 5, 3}, {4}}

func init() {
	addCases(
		opCase{
			name: "sumpixels", covers: []string{"broadcastpixels"},
			args:  []arg{{shape: tensor.Shape{2, 3, 3, 5}}},
			build: func(x []*Node) *Node { return SumPixels(x[0], turns) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 2*5)
				for i, v := range x[0] {
					z[i/45*5+i%5] += v
				}
				return z
			},
		},
		opCase{
			name: "broadcastpixels", covers: []string{"sumpixels"},
			args:  []arg{{shape: tensor.Shape{2, 5}}},
			build: func(x []*Node) *Node { return BroadcastPixels(x[0], 3, 3, turns) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 2*9*5)
				for i := range z {
					z[i] = x[0][i/45*5+i%5]
				}
				return z
			},
		},
	)
}

// The sum over pixels of a turned image has the same bits; in raster order it
// would not.
func TestSumPixelsIsInvariant(t *testing.T) {
	quarter := []int{2, 5, 8, 1, 4, 7, 0, 3, 6}
	const c = 64
	x := noise(9*c, 1)
	turned := make([]float32, 0, len(x))
	for _, p := range quarter {
		turned = append(turned, x[p*c:(p+1)*c]...)
	}
	in := Input("x", 1, 3, 3, c)
	tree := SumPixels(in, turns)
	if !sameBits(evalOne(tree, in, x), evalOne(tree, in, turned)) {
		t.Error("a quarter turn changes the sum over the pixels")
	}
	raster := SumTo(in, 1, 1, 1, c)
	if sameBits(evalOne(raster, in, x), evalOne(raster, in, turned)) {
		t.Error("the numbers are too tame: no order of the sum matters")
	}
}
