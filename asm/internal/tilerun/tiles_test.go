//go:build linux && amd64

package main

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// config makes a configuration of tiles of the rows and bytes given.
func config(shapes ...[2]int) []byte {
	c := make([]byte, 64)
	c[0] = 1
	for i, s := range shapes {
		c[48+i] = byte(s[0])
		binary.LittleEndian.PutUint16(c[16+2*i:], uint16(s[1]))
	}
	return c
}

// A processor takes a configuration only if all of it is in order.
func TestConfigure(t *testing.T) {
	with := func(i int, v byte) []byte { c := config([2]int{16, 64}); c[i] = v; return c }
	for _, test := range []struct {
		c    []byte
		want string // in the error
	}{
		{config([2]int{16, 64}, [2]int{1, 4}, [2]int{}, [2]int{3, 60}), ""},
		{make([]byte, 64), ""}, // palette 0 is the unit at rest
		{with(0, 2), "palette 2"}, {with(1, 1), "byte 1"}, {with(15, 1), "byte 15"}, {with(32, 1), "byte 32"}, {with(56, 1), "byte 56"},
		{with(48, 17), "17 rows"}, {with(48, 0), "0 rows"}, {with(16, 65), "65 bytes"}, {with(16, 0), "0 bytes"}, {with(17, 1), "320 bytes"},
	} {
		var unit tiles
		err := unit.configure(test.c)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("% x: %v, want %q", test.c, err, test.want)
		}
		if unit.configured != (err == nil && test.c[0] == 1) {
			t.Errorf("% x: configured is %v", test.c, unit.configured)
		}
	}
}

// Tiles that do not fit together, are one, or are none, have no product.
func TestDotRefuses(t *testing.T) {
	for _, test := range []struct {
		z, x, y int
		shapes  [][2]int
		ok      bool
	}{
		{0, 1, 2, [][2]int{{3, 20}, {3, 28}, {7, 20}}, true},
		{0, 1, 2, [][2]int{{3, 20}, {4, 28}, {7, 20}}, false},
		{0, 1, 2, [][2]int{{3, 20}, {3, 24}, {7, 20}}, false},
		{0, 1, 2, [][2]int{{3, 20}, {3, 28}, {7, 24}}, false},
		{0, 1, 2, [][2]int{{3, 18}, {3, 28}, {7, 18}}, false},
		{0, 1, 2, [][2]int{{3, 20}, {3, 30}, {7, 20}}, false},
		{0, 1, 1, [][2]int{{16, 64}, {16, 64}}, false},
		{0, 0, 1, [][2]int{{16, 64}, {16, 64}}, false},
		{0, 1, 0, [][2]int{{16, 64}, {16, 64}}, false},
		{0, 1, 3, [][2]int{{16, 64}, {16, 64}, {16, 64}}, false},
	} {
		var unit tiles
		if err := unit.configure(config(test.shapes...)); err != nil {
			t.Fatal(err)
		}
		if err := unit.dot(test.z, test.x, test.y); (err == nil) != test.ok {
			t.Errorf("tile %d += %d·%d of %v: %v", test.z, test.x, test.y, test.shapes, err)
		}
	}
	var unit tiles
	if unit.dot(0, 1, 2) == nil {
		t.Error("a unit at rest multiplies")
	}
}

// exact is x·y + z rounded once, to 24 bits whatever the exponent, and then zero below the normal numbers: by numbers of any length.
func exact(x, y, z float32) float32 {
	wide := func(v float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(v)) }
	v := new(big.Float).SetPrec(2000).Mul(wide(x), wide(y))
	v.Add(v, wide(z))
	v.SetMode(big.ToNearestEven).SetPrec(24)
	if v.Sign() == 0 { // of zeros, and of what cancels
		return float32(float64(x)*float64(y) + float64(z))
	}
	if abs := new(big.Float).Abs(v); abs.Cmp(wide(least)) < 0 {
		return float32(math.Copysign(0, float64(v.Sign())))
	}
	f, _ := v.Float32()
	return f
}

// The multiply-add rounds once and flushes what is small after rounding: random numbers, near the smallest, and around every edge.
func TestFMA(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(x, y, z float32) {
		if got, want := fma(x, y, z), exact(x, y, z); bits(got) != bits(want) {
			t.Fatalf("fma(%x, %x, %x) is %x, want %x", x, y, z, got, want)
		}
	}
	half := func(low, high int) float32 { // a bf16 of some exponents
		return zeroed(uint32(127+low+r.IntN(high-low+1))<<23 | r.Uint32()&0x807f0000)
	}
	for range 40_000 {
		check(half(-3, 3), half(-3, 3), half(-12, 12)*(1+r.Float32()))
		check(half(-70, -60), half(-66, -60), zeroed(uint32(1+r.IntN(3))<<23|r.Uint32()&0x807fffff))
		check(half(-126, 127), half(-126, 127), zeroed(r.Uint32()&^(1<<30)))
	}
	for _, sign := range []float32{1, -1} {
		for m := float32(0x80); m < 0x100; m++ {
			for e := -28; e < -20; e++ { // a step below the least normal number, or a fraction of one
				check(sign*m*0x1p-70, float32(math.Ldexp(-1, e-64)), sign*least)
				check(sign*m*0x1p-70, float32(math.Ldexp(-1, e-64)), sign*0x1.000002p-126)
			}
		}
	}
}

// A product of matrices is the chains that the unit makes, in its order, infinities and NaN included.
func TestDot(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		rows, cols, pairs := 1+r.IntN(16), 1+r.IntN(16), 1+r.IntN(16)
		var unit tiles
		if err := unit.configure(config([2]int{rows, 4 * cols}, [2]int{rows, 4 * pairs}, [2]int{pairs, 4 * cols})); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			for row := range unit.rows[i] {
				for b := 0; b < unit.size[i]; b += 2 {
					binary.LittleEndian.PutUint16(unit.data[i][row][b:], uint16(r.IntN(1<<16))&0xc1ff|0x3c00*uint16(r.IntN(2)))
				}
			}
		}
		before := unit
		if err := unit.dot(0, 1, 2); err != nil {
			t.Fatal(err)
		}
		for row := range maxRows {
			for c := range maxBytes / 4 {
				want := float32(0)
				if row < rows && c < cols {
					want = before.chains(row, c, pairs)
				}
				got := math.Float32frombits(binary.LittleEndian.Uint32(unit.data[0][row][4*c:]))
				if bits(got) != bits(want) && (got == got || want == want) {
					t.Fatalf("row %d, column %d is %x, want %x", row, c, got, want)
				}
			}
		}
	}
}

// chains is an element of tile 0 plus its product, as the manual writes it.
func (t *tiles) chains(row, c, pairs int) float32 {
	step := func(x, y, z float32) float32 {
		if v := float64(x) * float64(y) * float64(z); v-v != 0 { // infinities and NaN have no big.Float
			return float32(float64(x)*float64(y) + float64(z))
		}
		return exact(x, y, z)
	}
	var sum [2]float32
	for k := range pairs {
		for i := range sum {
			x := uint32(binary.LittleEndian.Uint16(t.data[1][row][4*k+2*i:])) << 16
			y := uint32(binary.LittleEndian.Uint16(t.data[2][k][4*c+2*i:])) << 16
			sum[i] = step(zeroed(x), zeroed(y), sum[i])
		}
	}
	return step(1, step(1, sum[0], sum[1]), zeroed(binary.LittleEndian.Uint32(t.data[0][row][4*c:])))
}
