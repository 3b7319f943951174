package asm

import "math"

func sumGeneric(x []float32) float32 {
	var s [16]float32
	for i, x := range x {
		s[i%16] += x
	}
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			s[i] += s[i+n]
		}
	}
	return s[0]
}

func dotGeneric(x, y []float32) float32 {
	var s [16]float32
	for i := range x {
		s[i%16] = FMA(x[i], y[i], s[i%16])
	}
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			s[i] += s[i+n]
		}
	}
	return s[0]
}

func maximumGeneric(x []float32) float32 {
	var s [16]float32
	for i := range s {
		s[i] = float32(math.Inf(-1))
	}
	for i, x := range x {
		s[i%16] = max1(x, s[i%16])
	}
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			s[i] = max1(s[i+n], s[i])
		}
	}
	return s[0]
}

// max1 returns x where it is greater, else m.
func max1(x, m float32) float32 {
	if x > m {
		return x
	}
	return m
}
