//go:build !purego

package asm

func adam(p, m, v, g []float32, s *AdamStep) {
	for len(p) > 0 {
		n := min(len(p), callLen)
		switch {
		case useAVX512:
			adamAVX512(p[:n], m[:n], v[:n], g[:n], s.Clip, s.Beta1, s.Gain1, s.Beta2, s.Gain2, s.Decay, s.Rate, s.Root, s.Eps)
		case useAVX2:
			adamAVX2(p[:n], m[:n], v[:n], g[:n], s.Clip, s.Beta1, s.Gain1, s.Beta2, s.Gain2, s.Decay, s.Rate, s.Root, s.Eps)
		default:
			adamGeneric(p[:n], m[:n], v[:n], g[:n], s)
		}
		p, m, v, g = p[n:], m[n:], v[n:], g[n:]
	}
}
