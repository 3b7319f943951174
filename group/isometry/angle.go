package isometry

import "math/big"

// Rotation returns the turn of the plane by k/n of a full one, counter-clockwise for axes that point right and up: its
// entries are the correctly rounded cosine and sine of 2πk/n, the same on every machine. It panics with an [*OrderError] if
// n is not from 1 to 2²⁴.
func Rotation(k, n int) Matrix {
	if n < 1 || n > maxParts {
		panic(&OrderError{"Rotation", n})
	}
	cos, sin := cosSin(((k%n)+n)%n, n)
	return Matrix{{cos, 0 - sin}, {sin, cos}} // 0 − 0 is 0, −0 is not
}

// maxParts keeps eight times the number within 32 bits.
const maxParts = 1 << 24

// cosSin returns cos 2πk/n and sin 2πk/n for 0 ≤ k ≤ n, from those of an angle in the first octant: so angles that differ by
// a symmetry of the square have the same two numbers.
func cosSin(k, n int) (cos, sin float64) {
	switch {
	case 2*k > n:
		cos, sin = cosSin(n-k, n)
		return cos, 0 - sin
	case 4*k > n:
		cos, sin = cosSin(n-2*k, 2*n)
		return 0 - cos, sin
	case 8*k > n:
		sin, cos = cosSin(n-4*k, 4*n)
		return cos, sin
	}
	const digits = 160 // bits
	turn, _, _ := big.ParseFloat(twoPi, 10, digits, big.ToNearestEven)
	x := turn.Mul(turn, new(big.Float).SetPrec(digits).SetInt64(int64(k)))
	x.Quo(x, new(big.Float).SetPrec(digits).SetInt64(int64(n)))
	return taylor(x, 0), taylor(x, 1)
}

const twoPi = "6.28318530717958647692528676655900576839433879875021164194988918461563281257"

// taylor returns xᵈ/d! − xᵈ⁺²/(d+2)! + …, for 0 ≤ x ≤ π/4: the cosine for d = 0, the sine for d = 1. What is left out is
// below 2⁻¹⁷⁰.
func taylor(x *big.Float, d int) float64 {
	term := big.NewFloat(1).SetPrec(x.Prec())
	if d == 1 {
		term.Set(x)
	}
	sum, xx := new(big.Float).Copy(term), new(big.Float).Mul(x, x)
	for k := d; k < 36; k += 2 {
		term.Mul(term, xx)
		term.Quo(term, big.NewFloat(-float64((k+1)*(k+2))))
		sum.Add(sum, term)
	}
	v, _ := sum.Float64()
	return v
}
