//go:build !purego

package asm

func columnSum(sum, x []float32) {
	for len(x) > 0 {
		n := min(len(x), callRows(len(sum)))
		switch {
		case useAVX512:
			columnSumAVX512(sum, x[:n])
		case useAVX2:
			columnSumAVX2(sum, x[:n])
		default:
			columnSumGeneric(sum, x[:n])
		}
		x = x[n:]
	}
}

func columnDot(sum, x, y []float32) {
	for len(x) > 0 {
		n := min(len(x), callRows(len(sum)))
		switch {
		case useAVX512:
			columnDotAVX512(sum, x[:n], y[:n])
		case useAVX2:
			columnDotAVX2(sum, x[:n], y[:n])
		default:
			columnDotGeneric(sum, x[:n], y[:n])
		}
		x, y = x[n:], y[n:]
	}
}
