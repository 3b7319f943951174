package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A stepCase is a step of one row and one column, and how it ends. Its products are of even channels, in this order.
type stepCase struct {
	name     string
	z        float32 // what the step is added to
	products [][2]float32
	want     float32
	left     int // 1 if plain Go leaves such a tile to its reference, 0 if not, −1 if that depends on the compiler
}

// unit times unit is 2⁻¹²⁶. Numbers from 128·unit on are the smallest whose products never come nearer to zero.
const unit = 0x1p-63

var stepCases = []stepCase{
	{"the least sum", 0, [][2]float32{{150 * unit, 150 * unit}, {-149 * unit, 151 * unit}}, leastNormal, 0},
	{"half of it, flushed in the midst of a chain", 0, [][2]float32{{150 * unit, 75 * unit}, {-149 * unit, 75.5 * unit}, {128 * unit, 64 * unit}}, 0x1p-113, 1},
	{"flushed with what it is added to", 0x1.8p-126, [][2]float32{{-150 * unit, 150 * unit}, {149 * unit, 151 * unit}}, 0, 0},
	{"added to less than the least", 0x1p-127, [][2]float32{{150 * unit, 150 * unit}, {-149 * unit, 151 * unit}}, leastNormal, 0},
	{"beyond the largest and back", 0, [][2]float32{{-0x1.8p63, 0x1p64}, {0x1p64, 0x1p64}}, 0x1p126, -1},
	{"infinity", 0, [][2]float32{{float32(math.Inf(1)), 1}, {2, -3}}, float32(math.Inf(1)), 1},
	{"no number", 0, [][2]float32{{float32(math.Inf(1)), 0}}, float32(math.NaN()), 1},
	{"zeros", negative(0), [][2]float32{{-1, 0}, {0, 1}}, 0, 0},
}

// tile returns a call of TileBF16 whose rows and columns are all the case's.
func (c *stepCase) tile() (z []float32, segments []SegmentBF16, t *Tiling) {
	rows, wide, _ := TileSizeBF16()
	s := SegmentBF16{X: make([]float32, SlotsBF16(rows*StepBF16)), W: make([]float32, SlotsBF16(StepBF16)*wide)}
	for j, p := range c.products {
		for r := range rows {
			put(s.X, r*StepBF16+2*j, p[0])
		}
		for col := range wide {
			put(s.W, placeBF16(2*j, col, wide), p[1])
		}
	}
	h := (rows + 1) / 2
	return slices.Repeat([]float32{c.z}, rows*wide), []SegmentBF16{s}, &Tiling{Rows: rows, Cols: wide, Width: wide, Depth: StepBF16, Count: 1,
		X: Strides{Row: StepBF16, Gap: h * StepBF16}, Z: Strides{Row: wide, Gap: h * wide}}
}

// Steps at both ends of the numbers that float32 has.
func TestTileBF16AtTheEnds(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		for _, c := range stepCases {
			z, segments, ti := c.tile()
			TileBF16(z, nil, segments, ti)
			for i, v := range z {
				if !sameNumber(v, c.want) {
					t.Errorf("%s: number %d is %x, not %x", c.name, i, v, c.want)
					break
				}
			}
		}
	})
}

// plainly has plain Go compute until the function that it returns is called.
func plainly() (end func()) {
	was := ISA()
	SetISA("generic")
	return func() { SetISA(was) }
}

// Plain Go leaves to its reference what is too small or too large for its blocks.
func TestPlainTilesLeft(t *testing.T) {
	defer plainly()()
	for _, c := range stepCases {
		z, segments, ti := c.tile()
		if left := tileBF16Plain(z, nil, segments, ti); c.left >= 0 && left != c.left {
			t.Errorf("%s: %d tiles were left, want %d", c.name, left, c.left)
		}
	}
}

