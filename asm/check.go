package asm

import (
	"fmt"
	"math"
	"slices"
)

// A LengthError reports slices whose lengths do not fit together, or sizes that are none. Kernels panic with it.
type LengthError struct {
	Kernel  string
	Lengths []int
}

// Error names the kernel and the lengths.
func (e *LengthError) Error() string {
	return fmt.Sprintf("asm: %s of lengths %v, which do not fit together", e.Kernel, e.Lengths)
}

// panicLength copies the lengths, so that those of a call that does not panic need no memory.
func panicLength(kernel string, lengths ...int) {
	panic(&LengthError{kernel, slices.Clone(lengths)})
}

// same panics unless the slices have one length.
func same(kernel string, z []float32, others ...[]float32) {
	for _, v := range others {
		if len(v) != len(z) {
			panicLength(kernel, len(z), len(v))
		}
	}
}

// reach panics unless the slices have n numbers at least. What is negative is a size that no int holds.
func reach(kernel string, n int, vs ...[]float32) {
	for _, v := range vs {
		if n < 0 || len(v) < n {
			panicLength(kernel, n, len(v))
		}
	}
}

// plus returns the sum of sizes, or the largest int if that is more, which no slice reaches. A negative size is one that no int holds.
func plus(sizes ...int) int {
	sum := 0
	for _, n := range sizes {
		if sum += n; n < 0 || sum < 0 {
			return math.MaxInt
		}
	}
	return sum
}

// times returns the product of two sizes likewise.
func times(n, size int) int {
	if n < 0 || size > 0 && n > math.MaxInt/size {
		return math.MaxInt
	}
	return n * size
}

// notNegative panics if one of the numbers is.
func notNegative(kernel string, numbers ...int) {
	for _, n := range numbers {
		if n < 0 {
			panicLength(kernel, numbers...)
		}
	}
}

// rowsOf returns the number of rows of c numbers in n numbers, and panics if they do not come out even.
func rowsOf(kernel string, n, c int) int {
	if c == 0 && n == 0 {
		return 0
	}
	if c == 0 || n%c != 0 {
		panicLength(kernel, n, c)
	}
	return n / c
}

// isTree reports whether n summands have a tree: 1, 2, 4 or 8.
func isTree(n int) bool { return n == 1 || n == 2 || n == 4 || n == 8 }

// An IndexError reports a row number outside a matrix of Rows rows. Kernels panic with it.
type IndexError struct {
	Kernel    string
	Row, Rows int
}

// Error names the kernel, the row and how many there are.
func (e *IndexError) Error() string {
	return fmt.Sprintf("asm: %s of row %d, of %d rows", e.Kernel, e.Row, e.Rows)
}

// checkRows panics unless every row number is below n, and not below least unless least is negative.
func checkRows(kernel string, rows []int32, least int32, n int) {
	for _, r := range rows {
		if r < least && least == 0 || int(r) >= n {
			panic(&IndexError{kernel, int(r), n})
		}
	}
}
