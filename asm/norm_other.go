//go:build purego || !amd64

package asm

// Without kernels of their own, these go by those that they are made of, some columns at a time, in memory that stays in the
// first-level cache.

type normRoom [64]float32

func normSums(sum, dot, x, dz, a, b, r, s []float32) {
	var du, hat normRoom
	inNormRooms(len(x), len(a), func(p, from, to int) {
		du, hat := du[:to-from], hat[:to-from]
		xp := x[p+from : p+to]
		affineSiLUGrad(du, xp, a[from:to], b[from:to], dz[p+from:p+to])
		affine(hat, xp, r[from:to], s[from:to])
		columnSum(sum[from:to], du)
		columnDot(dot[from:to], du, hat)
	})
}

func normGrad(z, x, dz, a, b, f, g []float32) {
	var du normRoom
	inNormRooms(len(x), len(a), func(p, from, to int) {
		du, xp := du[:to-from], x[p+from:p+to]
		affineSiLUGrad(du, xp, a[from:to], b[from:to], dz[p+from:p+to])
		affine2(z[p+from:p+to], du, a[from:to], xp, f[from:to], g[from:to])
	})
}

// inNormRooms calls do for columns from ≤ c < to, as many as a room holds, of each row p of c of n numbers.
func inNormRooms(n, c int, do func(p, from, to int)) {
	for p := 0; p < n; p += c {
		for from := 0; from < c; from += len(normRoom{}) {
			do(p, from, min(from+len(normRoom{}), c))
		}
	}
}
