package asm

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// A productBF16 is a call of TileBF16 and what it is made from: rows of numbers, weights by segment, channel and column.
type productBF16 struct {
	Tiling
	x, w     [][]float32
	at       []int
	bias     []float32
	segments []SegmentBF16
}

// newProductBF16 returns a product of some shape whose numbers come from one function.
func newProductBF16(r *rand.Rand, rows, cols, width, depth, segments int, number func() float32) *productBF16 {
	h, padded := (rows+1)/2, PaddedBF16(depth)
	p := &productBF16{Tiling: Tiling{Rows: rows, Cols: cols, Width: width, Depth: depth, Count: 1 + r.IntN(3),
		X: Strides{Row: padded + r.IntN(5), Gap: h*(padded+4) + r.IntN(7), Tile: r.IntN(40)},
		Z: Strides{Row: cols + r.IntN(4), Gap: h*(cols+3) + r.IntN(3), Tile: rows * (cols + 8)}}}
	if depth%StepBF16 != 0 { // tiles would see each other's channels where zeros must be
		p.X.Tile = rows * (padded + 11)
	}
	if r.IntN(2) == 0 {
		p.bias = make([]float32, cols)
		for i := range p.bias {
			p.bias[i] = number() * number()
		}
	}
	for range segments {
		p.segment(r, number)
	}
	return p
}

// segment adds a segment: first the numbers, then their operands.
func (p *productBF16) segment(r *rand.Rand, number func() float32) {
	padded, at := PaddedBF16(p.Depth), r.IntN(4)
	x := make([]float32, at+p.X.reach(&p.Tiling)+padded)
	if p.Depth%StepBF16 == 0 {
		for i := range x {
			x[i] = BF16(number())
		}
	} else {
		for t := range p.Count {
			for row := range p.Rows {
				for k := range p.Depth {
					x[at+p.X.at(t, row, p.Rows)+k] = BF16(number())
				}
			}
		}
	}
	w := make([]float32, p.Depth*p.Cols)
	for i := range w {
		w[i] = BF16(number())
	}
	s := SegmentBF16{X: make([]float32, SlotsBF16(len(x))), At: at, W: make([]float32, SlotsBF16(padded)*p.Width)}
	RoundBF16(s.X, 0, x, &Rounding{Lines: 1, Rows: 1, Cols: len(x), Fill: len(x)})
	PackBF16(s.W, w, &Rounding{Lines: 1, Rows: p.Depth, Cols: p.Cols, XRow: p.Cols, Fill: p.Depth, Width: p.Width})
	p.x, p.w, p.at, p.segments = append(p.x, x), append(p.w, w), append(p.at, at), append(p.segments, s)
}

// statement computes z in the words of TileBF16's documentation, of plain numbers.
func (p *productBF16) statement(z []float32) {
	for t := range p.Count {
		for row := range p.Rows {
			for c := range p.Cols {
				at := p.Z.at(t, row, p.Rows) + c
				if p.bias != nil {
					z[at] = p.bias[c]
				}
				for s := range p.x {
					x := p.x[s][p.at[s]+p.X.at(t, row, p.Rows):]
					for from := 0; from < p.Depth; from += StepBF16 {
						e, o := float32(0), float32(0)
						for k := from; k < from+StepBF16; k += 2 {
							e = stepFMA(p.number(x, k), p.weight(s, k, c), e)
							o = stepFMA(p.number(x, k+1), p.weight(s, k+1, c), o)
						}
						z[at] = stepAdd(z[at], stepAdd(e, o))
					}
				}
			}
		}
	}
}

func (p *productBF16) number(x []float32, k int) float32 {
	if k >= p.Depth {
		return 0
	}
	return x[k]
}

func (p *productBF16) weight(s, k, c int) float32 {
	if k >= p.Depth {
		return 0
	}
	return p.w[s][k*p.Cols+c]
}

// check holds TileBF16 against the statement, and demands that it changes nothing else.
func (p *productBF16) check(t *testing.T, r *rand.Rand, number func() float32) {
	t.Helper()
	z := make([]float32, margin+p.Z.reach(&p.Tiling)+p.Cols+margin)
	for i := range z {
		z[i] = number() * number() // as large as what is added
	}
	compare(t, z,
		func(z []float32) { TileBF16(z[margin:len(z)-margin], p.bias, p.segments, &p.Tiling) },
		func(z []float32) { p.statement(z[margin : len(z)-margin]) },
		func() string { return fmt.Sprintf("%+v with %d segments, bias %v", p.Tiling, len(p.x), p.bias != nil) })
}

