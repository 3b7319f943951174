//go:build !purego

package asm

func sum(s *[16]float32, x []float32) {
	for len(x) > 0 {
		n := min(len(x), callLen)
		switch {
		case useAVX512:
			sumAVX512(s, x[:n])
		case useAVX2:
			sumAVX2(s, x[:n])
		default:
			sumGeneric(s, x[:n])
		}
		x = x[n:]
	}
}

func dot(s *[16]float32, x, y []float32) {
	for len(x) > 0 {
		n := min(len(x), callLen)
		switch {
		case useAVX512:
			dotAVX512(s, x[:n], y[:n])
		case useAVX2:
			dotAVX2(s, x[:n], y[:n])
		default:
			dotGeneric(s, x[:n], y[:n])
		}
		x, y = x[n:], y[n:]
	}
}

func maximum(s *[16]float32, x []float32) {
	for len(x) > 0 {
		n := min(len(x), callLen)
		switch {
		case useAVX512:
			maximumAVX512(s, x[:n])
		case useAVX2:
			maximumAVX2(s, x[:n])
		default:
			maximumGeneric(s, x[:n])
		}
		x = x[n:]
	}
}