// One small input has its tile left, one small weight all tiles; among numbers that networks have, none is left.
func TestPlainTilesOfNetworks(t *testing.T) {
	defer plainly()()
	r := rand.New(rand.NewPCG(65, 66))
	number := func() float32 { return float32(r.NormFloat64()) }
	p := newProductBF16(r, genericRows-1, genericWide-1, genericWide, 64, 0, number)
	p.Count, p.X = 5, Strides{Row: 64, Gap: 128, Tile: 256}
	p.segment(r, number)
	p.segment(r, number)
	left := func() (n int) {
		compare(t, make([]float32, p.Z.reach(&p.Tiling)+p.Cols),
			func(z []float32) { n = tileBF16Plain(z, p.bias, p.segments, &p.Tiling) },
			func(z []float32) { tileBF16Generic(z, p.bias, p.segments, &p.Tiling) },
			func() string { return fmt.Sprintf("%+v", p.Tiling) })
		return n
	}
	if n := left(); n != 0 {
		t.Errorf("of normal numbers %d tiles of 5 were left", n)
	}
	s := &p.segments[1]
	s.X[s.At+p.X.at(3, 2, p.Rows)+63] = 0x1p-120
	if n := left(); n != 1 {
		t.Errorf("with a small input %d tiles of 5 were left", n)
	}
	s.W[63*genericWide] = -0x1p-120
	if n := left(); n != 5 {
		t.Errorf("with a small weight %d tiles of 5 were left", n)
	}
}

// Around the border from which on nothing is flushed, blocks and reference are alike, and the border is where it should be.
func TestPlainTilesAtTheBorder(t *testing.T) {
	defer plainly()()
	r := rand.New(rand.NewPCG(67, 68))
	for trial := range 200 {
		scale := float32(math.Ldexp(unit, r.IntN(4)-2))
		number := func() float32 { return []float32{149, -149, 150, -150, 151, 0}[r.IntN(6)] * scale }
		p := newProductBF16(r, 1+trial%genericRows, 1+r.IntN(genericWide), genericWide, 32+32*r.IntN(2), 1+r.IntN(2), number)
		want := 0
		if scale < unit {
			want = p.Count
		}
		z := make([]float32, p.Z.reach(&p.Tiling)+p.Cols)
		for i := range z {
			if z[i] = hostile(r, 24); r.IntN(2) == 0 {
				z[i] = float32(r.IntN(5)-2) * 0x1.8p-127
			}
		}
		compare(t, z,
			func(z []float32) {
				if left := tileBF16Plain(z, p.bias, p.segments, &p.Tiling); left != want {
					t.Errorf("of numbers of %x %d tiles of %d were left", scale, left, p.Count)
				}
			},
			func(z []float32) { tileBF16Generic(z, p.bias, p.segments, &p.Tiling) },
			func() string { return fmt.Sprintf("numbers of %x, %+v", scale, p.Tiling) })
	}
}

// TileBF16 of plain Go goes by blocks. A denormal factor shows it, which no operand has: the reference flushes its product at once, blocks
// do not.
func TestPlainTilesAreUsed(t *testing.T) {
	defer plainly()()
	c := stepCase{products: [][2]float32{{0, 0x1p20}, {0x1p-126, 0x1p15}}}
	z, segments, ti := c.tile()
	segments[0].X[0] = 0x1p-149
	TileBF16(z, nil, segments, ti)
	if want := float32(0x1p-111 + 0x1p-129); z[0] != want {
		t.Errorf("the first number is %x, want %x: the reference computed it", z[0], want)
	}
}

func TestLeastExponent(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		x    []float32
		want int
	}{
		{nil, noExponent}, {[]float32{0, negative(0), 0, 0}, noExponent},
		{[]float32{1, 2, -0x1p-56, 0}, 127 - 56}, {[]float32{0x1.fep-56, 1, 1, 1}, 127 - 56}, {[]float32{1, 0x1.fep-57, 1, 1}, 127 - 57},
		{[]float32{0, 0, 0, 0, 0, 0, 0, leastNormal}, 1}, {[]float32{nan, nan, nan, nan}, 255}, {[]float32{nan, 0, 8, 9}, 127 + 3},
	} {
		if got := leastExponent(c.x); got != c.want {
			t.Errorf("the least exponent of %x is %d, want %d", c.x, got, c.want)
		}
	}
}
