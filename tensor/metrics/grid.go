package metrics

import "math"

// A Grid is the spacing to which features are rounded before they are summed, as an exponent of 2 less [DefaultGrid]: the zero
// Grid has spacing 2⁻²⁴ and holds magnitudes up to 127; Grid k has spacing 2^(k−24) and holds up to 127·2^k.
//
// A float32 of magnitude 1/2 or more (times 2^k) is on the grid already. A smaller one moves by 2⁻²⁵ at most, which is half of
// what the last bit of a feature just below 1 is worth.
type Grid int

// DefaultGrid is the exponent of the zero Grid's spacing.
const DefaultGrid = -24

const (
	digits   = 4 // of a feature, balanced and of base 256
	base     = 256
	whole    = 1 << 24
	maxValue = 127
	maxGrid  = 64 // as large as makes sense, in either direction
)

// exponent returns that of the spacing.
func (g Grid) exponent() int { return DefaultGrid + int(g) }

// limit returns the largest magnitude.
func (g Grid) limit() float64 { return math.Ldexp(maxValue, int(g)) }

// round returns v in spacings, |v| ≤ limit; ties go to even.
func (g Grid) round(v float32) int64 {
	return int64(math.RoundToEven(math.Ldexp(float64(v), -g.exponent())))
}

// digitsOf returns the digits of q, the least significant first, each from −128 to 127: q = Σ d[k]·256^k.
func digitsOf(q int64) (d [digits]float32) {
	for k := range d {
		low := int64(int8(q))
		d[k] = float32(low)
		q = (q - low) / base
	}
	return d
}
