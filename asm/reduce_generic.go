package asm

func sumGeneric(s *[16]float32, x []float32) {
	for i, x := range x {
		s[i%16] += x
	}
}

func dotGeneric(s *[16]float32, x, y []float32) {
	for i := range x {
		s[i%16] = FMA(x[i], y[i], s[i%16])
	}
}

func maximumGeneric(s *[16]float32, x []float32) {
	for i, x := range x {
		s[i%16] = max1(x, s[i%16])
	}
}

// max1 returns x where it is greater, else m.
func max1(x, m float32) float32 {
	if x > m {
		return x
	}
	return m
}
