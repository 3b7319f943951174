//go:build !purego

package asm

func roundBF16(z []float32, at int, x []float32, r *Rounding) {
	if useAMX {
		roundAMX(z, at, x, r)
	} else {
		roundBF16Generic(z, at, x, r)
	}
}

func transposeBF16(z []float32, at int, x []float32, r *Rounding) {
	if useAMX {
		transposeAMX(z, at, x, r)
	} else {
		transposeBF16Generic(z, at, x, r)
	}
}

func packBF16(z, x []float32, r *Rounding) {
	if useAMX {
		packAMX(z, x, r)
	} else {
		packBF16Generic(z, x, r)
	}
}

func packTransposedBF16(z, x []float32, r *Rounding) {
	if useAMX {
		packTransposedAMX(z, x, r)
	} else {
		packTransposedBF16Generic(z, x, r)
	}
}
