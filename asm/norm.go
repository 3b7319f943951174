package asm

// NormSums adds to sum and dot the columns of du and of du·x̂, where x̂ = x·r + s with one rounding, in one pass: what Affine,
// ColumnSum and ColumnDot give, bit for bit.
//
//	sum[c] += du[p,c],   dot[c] = du[p,c]·x̂[p,c] + dot[c] with one rounding, p ascending, one chain each.
//
// These are the sums in the gradient of a normalisation.
func NormSums(sum, dot, x, du, r, s []float32) {
	same("NormSums", x, du)
	same("NormSums", sum, dot, r, s)
	rowsOf("NormSums", len(x), len(r))
	normSums(sum, dot, x, du, r, s)
}
