package asm

// The kernels of this file take x as rows of C numbers, C the length of the vectors that apply to every row.

// Affine computes z[p,c] = x[p,c]·a[c] + b[c] with one rounding.
func Affine(z, x, a, b []float32) {
	same("Affine", z, x)
	same("Affine", a, b)
	rowsOf("Affine", len(x), len(a))
	affine(z, x, a, b)
}

// AffineSiLU computes z[p,c] = SiLU(x[p,c]·a[c] + b[c]).
func AffineSiLU(z, x, a, b []float32) {
	same("AffineSiLU", z, x)
	same("AffineSiLU", a, b)
	rowsOf("AffineSiLU", len(x), len(a))
	affineSiLU(z, x, a, b)
}

// AffineSiLUGrad computes z[p,c] = dz[p,c]·SiLU′(x[p,c]·a[c] + b[c]), SiLU′ as in SiLUGrad.
func AffineSiLUGrad(z, x, a, b, dz []float32) {
	same("AffineSiLUGrad", z, x, dz)
	same("AffineSiLUGrad", a, b)
	rowsOf("AffineSiLUGrad", len(x), len(a))
	affineSiLUGrad(z, x, a, b, dz)
}

// Affine2 computes z[p,c] = x[p,c]·a[c] + (y[p,c]·b[c] + c[c]), each multiply-add with one rounding.
func Affine2(z, x, a, y, b, c []float32) {
	same("Affine2", z, x, y)
	same("Affine2", a, b, c)
	rowsOf("Affine2", len(x), len(a))
	affine2(z, x, a, y, b, c)
}
