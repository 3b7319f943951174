//go:build !purego

package asm

func peakWidth() int {
	switch {
	case useAVX512:
		return 28 * 16
	case useAVX2:
		return 12 * 8
	}
	return 4
}

func peakFMA(n int) {
	switch {
	case useAVX512:
		peakAVX512(n)
	case useAVX2:
		peakAVX2(n)
	default:
		peakGeneric(n)
	}
}
