package asm

func orbitSumGeneric(sum, x []float32, orbits []int32, n int) {
	for ; len(orbits) > 0; orbits = orbits[n:] {
		for c := range sum {
			var leaf [8]float32
			for i, o := range orbits[:n] {
				leaf[i] = x[int(o)*len(sum)+c]
			}
			sum[c] += tree(leaf, n)
		}
	}
}

func orbitSquaresGeneric(sum, x, mu []float32, orbits []int32, n int) {
	for ; len(orbits) > 0; orbits = orbits[n:] {
		for c := range sum {
			var leaf [8]float32
			for i, o := range orbits[:n] {
				d := x[int(o)*len(sum)+c] - mu[c]
				leaf[i] = float32(d * d)
			}
			sum[c] += tree(leaf, n)
		}
	}
}

func gatherSumGeneric(z, x []float32, rows []int32, c, n int) {
	for ; len(rows) > 0; z, rows = z[c:], rows[n:] {
		for j := range c {
			var leaf [8]float32
			for i, r := range rows[:n] {
				if r >= 0 {
					leaf[i] = x[int(r)*c+j]
				}
			}
			z[j] = tree(leaf, n)
		}
	}
}

// tree sums the first n leaves, a power of two, pairing neighbours.
func tree(leaf [8]float32, n int) float32 {
	for ; n > 1; n /= 2 {
		for i := range n / 2 {
			leaf[i] = leaf[2*i] + leaf[2*i+1]
		}
	}
	return leaf[0]
}