// TestTileBF16 holds TileBF16 against its statement for all numbers of rows and many of columns and channels, of tame and of
// hostile numbers.
func TestTileBF16(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rows, wide, narrow := TileSizeBF16()
		r := rand.New(rand.NewPCG(41, 42))
		numbers := []func() float32{
			func() float32 { return float32(r.NormFloat64()) },
			func() float32 { return hostile(r, 24) },
			func() float32 { return someWild(r) },
			func() float32 { return float32(r.NormFloat64()) * 0x1p-63 }, // products around the least normal number
			func() float32 { return float32(r.NormFloat64()) * 0x1p63 },  // and around the largest
		}
		for trial := range 6 * rows {
			width := []int{wide, narrow}[trial%2]
			depth := []int{r.IntN(80), 32, 64, 1 + r.IntN(31)}[r.IntN(4)]
			cols := 1 + r.IntN(width)
			if trial%3 == 0 {
				cols = width
			}
			number := numbers[r.IntN(len(numbers))]
			newProductBF16(r, 1+trial%rows, cols, width, depth, r.IntN(4), number).check(t, r, number)
		}
	})
}

// TestTileBF16OfIntegers compares with sums of integers, which are exact: here no order of steps plays a part, but places do.
func TestTileBF16OfIntegers(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rows, wide, _ := TileSizeBF16()
		r := rand.New(rand.NewPCG(43, 44))
		p := newProductBF16(r, rows, wide-1, wide, 75, 3, func() float32 { return float32(r.IntN(101) - 50) })
		z := make([]float32, p.Z.reach(&p.Tiling)+p.Cols)
		want := append([]float32(nil), z...)
		TileBF16(z, p.bias, p.segments, &p.Tiling)
		for tile := range p.Count {
			for row := range rows {
				for c := range p.Cols {
					sum := 0
					if p.bias != nil {
						sum = int(p.bias[c])
					}
					for s := range p.x {
						for k := range p.Depth {
							sum += int(p.number(p.x[s][p.at[s]+p.X.at(tile, row, rows):], k)) * int(p.weight(s, k, c))
						}
					}
					want[p.Z.at(tile, row, rows)+c] = float32(sum)
				}
			}
		}
		if i := unlike(z, want); i >= 0 {
			t.Errorf("number %d is %v, not %v", i, z[i], want[i])
		}
	})
}

// TestTileBF16Chain cuts a sum between two steps and demands the same bits.
func TestTileBF16Chain(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rows, wide, _ := TileSizeBF16()
		r := rand.New(rand.NewPCG(45, 46))
		p := newProductBF16(r, rows, wide, wide, 96, 1, func() float32 { return float32(r.NormFloat64()) })
		once := make([]float32, p.Z.reach(&p.Tiling)+p.Cols)
		twice := append([]float32(nil), once...)
		TileBF16(once, p.bias, p.segments, &p.Tiling)
		s := p.segments[0]
		p.Depth = 32
		TileBF16(twice, p.bias, []SegmentBF16{s}, &p.Tiling)
		p.Depth = 64
		TileBF16(twice, nil, []SegmentBF16{{s.X, s.At + 32, s.W[SlotsBF16(32)*wide:]}}, &p.Tiling)
		if i := unlike(once, twice); i >= 0 {
			t.Errorf("cut in two, number %d is %v, not %v", i, twice[i], once[i])
		}
	})
}

