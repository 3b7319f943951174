//go:build !purego

package asm

// Rows that are too long for one call of assembly go by the kernels that cut them up.

func expSum(x, w []float32) float32 {
	var s [1]float32
	switch {
	case useAVX512 && len(x) <= callLen:
		expSumAVX512(&s, x, w)
	case useAVX2 && len(x) <= callLen:
		expSumAVX2(&s, x, w)
	default:
		return expSumGeneric(x, w)
	}
	return s[0]
}

func softmaxSlope(z, p []float32, a float32) {
	switch {
	case useAVX512 && len(z) <= callLen:
		softmaxSlopeAVX512(z, p, a)
	case useAVX2 && len(z) <= callLen:
		softmaxSlopeAVX2(z, p, a)
	default:
		softmaxSlopeGeneric(z, p, a)
	}
}
