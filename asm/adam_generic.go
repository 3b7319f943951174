package asm

func adamGeneric(p, m, v, g []float32, s *AdamStep) {
	for i := range p {
		g := float32(s.Clip * g[i])
		m[i] = FMA(s.Beta1, m[i], float32(s.Gain1*g))
		v[i] = FMA(s.Beta2, v[i], float32(float32(s.Gain2*g)*g))
		d := FMA(s.Root, sqrt1(v[i]), s.Eps)
		p[i] = FMA(-s.Rate, m[i]/d, float32(s.Decay*p[i]))
	}
}
