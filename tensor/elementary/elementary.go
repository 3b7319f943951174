package elementary

import "math"

// horner returns c[0] + c[1]·x + … .
func horner(x float64, c []float64) float64 {
	sum := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		sum = float64(sum*x) + c[i]
	}
	return sum
}

// inverseFactorials returns sign^k/(first + step·k)! for k = 0 … n−1: the coefficients of a Taylor series.
func inverseFactorials(first, step, n int, sign float64) []float64 {
	c := make([]float64, n)
	f, m := 1.0, 0
	for k := range c {
		for m < first+step*k {
			m++
			f *= float64(m)
		}
		c[k] = 1 / f
		if k%2 == 1 {
			c[k] *= sign
		}
	}
	return c
}

// Series that reach 2⁻⁵³ on |v| ≤ π/4 and |x| ≤ ln 2.
var (
	sinSeries   = inverseFactorials(1, 2, 9, -1)
	cosSeries   = inverseFactorials(0, 2, 9, -1)
	expm1Series = inverseFactorials(1, 1, 17, 1)
)

// artanhSeries has 1/(2k+1): it reaches 2⁻⁵³ on |q| ≤ (√2−1)/(√2+1).
var artanhSeries = func() []float64 {
	c := make([]float64, 12)
	for k := range c {
		c[k] = 1 / float64(2*k+1)
	}
	return c
}()

// Sincos returns sin v and cos v for 0 ≤ v ≤ π/2, each with small relative error: above π/4 by the complement of v, to
// whose rounded value the rest of π/2 is added.
func Sincos(v float64) (sin, cos float64) {
	const rest = 6.123233995736766e-17 // π/2 − float64(π/2)
	if v > math.Pi/4 {
		cos, sin = Sincos((math.Pi/2 - v) + rest)
		return sin, cos
	}
	vv := float64(v * v)
	return float64(v * horner(vv, sinSeries)), horner(vv, cosSeries)
}

// Expm1 returns eˣ − 1 for x ≤ 0, with small relative error near 0.
func Expm1(x float64) float64 {
	if x > -math.Ln2 {
		return float64(x * horner(x, expm1Series))
	}
	return Exp(x) - 1
}

// ln 2 in two parts; n·high is exact for |n| < 2¹¹.
const high, low = 0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45

// Exp returns eˣ.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	n := math.Ceil(x / math.Ln2)
	r := (x - float64(n*high)) - float64(n*low) // −ln 2 < r ≤ 0
	return math.Ldexp(1+float64(r*horner(r, expm1Series)), int(n))
}

// Log returns ln x for x > 0, −∞ at 0: with x = m·2ⁿ, √½ ≤ m < √2, and q = (m−1)/(m+1), n ln 2 + 2 artanh q.
func Log(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x < 0 || math.IsNaN(x):
		return math.NaN()
	case math.IsInf(x, 1):
		return x
	}
	m, n := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, n = 2*m, n-1
	}
	q := (m - 1) / (m + 1)
	return float64(float64(n)*high) + (float64(2*q*horner(float64(q*q), artanhSeries)) + float64(float64(n)*low))
}

// Pow returns x^y for x ≥ 0 and y > 0, within |y ln x| + 2 units of the last place.
func Pow(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return Exp(float64(y * Log(x)))
}

// PowInt returns xⁿ for n ≥ 0 by repeated squaring: where no square underflows, the bits of math.Pow on amd64.
func PowInt(x float64, n int) float64 {
	z := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			z = float64(z * x)
		}
		x = float64(x * x)
	}
	return z
}

// CosPi returns cos πx for 0 ≤ x ≤ 1.
func CosPi(x float64) float64 {
	if x > 0.5 {
		return -CosPi(1 - x)
	}
	_, cos := Sincos(float64(math.Pi * x))
	return cos
}
