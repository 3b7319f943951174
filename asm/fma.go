package asm

import "math"

// normal is float64's biased exponent of 2^−126, below which float32 has fewer than 24 bits.
const normal = 1023 - 126

// FMA returns x·y + z rounded once to float32, on every machine.
//
// The product of two float32 is exact in float64. The sum is rounded there to odd: if it is inexact and its last bit is 0,
// it moves by one place towards the exact value. That leaves enough for the second rounding, to float32, to be right
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
//
// The two roundings can differ from one only where the first ends midway between two float32, with a 1 and 28 zeros beyond
// the 24 bits, or where float32 has fewer bits; so nearly always one rounding of each kind is all.
//
// Where the compiler is seen to fuse, see fused, it is one operation. It is never inlined: what was seen is then what runs.
//
//go:noinline
func FMA(x, y, z float32) float32 {
	if fused {
		return x*y + z
	}
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	u := math.Float64bits(s)
	if u&(1<<29-1) != 1<<28 && u>>52&0x7ff > normal {
		return float32(s)
	}
	t := s - p
	e := (p - (s - t)) + (c - t)
	if e != 0 && e == e && u&1 == 0 {
		if (e > 0) == (s > 0) {
			u++
		} else {
			u--
		}
		s = math.Float64frombits(u)
	}
	return float32(s)
}
