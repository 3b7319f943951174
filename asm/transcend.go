package asm

// Exp computes z = eˣ within 1 ulp, denormal results included: 0 below −103.98, +Inf above 88.7228.
func Exp(z, x []float32) {
	same("Exp", z, x)
	exp(z, x)
}

// Log computes z = ln x within 1 ulp: −Inf at ±0, NaN below. Denormals are numbers like any other.
func Log(z, x []float32) {
	same("Log", z, x)
	log(z, x)
}

// Sigmoid computes z = σ(x) = 1/(1 + e⁻ˣ) within 2 ulp, denormal results included.
func Sigmoid(z, x []float32) {
	same("Sigmoid", z, x)
	sigmoid(z, x)
}

// SiLU computes z = x·σ(x) within 2 ulp, denormal results included. It rounds less often than a product with Sigmoid would,
// and takes the limit −0 at −Inf.
func SiLU(z, x []float32) {
	same("SiLU", z, x)
	silu(z, x)
}

// SiLUGrad computes z = dz·σ(x)·(1 + x·(1 − σ(x))), the derivative of SiLU times dz. The derivative has a root near −1.278;
// the error of SiLU′ is below 3·10⁻⁷ in absolute terms. It is 0 at −Inf and 1 at +Inf.
func SiLUGrad(z, x, dz []float32) {
	same("SiLUGrad", z, x, dz)
	siluGrad(z, x, dz)
}

// Tanh computes z = tanh x within 2 ulp. It is odd to the bit.
func Tanh(z, x []float32) {
	same("Tanh", z, x)
	tanh(z, x)
}
