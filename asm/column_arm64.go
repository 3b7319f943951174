//go:build !purego

package asm

// Columns are summed row by row, by the elementwise kernels: a row of the networks has 32 numbers or more.

func columnSum(sum, x []float32) {
	for p := 0; p < len(x); p += len(sum) {
		add(sum, sum, x[p:p+len(sum)])
	}
}

func columnDot(sum, x, y []float32) {
	for p := 0; p < len(x); p += len(sum) {
		mulAdd(sum, x[p:p+len(sum)], y[p:p+len(sum)], sum)
	}
}
