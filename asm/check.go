package asm

// same2 panics unless z and x have one length.
func same2(kernel string, z, x []float32) {
	if len(x) != len(z) {
		panicLength(kernel, len(z), len(x))
	}
}

// same3 panics unless z, x and y have one length.
func same3(kernel string, z, x, y []float32) {
	if len(x) != len(z) || len(y) != len(z) {
		panicLength(kernel, len(z), len(x), len(y))
	}
}

// same4 panics unless z, x, y and w have one length.
func same4(kernel string, z, x, y, w []float32) {
	if len(x) != len(z) || len(y) != len(z) || len(w) != len(z) {
		panicLength(kernel, len(z), len(x), len(y), len(w))
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
