package asm

// ColumnSum adds each column of x to sum: sum[c] += x[p,c], p ascending, one chain.
func ColumnSum(sum, x []float32) {
	rowsOf("ColumnSum", len(x), len(sum))
	columnSum(sum, x)
}

// ColumnDot adds the products of the columns of x and y to sum: sum[c] = x[p,c]·y[p,c] + sum[c] with one rounding,
// p ascending, one chain.
func ColumnDot(sum, x, y []float32) {
	same("ColumnDot", x, y)
	rowsOf("ColumnDot", len(x), len(sum))
	columnDot(sum, x, y)
}
