package asm

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// A chain that comes down to just below the least normal number stays where rounding to 24 bits leads up to it again, and ends in zero
// where it does not: here machines look at a number before and after rounding it, and would differ.
func TestTileBF16NextToTheLeast(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rows, wide, _ := TileSizeBF16()
		for _, c := range []struct {
			below float64
			want  float32
		}{
			{0x1p-152, leastNormal}, {0x1p-151, leastNormal}, {0x1.02p-151, 0}, {0x1.8p-151, 0}, {0x1p-150, 0},
		} {
			s := SegmentBF16{X: make([]float32, SlotsBF16(rows*StepBF16)), W: make([]float32, SlotsBF16(StepBF16)*wide)}
			for r := range rows {
				put(s.X, r*StepBF16+2, 0x1p-63)
				put(s.X, r*StepBF16+4+r%3*8, -0x1p-76)
			}
			for col := range wide {
				put(s.W, placeBF16(2, col, wide), 0x1p-63)
				for k := 4; k < StepBF16; k += 8 {
					put(s.W, placeBF16(k, col, wide), float32(c.below*0x1p76))
				}
			}
			z := make([]float32, rows*wide)
			TileBF16(z, nil, []SegmentBF16{s}, &Tiling{Rows: rows, Cols: wide, Width: wide, Depth: StepBF16, Count: 1,
				X: Strides{Row: StepBF16, Gap: (rows + 1) / 2 * StepBF16}, Z: Strides{Row: wide, Gap: (rows + 1) / 2 * wide}})
			if i := slices.IndexFunc(z, func(v float32) bool { return math.Float32bits(v) != math.Float32bits(c.want) }); i >= 0 {
				t.Errorf("2⁻¹²⁶ less %x is %x at %d, want %x", c.below, z[i], i, c.want)
			}
		}
	})
}

// Tiles whose rows are all at equal distances are as right as others, which the random ones are.
func TestTileBF16OfOneRun(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rows, wide, narrow := TileSizeBF16()
		r := rand.New(rand.NewPCG(59, 60))
		number := func() float32 { return float32(r.NormFloat64()) }
		for n := 1; n <= rows; n++ {
			width := []int{wide, narrow}[n%2]
			p := newProductBF16(r, n, 1+r.IntN(width), width, 40, 0, number)
			h := (n + 1) / 2
			p.X = Strides{Row: 64, Gap: 64 * h, Tile: 64 * n}
			p.Z = Strides{Row: p.Cols, Gap: p.Cols * h, Tile: p.Cols * n}
			p.segment(r, number)
			p.segment(r, number)
			p.check(t, r, number)
		}
	})
}

// A panel whose lines begin in the midst of a pair is packed as well as another.
func TestPackingOddLines(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		_, wide, _ := TileSizeBF16()
		r := rand.New(rand.NewPCG(51, 52))
		for _, f := range rounders {
			if f.pack {
				f.check(t, r, &Rounding{Lines: 3, Rows: 5, Cols: 5, XLine: 25, XRow: 5, Fill: 7, Width: wide})
			}
		}
	})
}

// The ceiling that products are measured against is counted in operations and can be run everywhere.
func TestPeakTile(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		t.Log(ISA(), "multiplies", PeakTileFlops(1), "a round")
		if PeakTileFlops(3) != 3*PeakTileFlops(1) || PeakTileFlops(1) < 2*StepBF16 {
			t.Errorf("a round is %v operations, three are %v", PeakTileFlops(1), PeakTileFlops(3))
		}
		PeakTile(0)
		PeakTile(3)
	})
}

// TestTileBF16InManyGoroutines multiplies in many at once, while garbage is collected and goroutines are stopped wherever they are.
func TestTileBF16InManyGoroutines(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		rows, wide, _ := TileSizeBF16()
		r := rand.New(rand.NewPCG(53, 54))
		p := newProductBF16(r, rows, wide-1, wide, 64, 2, func() float32 { return float32(r.NormFloat64()) })
		want := make([]float32, p.Z.reach(&p.Tiling)+p.Cols)
		TileBF16(want, p.bias, p.segments, &p.Tiling)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 10 {
					z := make([]float32, len(want))
					for range 3 {
						clear(z)
						TileBF16(z, p.bias, p.segments, &p.Tiling)
						if i := unlike(z, want); i >= 0 {
							t.Errorf("number %d is %v, not %v", i, z[i], want[i])
							return
						}
					}
					runtime.GC()
				}
			})
		}
		all.Wait()
	})
}
