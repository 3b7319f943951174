package asm

// Add computes z = x + y.
func Add(z, x, y []float32) {
	same("Add", z, x, y)
	add(z, x, y)
}

// Sub computes z = x − y.
func Sub(z, x, y []float32) {
	same("Sub", z, x, y)
	sub(z, x, y)
}

// Mul computes z = x·y.
func Mul(z, x, y []float32) {
	same("Mul", z, x, y)
	mul(z, x, y)
}

// Div computes z = x/y.
func Div(z, x, y []float32) {
	same("Div", z, x, y)
	div(z, x, y)
}

// Larger computes z = y where y > x, else z = x. So a NaN of x stays, and one of y counts for nothing.
func Larger(z, x, y []float32) {
	same("Larger", z, x, y)
	larger(z, x, y)
}

// MulAdd computes z = x·y + w with one rounding.
func MulAdd(z, x, y, w []float32) {
	same("MulAdd", z, x, y, w)
	mulAdd(z, x, y, w)
}

// Scale computes z = a·x.
func Scale(z []float32, a float32, x []float32) {
	same("Scale", z, x)
	scale(z, a, x)
}

// AddScaled computes z = a·x + y with one rounding.
func AddScaled(z []float32, a float32, x, y []float32) {
	same("AddScaled", z, x, y)
	addScaled(z, a, x, y)
}

// Shift computes z = x + a.
func Shift(z []float32, a float32, x []float32) {
	same("Shift", z, x)
	shift(z, a, x)
}

// Lerp computes z = x + a·(y − x): the difference rounds, then the multiply-add does. With a the complement of a decay
// rate and z = x it is one step of an exponential moving average.
func Lerp(z []float32, a float32, x, y []float32) {
	same("Lerp", z, x, y)
	lerp(z, a, x, y)
}

// Sqrt computes z = √x, correctly rounded.
func Sqrt(z, x []float32) {
	same("Sqrt", z, x)
	sqrt(z, x)
}

// Rsqrt computes z = 1/√x: the root rounds, then the quotient does. No hardware estimate is involved.
func Rsqrt(z, x []float32) {
	same("Rsqrt", z, x)
	rsqrt(z, x)
}

// Abs computes z = |x| by clearing the sign, that of NaN too.
func Abs(z, x []float32) {
	same("Abs", z, x)
	abs(z, x)
}

// Clamp computes z = lo where x < lo, else hi where that is > hi, else x. NaN stays NaN.
func Clamp(z []float32, lo, hi float32, x []float32) {
	same("Clamp", z, x)
	clamp(z, lo, hi, x)
}
