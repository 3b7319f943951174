//go:build !purego

package asm

// leaves are the terms of a tree, some columns at a time, in memory that stays in the first-level cache.
type leaves [8][64]float32

// sum adds the first n leaves of m columns, neighbours first, into the first.
func (l *leaves) sum(n, m int) []float32 {
	for step := 1; step < n; step *= 2 {
		for i := 0; i < n; i += 2 * step {
			add(l[i][:m], l[i][:m], l[i+step][:m])
		}
	}
	return l[0][:m]
}

func orbitSum(sum, x []float32, orbits []int32, n int) { eachOrbit(sum, x, nil, orbits, n) }

func orbitSquares(sum, x, mu []float32, orbits []int32, n int) { eachOrbit(sum, x, mu, orbits, n) }

// eachOrbit adds to sum the tree over the rows of each orbit, or with a mu over the squares of their differences from it.
func eachOrbit(sum, x, mu []float32, orbits []int32, n int) {
	var l leaves
	for ; len(orbits) > 0; orbits = orbits[n:] {
		for from := 0; from < len(sum); from += len(l[0]) {
			to := min(from+len(l[0]), len(sum))
			for i, o := range orbits[:n] {
				leaf, row := l[i][:to-from], x[int(o)*len(sum)+from:int(o)*len(sum)+to]
				if mu == nil {
					copy(leaf, row)
				} else {
					sub(leaf, row, mu[from:to])
					mul(leaf, leaf, leaf)
				}
			}
			add(sum[from:to], sum[from:to], l.sum(n, to-from))
		}
	}
}

func gatherSum(z, x []float32, rows []int32, c, n int) {
	var l leaves
	for ; len(rows) > 0; z, rows = z[c:], rows[n:] {
		for from := 0; from < c; from += len(l[0]) {
			to := min(from+len(l[0]), c)
			for i, r := range rows[:n] {
				if r < 0 {
					clear(l[i][:])
				} else {
					copy(l[i][:], x[int(r)*c+from:int(r)*c+to])
				}
			}
			copy(z[from:to], l.sum(n, to-from))
		}
	}
}
