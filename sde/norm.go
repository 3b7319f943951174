package sde

import (
	"math"
	"math/bits"
)

// The few numbers that solvers compute from a whole image (lengths, errors, traces) are sums of integers: every term is
// scaled by one power of two and truncated to a whole number, and whole numbers add up to the same in any order. So a
// permutation of pixels, by whatever group, changes no bit of them. In an image of fewer than 2²⁴ numbers the truncation takes
// from each term xᵢ less than 2⁻³⁷ max|xᵢ|, and from each xᵢyᵢ less than 2⁻³⁶ max|xᵢ|·max|yᵢ|: of squares, 2⁻³⁶ of the largest.

// dot returns Σ xᵢyᵢ; it is not finite if a number is not.
func dot(x, y []float32) float64 {
	ex, finite := exponent(x)
	ey, also := exponent(y)
	if !finite || !also {
		return math.NaN()
	}
	shift := room(len(x)) - ex - ey
	scale := math.Ldexp(1, shift)
	y = y[:len(x)]
	var sum int64
	for i, v := range x {
		sum += int64(float64(v) * float64(y[i]) * scale)
	}
	return math.Ldexp(float64(sum), -shift)
}

// sumOf returns Σ xᵢ; it is not finite if a number is not.
func sumOf(x []float32) float64 {
	e, finite := exponent(x)
	if !finite {
		return math.NaN()
	}
	shift := room(len(x)) - e
	scale := math.Ldexp(1, shift)
	var sum int64
	for _, v := range x {
		sum += int64(float64(v) * scale)
	}
	return math.Ldexp(float64(sum), -shift)
}

// rms returns √(Σ xᵢ²/n).
func rms(x []float32) float64 { return math.Sqrt(dot(x, x) / float64(len(x))) }

// exponent returns an e with |xᵢ| < 2^e, and whether all are finite.
func exponent(x []float32) (e int, finite bool) {
	var m uint32
	for _, v := range x {
		m = max(m, magnitude(v))
	}
	_, e = math.Frexp(float64(math.Float32frombits(m)))
	return e, m < 0xff<<23
}

// magnitude returns the bits of |v|, which are in the order of what they stand for.
func magnitude(v float32) uint32 { return math.Float32bits(v) &^ (1 << 31) }

// room returns how many bits each of n whole numbers may have, so that their sum has 62.
func room(n int) int { return 62 - bits.Len(uint(n)) }
