package warp_test

import (
	"fmt"

	"spdiff/tensor"
	"spdiff/tensor/warp"
)

// A move is a function of random numbers; its labels say what was done.
func Example() {
	x := []float32{0, 0, 0, 1, 1, 1, 0, 0, 0}
	z := make([]float32, len(x))
	for draw := range uint64(3) {
		m := warp.Draw(tensor.NewStream(11, draw), 0.12, 3, 3)
		warp.Warp(z, x, m, 3, 3, 1)
		fmt.Printf("%.2f\n", m.Labels)
	}
	// Output:
	// [0.00 0.00 0.00 0.00 0.00 -0.39 -0.29 0.26 -0.71]
	// [0.00 0.00 1.42 0.00 0.00 0.00 0.00 0.00 0.00]
	// [0.00 0.00 0.99 0.00 0.00 0.00 0.00 0.00 0.00]
}
