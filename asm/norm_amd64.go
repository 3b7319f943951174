//go:build !purego

package asm

func normSums(sum, dot, x, du, r, s []float32) {
	for len(x) > 0 {
		n := min(len(x), callRows(len(r)))
		switch {
		case useAVX512:
			normSumsAVX512(sum, dot, x[:n], du[:n], r, s)
		case useAVX2:
			normSumsAVX2(sum, dot, x[:n], du[:n], r, s)
		default:
			normSumsGeneric(sum, dot, x[:n], du[:n], r, s)
		}
		x, du = x[n:], du[n:]
	}
}
