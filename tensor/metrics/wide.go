package metrics

import (
	"math"
	"math/bits"
)

// A wide is a whole number of 128 bits in two's complement.
type wide struct {
	hi int64
	lo uint64
}

// shifted returns v·2^s, 0 ≤ s < 64.
func shifted(v int64, s uint) wide { return wide{v >> (64 - s), uint64(v) << s} }

func (a wide) plus(b wide) wide {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	return wide{a.hi + b.hi + int64(carry), lo}
}

func (a wide) minus(b wide) wide {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	return wide{a.hi - b.hi - int64(borrow), lo}
}

// times returns a·n; what exceeds 128 bits is lost.
func (a wide) times(n uint64) wide {
	hi, lo := bits.Mul64(a.lo, n)
	return wide{a.hi*int64(n) + int64(hi), lo}
}

// product returns a·b.
func product(a, b int64) wide {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if a < 0 {
		hi -= uint64(b)
	}
	if b < 0 {
		hi -= uint64(a)
	}
	return wide{int64(hi), lo}
}

// float returns the float64 nearest to a, ties to even.
func (a wide) float() float64 {
	if a.hi < 0 {
		return -wide{}.minus(a).magnitude()
	}
	return a.magnitude()
}

// magnitude is float of a number that is not negative, or −2¹²⁷ taken as 2¹²⁷.
func (a wide) magnitude() float64 {
	hi := uint64(a.hi)
	if hi == 0 {
		return float64(a.lo)
	}
	s := uint(bits.LeadingZeros64(hi))
	top, rest := hi<<s|a.lo>>(64-s), a.lo<<s
	if rest != 0 {
		top |= 1 // decides what would seem a tie
	}
	return math.Ldexp(float64(top), 64-int(s))
}
