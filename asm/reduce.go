package asm

import "math"

// The reductions run 16 chains: element i belongs to chain i mod 16, which takes its elements in ascending order from the
// starting value. The chains then fold in halves: 0 with 8, …, 7 with 15; 0 with 4, …; 0 with 2, 1 with 3; 0 with 1.

// Sum returns Σ x, each chain starting from +0.
func Sum(x []float32) float32 {
	var s [16]float32
	sum(&s, x)
	return fold(&s)
}

// Dot returns Σ x·y, each chain one of fused multiply-adds from +0.
func Dot(x, y []float32) float32 {
	same("Dot", x, y)
	var s [16]float32
	dot(&s, x, y)
	return fold(&s)
}

// fold adds the chains in halves.
func fold(s *[16]float32) float32 {
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			s[i] += s[i+n]
		}
	}
	return s[0]
}

// Max returns the greatest x, −Inf of none. NaN is passed over. Zeros of either sign count as equal; which of them is
// returned follows from the order of the chains: the earlier stays.
func Max(x []float32) float32 {
	var s [16]float32
	for i := range s {
		s[i] = float32(math.Inf(-1))
	}
	maximum(&s, x)
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			s[i] = max1(s[i+n], s[i])
		}
	}
	return s[0]
}