// TestTileBF16OfNoSizes demands a *LengthError for whatever would reach outside.
func TestTileBF16OfNoSizes(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		_, wide, _ := TileSizeBF16()
		x, w, z := make([]float32, SlotsBF16(64)), make([]float32, SlotsBF16(32)*wide), make([]float32, 2*wide)
		ok := Tiling{Rows: 2, Cols: wide, Width: wide, Depth: 6, Count: 1, X: Strides{32, 32, 0}, Z: Strides{wide, wide, 0}}
		edit := func(f func(*Tiling)) *Tiling { c := ok; f(&c); return &c }
		fours := func(count, tile int) *Tiling { // tiles of four numbers
			return edit(func(t *Tiling) { t.Rows, t.Cols, t.Count, t.Z.Tile = 1, 4, count, tile })
		}
		one := []SegmentBF16{{x, 0, w}}
		for name, call := range map[string]func(){
			"z":        func() { TileBF16(z[1:], nil, one, &ok) },
			"x":        func() { TileBF16(z, nil, []SegmentBF16{{x[1:], 0, w}}, &ok) },
			"at":       func() { TileBF16(z, nil, []SegmentBF16{{x, 1, w}}, &ok) },
			"before":   func() { TileBF16(z, nil, []SegmentBF16{{x, -1, w}}, &ok) },
			"w":        func() { TileBF16(z, nil, []SegmentBF16{{x, 0, w}, {x, 0, w[1:]}}, &ok) },
			"bias":     func() { TileBF16(z, z[:3], one, &ok) },
			"rows":     func() { TileBF16(z, nil, nil, edit(func(t *Tiling) { t.Rows = 99 })) },
			"width":    func() { TileBF16(z, nil, nil, edit(func(t *Tiling) { t.Width++ })) },
			"depth":    func() { TileBF16(z, nil, one, edit(func(t *Tiling) { t.Depth = 33 })) },
			"negative": func() { TileBF16(z, nil, one, edit(func(t *Tiling) { t.X.Tile = -1 })) },
			"far z":    func() { TileBF16(z[4:], nil, one, fours(2, math.MaxInt)) },
			"around z": func() { TileBF16(z, nil, one, fours(5, math.MaxInt/2+1)) }, // four times that is 0 for an int
			"far at":   func() { TileBF16(z, nil, []SegmentBF16{{x, math.MaxInt, w}}, &ok) },
			"far both": func() {
				TileBF16(z, nil, []SegmentBF16{{x, math.MaxInt, w}}, edit(func(t *Tiling) { t.X.Gap = math.MaxInt }))
			},
			"far gap": func() { TileBF16(z, nil, one, edit(func(t *Tiling) { t.X.Gap = math.MaxInt })) },
			"far end": func() { TileBF16(z, nil, one, edit(func(t *Tiling) { t.Depth = math.MaxInt })) },
		} {
			if _, ok := panicOf(call).(*LengthError); !ok {
				t.Errorf("%s: no *LengthError", name)
			}
		}
		TileBF16(z, nil, one, &ok) // what all of them are next to
	})
}

// TestTileBF16LeavesDenormals: what counts as zero in a product is a number again after it.
func TestTileBF16LeavesDenormals(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		_, wide, narrow := TileSizeBF16()
		r := rand.New(rand.NewPCG(47, 48))
		small, half := float32(0x1.8p-126), float32(r.IntN(1)+2) // known at run time alone
		for _, width := range []int{wide, narrow} {
			p := newProductBF16(r, 3, width-1, width, 40, 1, func() float32 { return small })
			z := make([]float32, p.Z.reach(&p.Tiling)+p.Cols)
			TileBF16(z, nil, p.segments, &p.Tiling)
			if z[0] != 0 {
				t.Errorf("products that are too small are %x", z[0])
			}
			if bits := math.Float32bits(small / half); bits != 0x00600000 {
				t.Fatalf("half of %x has the bits %x now", small, bits)
			}
		}
	})
}

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

// BenchmarkTileBF16 multiplies images by a panel of weights in bf16 and in float32 by turns. It reports the best of each, and
// their ratio.
func BenchmarkTileBF16(b *testing.B) {
	for _, isa := range Available() {
		for _, c := range [][3]int{{28 * 28, 64, 9}, {14 * 14, 128, 9}, {7 * 7, 256, 9}, {32 * 32, 96, 1}, {28 * 28, 16, 9}, {28 * 28, 24, 9}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", isa, c[0], c[1], c[2]), func(b *testing.B) {
				defer SetISA(ISA())
				SetISA(isa)
				plain, half := plainOf(c[0], c[1], c[2]), halfOf(c[0], c[1], c[2])
				best := [2]time.Duration{time.Hour, time.Hour}
				for b.Loop() {
					for i, f := range []func(){plain, half} {
						start := time.Now()
						f()
						best[i] = min(best[i], time.Since(start))
					}
				}
				_, wide, _ := TileSize()
				flops := 2 * float64(c[0]*c[1]*c[2]*wide)
				b.ReportMetric(flops/float64(best[0]), "GFLOP/s-float32")
				b.ReportMetric(flops/float64(best[1]), "GFLOP/s-bf16")
				b.ReportMetric(float64(best[0])/float64(best[1]), "ratio")
			})
		}
	}
}

