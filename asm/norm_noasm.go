//go:build purego || !amd64

package asm

// normSums goes by the kernels that it is made of, some columns of a row at a time, in memory that stays in the first-level
// cache.
func normSums(sum, dot, x, du, r, s []float32) {
	var room [64]float32
	for p := 0; p < len(x); p += len(r) {
		for from := 0; from < len(r); from += len(room) {
			to := min(from+len(room), len(r))
			hat, d := room[:to-from], du[p+from:p+to]
			affine(hat, x[p+from:p+to], r[from:to], s[from:to])
			columnSum(sum[from:to], d)
			columnDot(dot[from:to], d, hat)
		}
	}
}
