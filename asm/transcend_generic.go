package asm

import "math"

func expGeneric(z, x []float32) {
	for i := range z {
		z[i] = exp1(x[i])
	}
}

func logGeneric(z, x []float32) {
	for i := range z {
		z[i] = log1(x[i])
	}
}

func sigmoidGeneric(z, x []float32) {
	for i := range z {
		z[i] = sigmoid1(x[i])
	}
}

func siluGeneric(z, x []float32) {
	for i := range z {
		z[i] = silu1(x[i])
	}
}

func siluGradGeneric(z, x, dz []float32) {
	for i := range z {
		z[i] = siluGrad1(x[i], dz[i])
	}
}

func tanhGeneric(z, x []float32) {
	for i := range z {
		z[i] = tanh1(x[i])
	}
}

// expSplit returns r, |r| ≤ ln 2/2, and n with x = n·ln 2 + r, for |x| ≤ 128. Of NaN, r is NaN and n is anything.
// The multiple of ln 2 comes off in two parts, the first of them without rounding.
func expSplit(x float32) (r float32, n int32) {
	t := FMA(x, log2e, round)
	k := t - round
	r = FMA(-k, ln2Hi, x)
	r = FMA(-k, ln2Lo, r)
	return r, int32(math.Float32bits(t) - roundBits)
}

// horner evaluates the polynomial with coefficients c, highest first, each step one FMA.
func horner(x float32, c []float32) float32 {
	p := c[0]
	for _, c := range c[1:] {
		p = FMA(p, x, c)
	}
	return p
}

// pow2 returns 2ⁿ for a normal result, −126 ≤ n ≤ 127.
func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// ldexp returns y·2ⁿ with one rounding, for y near 1 and |n| < 252: the first product is exact.
func ldexp(y float32, n int32) float32 {
	return float32(y*pow2(n>>1)) * pow2(n-n>>1)
}

func exp1(x float32) float32 {
	r, n := expSplit(clamp1(-104, 89, x))
	return ldexp(FMA(horner(r, expPoly[:]), r, 1), n)
}

// sigmoidParts prepares σ(x) = 1/(1 + e⁻ˣ) for |x| ≤ 110. With e⁻ˣ = (1 + t)·2ⁿ, a = min(n, 0) and b = min(−n, 0) it
// returns
//
//	s = 2ᵃ,  d = 2ᵇ + (1 + t)·s,  and so  σ(x) = 2ᵇ/d,  1 − σ(x) = (1 + t)·s/d.
//
// Either way one term is near 1: nothing overflows, and no denormal loses its places on the way. d is 1 + (t·s + 2⁻|ⁿ|);
// adding 1 last and keeping t apart from its 1 costs a rounding less than 1 + e⁻ˣ does (2.2 ulp in σ otherwise). Where the
// bound −100 bites, the term is too small to count, and would be denormal soon, at a hundred cycles an FMA.
func sigmoidParts(x float32) (t, s, d float32, b int32) {
	r, n := expSplit(-x)
	t = float32(horner(r, expPoly[:]) * r)
	a, b := min(n, 0), min(-n, 0)
	s = pow2(max(a, -100))
	d = 1 + FMA(t, s, pow2(max(a+b, -100)))
	return t, s, d, b
}

// sigmoidOf returns num·σ(x) for |x| ≤ 110.
func sigmoidOf(num, x float32) float32 {
	_, _, d, b := sigmoidParts(x)
	return ldexp(num/d, b)
}

func sigmoid1(x float32) float32 {
	return sigmoidOf(1, clamp1(-110, 110, x))
}

// silu1 takes −110 for all below: there the result is −0.
func silu1(x float32) float32 {
	if x < -110 {
		x = -110
	}
	t := x
	if t > 110 {
		t = 110
	}
	return sigmoidOf(x, t)
}

// siluGrad1 takes 1 − σ from its own quotient, not from a difference that would lose its places.
func siluGrad1(x, dz float32) float32 {
	x = clamp1(-110, 110, x)
	t, s, d, b := sigmoidParts(x)
	w := 1 / d
	rest := float32(FMA(t, s, s) * w)
	return dz * float32(ldexp(w, b)*FMA(x, rest, 1))
}

// tanh1 is an odd polynomial near 0 and 1 − 2/(1 + e²ˣ) elsewhere; above 10 it is 1. It works on |x| and copies the sign.
func tanh1(x float32) float32 {
	a := abs1(x)
	sign := math.Float32bits(x) & (1 << 31)
	var y float32
	if a < tanhSplit {
		s := float32(a * a)
		y = FMA(a, float32(s*horner(s, tanhPoly[:])), a)
	} else {
		if a > 10 {
			a = 10
		}
		r, n := expSplit(a + a)
		p := FMA(horner(r, expPoly[:]), r, 1)
		y = 1 - 2/FMA(p, pow2(n), 1)
	}
	return math.Float32frombits(math.Float32bits(y) | sign)
}

// log1 splits x = m·2ᵏ with m in [2/3, 4/3) and takes a polynomial in m − 1. One part of ln 2 is enough: its error,
// 2.7·10⁻⁹ of the result at most, is a twentieth of an ulp.
func log1(x float32) float32 {
	switch {
	case x == 0:
		return float32(math.Inf(-1))
	case x < 0:
		return float32(math.NaN())
	case !(x <= math.MaxFloat32):
		return x
	}
	k := float32(0)
	if x < 0x1p-126 {
		x *= 0x1p23
		k = -23
	}
	u := math.Float32bits(x)
	e := (u - twoThirds) &^ (1<<23 - 1)
	k += float32(int32(e) >> 23)
	f := math.Float32frombits(u-e) - 1
	s := float32(f * f)
	y := FMA(horner(f, logPoly[:]), s, f)
	return FMA(k, ln2, y)
}
