package asm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachForm runs f once for each instruction set that there is here, and for pairs.
func eachForm(t *testing.T, f func(t *testing.T)) {
	isas := Available()
	if !slices.Contains(isas, "pairs") {
		isas = append(isas, "pairs")
	}
	for _, isa := range isas {
		t.Run(isa, func(t *testing.T) {
			defer SetISA(ISA())
			if err := SetISA(isa); err != nil {
				t.Fatal(err)
			}
			f(t)
		})
	}
}

// nearest says BF16 a second time: of the two numbers of 8 bits around x the nearer one, or the even one.
func nearest(x float32) float32 {
	if x != x || math.IsInf(float64(x), 0) {
		return x
	}
	if math.Abs(float64(x)) < leastNormal {
		return float32(math.Copysign(0, float64(x)))
	}
	_, exp := math.Frexp(float64(x))
	ulp := math.Ldexp(1, exp-8)
	n := math.RoundToEven(float64(x)/ulp) * ulp
	return float32(n) // 2¹²⁸ is an infinity
}

// TestBF16 rounds numbers of every sign, exponent and first seven bits, with what follows at and around all borders.
func TestBF16(t *testing.T) {
	for high := range 1 << 16 {
		for _, low := range []int{0, 1, 0x1234, 0x7fff, 0x8000, 0x8001, 0xcdef, 0xffff} {
			x := math.Float32frombits(uint32(high<<16 | low))
			got, want := BF16(x), nearest(x)
			if !sameNumber(got, want) || math.Float32bits(got)&0xffff != 0 {
				t.Fatalf("BF16(%x) is %x, not %x", x, got, want)
			}
		}
	}
	for _, c := range [][2]uint32{
		{0x3f808000, 0x3f800000}, {0x3f818000, 0x3f820000}, {0x3f808001, 0x3f810000}, // halfway: even; just above: up
		{0x7f7f7fff, 0x7f7f0000}, {0x7f7f8000, 0x7f800000}, {0xff7fffff, 0xff800000}, // the largest, and beyond it
		{0x007fffff, 0}, {0x80000001, 1 << 31}, {0x00800000, 0x00800000}, {1 << 31, 1 << 31}, // denormals have signs
		{0x7f800000, 0x7f800000}, {0x7f800001, 0x7fc00000}, {0xffffffff, 0xffff0000}, // infinity; NaN whose bits are cut off
	} {
		if got := math.Float32bits(BF16(math.Float32frombits(c[0]))); got != c[1] {
			t.Errorf("%#x becomes %#x, not %#x", c[0], got, c[1])
		}
	}
}

// sameNumber reports whether two numbers have the same bits, or are both NaN.
func sameNumber(x, y float32) bool { return unlike([]float32{x}, []float32{y}) < 0 }

// rounded returns an exact number rounded to 24 bits with exponents that have no end, and then zero where it is smaller than 2⁻¹²⁶.
func rounded(exact *big.Float) float32 {
	r := new(big.Float).SetPrec(24).SetMode(big.ToNearestEven).Set(exact)
	f, _ := r.Float64()
	if math.Abs(f) < leastNormal {
		f = math.Copysign(0, f)
	}
	return float32(f)
}

// exactStep says stepFMA a second time, for numbers that are finite.
func exactStep(x, w, e float32) float32 {
	n := func(x float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(x)) }
	p := new(big.Float).SetPrec(2000).Mul(n(x), n(w))
	if p.Add(p, n(e)); p.Sign() == 0 {
		return float32(float64(x)*float64(w) + float64(e)) // of zeros, or +0
	}
	return rounded(p)
}

// hostile returns a number of 24 bits or 8, of an exponent around one, at the ends of the range or anywhere; or a zero.
func hostile(r *rand.Rand, bits int) float32 {
	exp := []uint32{uint32(r.IntN(255)), 1 + uint32(r.IntN(3)), 252 + uint32(r.IntN(3)), 60 + uint32(r.IntN(8)), 127, 0}[r.IntN(6)]
	u := r.Uint32()&(1<<31|1<<23-1) | exp<<23
	if r.IntN(3) == 0 {
		u &^= 0x7ffffe >> uint(r.IntN(2))
	}
	return flush(math.Float32frombits(u &^ (1<<(24-bits) - 1)))
}

// TestStepFMA compares with the exact result, next to the least normal number too.
func TestStepFMA(t *testing.T) {
	eachFMA(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(21, 22))
		check := func(x, w, e float32) {
			if got, want := stepFMA(x, w, e), exactStep(x, w, e); !sameNumber(got, want) {
				t.Fatalf("%x·%x + %x is %x, not %x", x, w, e, got, want)
			}
		}
		for range 100000 {
			check(hostile(r, 8), hostile(r, 8), hostile(r, 24))
		}
		for _, s := range []float32{1, -1} { // 2⁻¹²⁶ less by a part, around where it rounds to itself
			for n := float32(1); n < 256; n++ {
				for shift := -159; shift < -140; shift++ {
					check(-s*n*0x1p-60, float32(math.Ldexp(1, shift+60)), s*leastNormal)
				}
			}
			check(-s*0x1p-110, 0x1p-110, s*leastNormal) // a part that float64 does not hold beside it
		}
	})
}

// TestStepAdd compares sums with exact ones; of numbers that are smaller than 2⁻¹²⁶ too, which count as zeros.
func TestStepAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	for range 100000 {
		x, y := hostile(r, 24), hostile(r, 24)
		if r.IntN(4) == 0 {
			x = math.Float32frombits(r.Uint32() & (1<<31 | 1<<23 - 1))
		}
		if got, want := stepAdd(x, y), exactStep(flush(x), 1, flush(y)); !sameNumber(got, want) {
			t.Fatalf("%x + %x is %x, not %x", x, y, got, want)
		}
	}
}

func TestPaddedBF16(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 32, 31: 32, 32: 32, 33: 64} {
		if got := PaddedBF16(n); got != want {
			t.Errorf("%d channels take %d, not %d", n, got, want)
		}
	}
}

// In pairs the numbers lie one after the other as bytes do.
func TestPairs(t *testing.T) {
	defer SetISA(ISA())
	SetISA("pairs")
	z := make([]float32, 1)
	put(z, 1, -2)
	put(z, 0, 1)
	if u := math.Float32bits(z[0]); u != 0xc0003f80 {
		t.Errorf("1 and -2 are %#x", u)
	}
}
