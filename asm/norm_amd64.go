//go:build !purego

package asm

func normSums(sum, dot, x, dz, a, b, r, s []float32) {
	for len(x) > 0 {
		n := min(len(x), stretchOf(len(a)))
		switch {
		case useAVX512:
			normSumsAVX512(x[:n], dz[:n], sum, dot, a, b, r, s)
		case useAVX2:
			normSumsAVX2(x[:n], dz[:n], sum, dot, a, b, r, s)
		default:
			normSumsGeneric(sum, dot, x[:n], dz[:n], a, b, r, s)
		}
		x, dz = x[n:], dz[n:]
	}
}

func normGrad(z, x, dz, a, b, f, g []float32) {
	for len(z) > 0 {
		n := min(len(z), stretchOf(len(a)))
		switch {
		case useAVX512:
			normGradAVX512(z[:n], x[:n], dz[:n], a, b, f, g)
		case useAVX2:
			normGradAVX2(z[:n], x[:n], dz[:n], a, b, f, g)
		default:
			normGradGeneric(z[:n], x[:n], dz[:n], a, b, f, g)
		}
		z, x, dz = z[n:], x[n:], dz[n:]
	}
}
