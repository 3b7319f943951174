package asm

import (
	"math"
	"math/bits"
)

func sinGeneric(z, x []float32) {
	for i := range z {
		z[i] = sin1(x[i])
	}
}

func cosGeneric(z, x []float32) {
	for i := range z {
		z[i] = cos1(x[i])
	}
}

func sin1(x float32) float32 {
	sign := math.Float32bits(x) & (1 << 31)
	q, r := quadrant(abs1(x))
	return math.Float32frombits(math.Float32bits(sinQuadrant(q, r)) ^ sign)
}

func cos1(x float32) float32 {
	q, r := quadrant(abs1(x))
	return sinQuadrant(q+1, r)
}

// sinQuadrant returns sin(q·π/2 + r) for |r| ≤ π/4.
func sinQuadrant(q uint32, r float32) float32 {
	s := float32(r * r)
	y := FMA(r, float32(s*horner(s, sinPoly[:])), r)
	if q&1 != 0 {
		y = FMA(s, horner(s, cosPoly[:]), 1)
	}
	return math.Float32frombits(math.Float32bits(y) ^ q>>1<<31)
}

// quadrant returns q and r with a = q·π/2 + r, |r| ≤ π/4 but for rounding, q modulo 4, for a ≥ 0.
func quadrant(a float32) (q uint32, r float32) {
	if a > trigLimit {
		return quadrantLarge(a)
	}
	t := FMA(a, twoOverPi, round)
	k := t - round
	r = FMA(-k, piHalf1, a)
	r = FMA(-k, piHalf2, r)
	r = FMA(-k, piHalf3, r)
	return math.Float32bits(t), r
}

// quadrantLarge is Payne and Hanek's reduction. It multiplies the 24 bits of a by as many bits of 2/π as decide a·2/π
// modulo 4 to 62 places: floats come no closer than 2⁻³⁰ to a multiple of π/2, so r keeps 32 of them.
func quadrantLarge(a float32) (q uint32, r float32) {
	u := math.Float32bits(a)
	if u >= 0x7f800000 {
		return 0, float32(math.NaN())
	}
	m := uint64(u&(1<<23-1) | 1<<23)
	shift := u>>23 - 150 + 64 - 2 // a = m·2^(exponent−150); a quarter turn of the circle is 1
	hi, lo := twoOverPiBits(shift), twoOverPiBits(shift+64)
	carry, _ := bits.Mul64(m, lo)
	turn := m*hi + carry // in 2⁻⁶⁴ of the circle
	turn += 1 << 61
	q = uint32(turn >> 62)
	f := int64(turn<<2) ^ -1<<63 // in 2⁻⁶⁴ of a quarter
	return q, float32(float64(f) * (piHalf / (1 << 64)))
}

// twoOverPiBits returns 64 bits of 2/π, of which the table has 64 zeros before the point.
func twoOverPiBits(shift uint32) uint64 {
	i, s := shift/64, shift%64
	return twoOverPiTable[i]<<s | twoOverPiTable[i+1]>>(64-s)
}

var twoOverPiTable = [...]uint64{
	0,
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
}
