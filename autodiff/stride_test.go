package autodiff

import (
	"fmt"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

func init() {
	for _, size := range []int{2, 4, 6} {
		kernel := tensor.Kernel(group.C4.Taps(size, size))
		addCases(opCase{
			name:   fmt.Sprintf("tapsums2/%d", size),
			covers: []string{"tapspread2"},
			args:   []arg{{shape: tensor.Shape{2, 6, 8, 3}}},
			build:  func(x []*Node) *Node { return TapSums2(x[0], kernel) },
			want:   func(x [][]float64) []float64 { return slowTapSums(x[0], 2, 6, 8, 3, kernel) },
		})
	}
}

// slowTapSums is TapSums2 as it is defined.
func slowTapSums(x []float64, n, h, w, c int, kernel tensor.Kernel) (z []float64) {
	for image := range n {
		for y := range h / 2 {
			for xx := range w / 2 {
				for _, orbit := range kernel {
					for ch := range c {
						sum := 0.0
						for _, t := range orbit {
							if p, q := 2*y+t[0], 2*xx+t[1]; p >= 0 && p < h && q >= 0 && q < w {
								sum += x[((image*h+p)*w+q)*c+ch]
							}
						}
						z = append(z, sum)
					}
				}
			}
		}
	}
	return z
}

// Bad shapes and orbits are panics that say what would be right.
func TestTapSums2Panics(t *testing.T) {
	even := tensor.Kernel(group.H.Taps(2, 2))
	for _, f := range []func(){
		func() { TapSums2(Input("x", 2, 4, 4), even) },
		func() { TapSums2(Input("x", 2, 5, 4, 1), even) },
		func() { TapSums2(Input("x", 2, 4, 4, 1), nil) },
		func() { TapSums2(Input("x", 2, 4, 4, 1), tensor.Kernel{{{0, 0}, {0, 1}, {1, 0}}}) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*ShapeError); !ok {
					t.Error("no *ShapeError")
				}
			}()
			f()
		}()
	}
}
