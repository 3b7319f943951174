package asm

import "math"

// FMA returns x·y + z rounded once to float32, on every machine.
//
// The product of two float32 is exact in float64. The sum is rounded there to odd: if it is inexact and its last bit is 0,
// it moves by one place towards the exact value. That leaves enough for the second rounding, to float32, to be right
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
func FMA(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	t := s - p
	e := (p - (s - t)) + (c - t)
	if u := math.Float64bits(s); e != 0 && e == e && u&1 == 0 {
		if (e > 0) == (s > 0) {
			u++
		} else {
			u--
		}
		s = math.Float64frombits(u)
	}
	return float32(s)
}
