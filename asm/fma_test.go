package asm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestFMARoundsOnce compares with arithmetic of 600 bits.
func TestFMARoundsOnce(t *testing.T) { eachFMA(t, fmaRoundsOnce) }

func fmaRoundsOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	number := func() float32 { // exponents near enough for the terms to meet
		return math.Float32frombits(r.Uint32()&0x807fffff | uint32(127-20+r.IntN(40))<<23)
	}
	for i := range 200000 {
		x, y, z := number(), number(), number()
		if i%4 == 0 { // half a place of z in [1, 2), but for less than float64 holds
			k := float32(r.IntN(2000)) * 0x1p-23
			x, y, z = float32(math.Copysign(1+float64(k), float64(x))), (1-k)*0x1p-24, 1+float32(r.IntN(1<<23))*0x1p-23
		}
		if got, want := FMA(x, y, z), exactly(x, y, z); got != want {
			t.Fatalf("FMA(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
	}
}

// TestFMATiny is TestFMARoundsOnce about the least normal number, 2^−126, where float32 begins to have fewer bits.
func TestFMATiny(t *testing.T) { eachFMA(t, fmaTiny) }

func fmaTiny(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	number := func(exponent int) float32 {
		return math.Float32frombits(r.Uint32()&0x80ffffff | uint32(exponent+r.IntN(12))<<23)
	}
	for range 100000 {
		x, y, z := number(50), number(65), number(0)
		if r.IntN(4) == 0 { // less than half a place of a denormal z, by less than float64 holds
			k := float32(1+r.IntN(1000)) * 0x1p-23
			x, y, z = (1+k)*0x1p-75, (1-k)*0x1p-75, math.Float32frombits(1<<22+r.Uint32()>>10)
		}
		if got, want := FMA(x, y, z), exactly(x, y, z); got != want {
			t.Fatalf("FMA(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
	}
}

func exactly(x, y, z float32) float32 {
	f := func(x float32) *big.Float { return new(big.Float).SetPrec(600).SetFloat64(float64(x)) }
	p := f(x)
	p.Mul(p, f(y)).Add(p, f(z))
	w, _ := p.Float32()
	return w
}

func TestFMASpecialValues(t *testing.T) { eachFMA(t, fmaSpecialValues) }

func fmaSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	tiny := float32(0x1p-149)
	for _, c := range [][4]float32{
		{inf, 1, -inf, nan}, {inf, 0, 1, nan}, {1, 1, nan, nan}, {inf, 2, 5, inf},
		{math.MaxFloat32, 2, -inf, -inf}, {math.MaxFloat32, 2, -math.MaxFloat32, math.MaxFloat32}, {math.MaxFloat32, 2, 0, inf},
		{1, 0, negative(0), 0}, {-1, 0, negative(0), negative(0)},
		{tiny, 0.5, 0, 0}, {tiny, 0.5, tiny, 2 * tiny}, {tiny, -tiny, 0, negative(0)}, {tiny, 0.75, 0, tiny},
		{1 + 0x1p-23, 1 - 0x1p-24, -1, 0x1p-24 - 0x1p-47},
	} {
		got := FMA(c[0], c[1], c[2])
		if math.Float32bits(got) != math.Float32bits(c[3]) && (got == got || c[3] == c[3]) {
			t.Errorf("FMA(%g, %g, %g) = %g, want %g", c[0], c[1], c[2], got, c[3])
		}
	}
}