// imageTiling returns the tiling of an image of some pixels of depth channels.
func imageTiling(pixels, depth, most, wide int) *Tiling {
	tiles := (pixels + most - 1) / most
	for pixels%tiles != 0 {
		tiles++
	}
	rows := pixels / tiles
	h := (rows + 1) / 2
	return &Tiling{Rows: rows, Cols: wide, Width: wide, Depth: depth, Count: tiles,
		X: Strides{depth, h * depth, rows * depth}, Z: Strides{wide, h * wide, rows * wide}}
}

// someNumbers returns numbers that are none of those that plain Go takes longer for.
func someNumbers(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = BF16(float32(i*7919%1009-500) / 500)
	}
	return x
}

// plainOf returns a product of an image by a panel of segments, each of which reads it a pixel further on.
func plainOf(pixels, depth, segments int) func() {
	rows, wide, _ := TileSize()
	t, x := imageTiling(pixels, depth, rows, wide), someNumbers((pixels+segments)*depth)
	var s []Segment
	for i := range segments {
		s = append(s, Segment{x[i*depth:], someNumbers(depth * wide)})
	}
	z, bias := make([]float32, pixels*wide), make([]float32, wide)
	return func() { Tile(z, bias, s, t) }
}

// halfOf returns the same product in bf16. In pairs its numbers are others, and the ends of steps are no zeros, which takes as long.
func halfOf(pixels, depth, segments int) func() {
	rows, wide, _ := TileSizeBF16()
	t, x := imageTiling(pixels, depth, rows, wide), someNumbers(SlotsBF16((pixels+segments)*depth+StepBF16))
	var s []SegmentBF16
	for i := range segments {
		s = append(s, SegmentBF16{x, i * depth, someNumbers(SlotsBF16(PaddedBF16(depth)) * wide)})
	}
	z, bias := make([]float32, pixels*wide), make([]float32, wide)
	return func() { TileBF16(z, bias, s, t) }
}

// PanelsBF16 is TileBF16 panel by panel, and leaves alone what is between the panels' columns.
func TestPanelsBF16(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		most, wide, _ := TileSizeBF16()
		for _, depth := range []int{1, 32, 70} {
			panels, rows, padded := 1+r.IntN(5), 1+r.IntN(most), PaddedBF16(depth)
			s := SegmentBF16{X: make([]float32, SlotsBF16((rows+1)*padded)), At: 0, W: make([]float32, panels*SlotsBF16(padded)*wide)}
			numbers := make([]float32, max(rows, wide)*depth)
			fill := func() []float32 {
				for i := range numbers {
					numbers[i] = float32(r.NormFloat64())
				}
				return numbers
			}
			RoundBF16(s.X, 0, fill(), &Rounding{Lines: 1, Rows: rows, Cols: depth, XRow: depth, Fill: padded, ZRow: padded})
			panel := len(s.W) / panels
			for i := range panels {
				PackBF16(s.W[i*panel:], fill(), &Rounding{Lines: 1, Rows: depth, Cols: wide, XRow: wide, Fill: padded, Width: wide})
			}
			h := (rows + 1) / 2
			row := panels*(wide+3) + 1
			tiling := Tiling{Rows: rows, Cols: wide, Width: wide, Depth: depth, Count: panels,
				X: Strides{Row: padded, Gap: h * padded, Tile: 9}, Z: Strides{Row: row, Gap: h * row, Tile: wide + 3}}
			got := make([]float32, rows*row)
			for i := range got {
				got[i] = float32(i)
			}
			want := slices.Clone(got)
			PanelsBF16(got, nil, s, &tiling)
			tiling.Count = 1
			for i := range panels {
				TileBF16(want[i*(wide+3):], nil, []SegmentBF16{{X: s.X, W: s.W[i*panel:]}}, &tiling)
			}
			for i, v := range got {
				if math.Float32bits(v) != math.Float32bits(want[i]) {
					t.Fatalf("depth %d, %d rows, %d panels: number %d is %v, and by TileBF16 %v", depth, rows, panels, i, v, want[i])
				}
			}
			tiling.Count = panels + 1
			var length *LengthError
			if err := panicOf(func() { PanelsBF16(make([]float32, 2*len(got)), nil, s, &tiling) }); !errors.As(err, &length) {
				t.Errorf("a panel that is not there: panic of %v, want a *LengthError", err)
			}
		}
	})
}
