//go:build !purego

package asm

func peakWidth() int {
	if useNEON {
		return 24 * 4
	}
	return 4
}

func peakFMA(n int) {
	if useNEON {
		peakNEON(n)
	} else {
		peakGeneric(n)
	}
}

// peakNEON runs n rounds of 24 independent multiply-adds of 4 numbers.
func peakNEON(n int)
