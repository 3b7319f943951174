package asm_test

import (
	"fmt"

	"spdiff/asm"
)

func ExampleFMA() {
	x := float32(1 + 1.0/4096)
	fmt.Println(float32(x*x)-1-1.0/2048, asm.FMA(x, x, -1-1.0/2048))
	// Output: 0 5.9604645e-08
}

func ExampleOrbitSum() {
	x := []float32{1, 10, 2, 20, 3, 30, 4, 40} // four rows of two numbers
	sum := make([]float32, 2)
	asm.OrbitSum(sum, x, []int32{0, 3, 1, 2}, 4) // (row 0 + row 3) + (row 1 + row 2)
	fmt.Println(sum)
	// Output: [10 100]
}
