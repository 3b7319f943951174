package asm

// Sin computes z = sin x within 2 ulp for every finite x; NaN at ±Inf. It is odd to the bit.
func Sin(z, x []float32) {
	same("Sin", z, x)
	sin(z, x)
}

// Cos computes z = cos x within 2 ulp for every finite x; NaN at ±Inf. It is even to the bit.
func Cos(z, x []float32) {
	same("Cos", z, x)
	cos(z, x)
}
