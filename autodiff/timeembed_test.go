package autodiff

import (
	"fmt"
	"math"
	"testing"

	"spdiff/tensor"
)

// The operations are primitives; the case holds the formula. The times are those
// of a network, which takes 1000·t.
func TestTimestepEmbedding(t *testing.T) {
	const dim, h = 12, 6
	times := []float32{0, 1, 17.25, 999, 1000}
	in := Input("t", len(times))
	got := evalOne(TimestepEmbedding(in, dim), in, times)
	for n, tn := range times {
		for i := range h {
			f := math.Pow(10000, -float64(i)/h)
			phase := float64(float32(f)) * float64(tn)
			// An ulp of the phase is as many radians.
			tol := 2e-7 + math.Abs(phase)*6e-8
			if c := got[n*dim+i]; math.Abs(float64(c)-math.Cos(phase)) > tol {
				t.Errorf("t = %v: cosine %d is %v, want %v", tn, i, c, math.Cos(phase))
			}
			if s := got[n*dim+h+i]; math.Abs(float64(s)-math.Sin(phase)) > tol {
				t.Errorf("t = %v: sine %d is %v, want %v", tn, i, s, math.Sin(phase))
			}
		}
	}
}

func TestTimestepEmbeddingErrors(t *testing.T) {
	s := Input("t", 3)
	for _, dim := range []int{-2, 0, 7} {
		wantShapeError(t, func() { TimestepEmbedding(s, dim) },
			"autodiff: timestepembedding of 3: the times must be (N), and the dimensions, here "+fmt.Sprint(dim)+", an even number")
	}
	wantShapeError(t, func() { TimestepEmbedding(Input("t", 3, 1), 8) },
		"autodiff: timestepembedding of 3×1: the times must be (N), and the dimensions, here 8, an even number")
}

func init() {
	addCases(opCase{
		name:  "concat/timestepembedding",
		args:  []arg{{shape: tensor.Shape{3}, lo: -2, hi: 2}},
		build: func(x []*Node) *Node { return TimestepEmbedding(x[0], 4) },
		want: func(x [][]float64) (z []float64) {
			f := [2]float64{1, 0.01}
			for _, t := range x[0] {
				z = append(z, math.Cos(t*f[0]), math.Cos(t*f[1]), math.Sin(t*f[0]), math.Sin(t*f[1]))
			}
			return z
		},
	})
}
