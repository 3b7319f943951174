package asm

// The kernels of this file are the backward pass of a normalisation followed by SiLU, z = SiLU(u) with u = x·a + b, in one
// pass over x and the gradient dz by z. They take x as rows of C numbers, C the length of the vectors that apply to every row.
// With du = dz·SiLU′(u), as AffineSiLUGrad computes it, they equal what that and the kernels named below give, bit for bit.

// NormSums adds to sum and dot the columns of du and of du·x̂, where x̂ = x·r + s, as ColumnSum and ColumnDot do:
//
//	sum[c] += du[p,c],   dot[c] = du[p,c]·x̂[p,c] + dot[c] with one rounding, p ascending, one chain each.
func NormSums(sum, dot, x, dz, a, b, r, s []float32) {
	same2("NormSums", x, dz)
	same3("NormSums", sum, dot, a)
	same4("NormSums", a, b, r, s)
	rowsOf("NormSums", len(x), len(a))
	normSums(sum, dot, x, dz, a, b, r, s)
}

// NormGrad computes z[p,c] = du[p,c]·a[c] + (x[p,c]·f[c] + g[c]), each multiply-add with one rounding, as Affine2 does.
func NormGrad(z, x, dz, a, b, f, g []float32) {
	same3("NormGrad", z, x, dz)
	same4("NormGrad", a, b, f, g)
	rowsOf("NormGrad", len(x), len(a))
	normGrad(z, x, dz, a, b, f, g)
}
