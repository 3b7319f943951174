//go:build !purego

package asm

// There is one version for each size of a tree.

func orbitSum(sum, x []float32, orbits []int32, n int) {
	if len(sum) == 0 {
		return
	}
	for len(orbits) > 0 {
		k := min(len(orbits), callOrbits(len(sum), n))
		switch o := orbits[:k]; {
		case useAVX512 && n == 1:
			orbitSum1AVX512(sum, x, o)
		case useAVX512 && n == 2:
			orbitSum2AVX512(sum, x, o)
		case useAVX512 && n == 4:
			orbitSum4AVX512(sum, x, o)
		case useAVX512 && n == 8:
			orbitSum8AVX512(sum, x, o)
		case useAVX2 && n == 1:
			orbitSum1AVX2(sum, x, o)
		case useAVX2 && n == 2:
			orbitSum2AVX2(sum, x, o)
		case useAVX2 && n == 4:
			orbitSum4AVX2(sum, x, o)
		case useAVX2 && n == 8:
			orbitSum8AVX2(sum, x, o)
		default:
			orbitSumGeneric(sum, x, o, n)
		}
		orbits = orbits[k:]
	}
}

func orbitSquares(sum, x, mu []float32, orbits []int32, n int) {
	if len(sum) == 0 {
		return
	}
	for len(orbits) > 0 {
		k := min(len(orbits), callOrbits(len(sum), n))
		switch o := orbits[:k]; {
		case useAVX512 && n == 1:
			orbitSquares1AVX512(sum, x, mu, o)
		case useAVX512 && n == 2:
			orbitSquares2AVX512(sum, x, mu, o)
		case useAVX512 && n == 4:
			orbitSquares4AVX512(sum, x, mu, o)
		case useAVX512 && n == 8:
			orbitSquares8AVX512(sum, x, mu, o)
		case useAVX2 && n == 1:
			orbitSquares1AVX2(sum, x, mu, o)
		case useAVX2 && n == 2:
			orbitSquares2AVX2(sum, x, mu, o)
		case useAVX2 && n == 4:
			orbitSquares4AVX2(sum, x, mu, o)
		case useAVX2 && n == 8:
			orbitSquares8AVX2(sum, x, mu, o)
		default:
			orbitSquaresGeneric(sum, x, mu, o, n)
		}
		orbits = orbits[k:]
	}
}

func gatherSum(z, x []float32, rows []int32, c, n int) {
	for len(rows) > 0 {
		k := min(len(rows), callOrbits(c, n))
		switch r := rows[:k]; {
		case useAVX512 && n == 1:
			gatherSum1AVX512(z, x, r, c)
		case useAVX512 && n == 2:
			gatherSum2AVX512(z, x, r, c)
		case useAVX512 && n == 4:
			gatherSum4AVX512(z, x, r, c)
		case useAVX512 && n == 8:
			gatherSum8AVX512(z, x, r, c)
		case useAVX2 && n == 1:
			gatherSum1AVX2(z, x, r, c)
		case useAVX2 && n == 2:
			gatherSum2AVX2(z, x, r, c)
		case useAVX2 && n == 4:
			gatherSum4AVX2(z, x, r, c)
		case useAVX2 && n == 8:
			gatherSum8AVX2(z, x, r, c)
		default:
			gatherSumGeneric(z, x, r, c, n)
		}
		z, rows = z[k/n*c:], rows[k:]
	}
}

// callOrbits is how many row numbers make callLen numbers of rows of c, in whole orbits of n, at least one.
func callOrbits(c, n int) int { return max(1, callLen/(c*n)) * n }
