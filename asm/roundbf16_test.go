package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// A rounder is one of the functions that round. Its place says where number c of row (l, i) goes; as says with which index there
// is a number of a row and which beyond are zeros.
type rounder struct {
	name string
	call func(z []float32, at int, x []float32, r *Rounding)
	rows bool // the numbers of a row lie side by side; else those of a column
	pack bool
}

var rounders = []rounder{
	{"RoundBF16", RoundBF16, true, false},
	{"TransposeBF16", TransposeBF16, false, false},
	{"PackBF16", func(z []float32, _ int, x []float32, r *Rounding) { PackBF16(z, x, r) }, false, true},
	{"PackTransposedBF16", func(z []float32, _ int, x []float32, r *Rounding) { PackTransposedBF16(z, x, r) }, true, true},
}

// expected returns what an operand of n numbers holds afterwards: numbers by place, and which places may not change.
func (f *rounder) expected(n, at int, x []float32, r *Rounding) (want []float32, touched []bool) {
	want, touched = make([]float32, n), make([]bool, n)
	runs := r.Rows
	if !f.rows {
		runs = r.Cols
	}
	set := func(i int, v float32) { want[i], touched[i] = nearest(v), true }
	if f.pack {
		for i := range PaddedBF16(r.Lines*r.Fill) * r.Width {
			set(i, 0)
		}
	}
	for l := range r.Lines {
		for run := range runs {
			for i := range r.Fill {
				v, row, col := float32(0), run, i
				if !f.rows {
					row, col = i, run
				}
				if row < r.Rows && col < r.Cols {
					v = x[l*r.XLine+row*r.XRow+col]
				}
				if f.pack {
					set(placeBF16(l*r.Fill+i, run, r.Width), v)
				} else {
					set(at+l*r.ZLine+run*r.ZRow+i, v)
				}
			}
		}
	}
	return want, touched
}

// randomRounding returns sizes that fit one of the functions.
func (f *rounder) randomRounding(r *rand.Rand) *Rounding {
	_, wide, narrow := TileSizeBF16()
	o := &Rounding{Lines: 1 + r.IntN(3), Rows: r.IntN(40), Cols: r.IntN(70)}
	if f.pack {
		o.Width = []int{wide, narrow}[r.IntN(2)]
		if f.rows {
			o.Rows = r.IntN(o.Width + 1)
		} else {
			o.Cols = r.IntN(o.Width + 1)
		}
	}
	o.XRow = o.Cols + r.IntN(9)
	o.XLine = o.Rows*o.XRow + r.IntN(9)
	run, runs := o.Cols, o.Rows
	if !f.rows {
		run, runs = runs, run
	}
	o.Fill = run + r.IntN(4)*r.IntN(12)
	if r.IntN(2) == 0 {
		o.Fill = PaddedBF16(run)
	}
	o.ZRow = o.Fill + r.IntN(5)
	o.ZLine = runs*o.ZRow + r.IntN(7)
	if !f.rows && r.IntN(2) == 0 { // the lines of a column follow each other
		o.ZLine = o.Fill + r.IntN(2)
		o.ZRow = o.Lines*o.ZLine + r.IntN(3)
	}
	return o
}

// someBits returns numbers of any bits, and many in the middle between two of 8 bits.
func someBits(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		u := r.Uint32()
		switch r.IntN(4) {
		case 0:
			u = u&^0xffff | []uint32{0x7fff, 0x8000, 0x8001}[r.IntN(3)]
		case 1:
			u &^= uint32([]int{0x7f800000, 0x7f000000, 0x7f}[r.IntN(3)])
		case 2:
			u = math.Float32bits(float32(r.NormFloat64()))
		}
		x[i] = math.Float32frombits(u)
	}
	return x
}

// TestRounding holds the functions that round to what they say, for many shapes, in all forms.
func TestRounding(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		for _, f := range rounders {
			t.Run(f.name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(31, uint64(len(f.name))))
				for range 400 {
					f.check(t, r, f.randomRounding(r))
				}
			})
		}
	})
}

func (f *rounder) check(t *testing.T, r *rand.Rand, o *Rounding) {
	t.Helper()
	const beyond = 9
	at, x := r.IntN(9), someBits(r, o.Lines*o.XLine+o.Rows*o.XRow+o.Cols)
	n := at + (o.Lines+1)*o.ZLine + (max(o.Rows, o.Cols)+1)*o.ZRow + o.Fill
	if f.pack {
		at, n = 0, PaddedBF16(o.Lines*o.Fill)*o.Width
	}
	n += beyond
	z := make([]float32, SlotsBF16(n))
	for i := range n {
		put(z, i, float32(i%101-200))
	}
	f.call(z, at, x, o)
	want, touched := f.expected(n, at, x, o)
	for i, w := range want {
		if !touched[i] {
			w = float32(i%101 - 200)
		}
		if got := NumberBF16(z, i); !sameNumber(got, w) {
			t.Fatalf("%+v at %d: number %d is %x, not %x", *o, at, i, got, w)
		}
	}
	if !pairs {
		return
	}
	for i := 0; i < n; i++ { // NaN are NaN, and not the next number's bits
		if got := NumberBF16(z, i); got != got && math.Float32bits(got)&(1<<22) == 0 {
			t.Fatalf("%+v at %d: number %d is the NaN %x", *o, at, i, math.Float32bits(got))
		}
	}
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

// TestRoundingOfNoSizes demands a *LengthError for whatever would reach outside.
func TestRoundingOfNoSizes(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		_, wide, _ := TileSizeBF16()
		ok := Rounding{Lines: 2, Rows: 3, Cols: 4, XLine: 12, XRow: 4, Fill: 4, ZLine: 12, ZRow: 4, Width: wide}
		edit := func(f func(r *Rounding)) *Rounding { c := ok; f(&c); return &c }
		x, z := make([]float32, 24), make([]float32, SlotsBF16(24))
		panel := make([]float32, SlotsBF16(32)*wide)
		calls := map[string]func(){
			"x":          func() { RoundBF16(z, 0, x[1:], &ok) },
			"z":          func() { RoundBF16(z[1:], 0, x, &ok) },
			"at":         func() { RoundBF16(z, 1, x, &ok) },
			"before":     func() { RoundBF16(z, -1, x, &ok) },
			"fill":       func() { RoundBF16(z, 0, x, edit(func(r *Rounding) { r.Fill = 3 })) },
			"more fill":  func() { RoundBF16(z, 0, x, edit(func(r *Rounding) { r.Fill = 5 })) },
			"negative":   func() { RoundBF16(z, 0, x, edit(func(r *Rounding) { r.XRow = -1 })) },
			"far at":     func() { RoundBF16(z, math.MaxInt, x, &ok) },
			"far line":   func() { RoundBF16(z, 0, x, edit(func(r *Rounding) { r.ZLine = math.MaxInt })) },
			"far both":   func() { RoundBF16(z, math.MaxInt, x, edit(func(r *Rounding) { r.ZLine = math.MaxInt })) },
			"far column": func() { TransposeBF16(z, math.MaxInt, x, &ok) },
			"around x": func() { // four times that is 0 for an int
				RoundBF16(z, 0, x, edit(func(r *Rounding) { r.Lines, r.Rows, r.XRow = 1, 5, math.MaxInt/2+1 }))
			},
			"around a panel": func() {
				PackBF16(panel, x, edit(func(r *Rounding) { r.Lines, r.XLine = math.MaxInt/2+1, 0 }))
			},
			"transposed": func() { TransposeBF16(z, 0, x, edit(func(r *Rounding) { r.ZRow = 5 })) },
			"width":      func() { PackBF16(panel, x, edit(func(r *Rounding) { r.Width++ })) },
			"columns":    func() { PackBF16(panel, make([]float32, 999), edit(func(r *Rounding) { r.Cols = wide + 1 })) },
			"panel":      func() { PackBF16(panel[1:], x, &ok) },
			"panel of rows": func() {
				PackTransposedBF16(panel, make([]float32, 999), edit(func(r *Rounding) { r.Rows = wide + 1 }))
			},
		}
		for name, call := range calls {
			if _, ok := panicOf(call).(*LengthError); !ok {
				t.Errorf("%s: no *LengthError", name)
			}
		}
		RoundBF16(z, 0, x, &ok) // what all of them are next to
		TransposeBF16(z, 0, x, edit(func(r *Rounding) { r.Fill, r.ZRow, r.ZLine = 3, 3, 12 }))
		PackBF16(panel, x, &ok)
		PackTransposedBF16(panel, x, &ok)
	})
}

func ExampleRoundBF16() {
	x := []float32{1, 1.01, 2, 3}
	z := make([]float32, SlotsBF16(PaddedBF16(len(x))))
	RoundBF16(z, 0, x, &Rounding{Lines: 1, Rows: 1, Cols: len(x), Fill: PaddedBF16(len(x))})
	fmt.Println(NumberBF16(z, 0), NumberBF16(z, 1), NumberBF16(z, 3), NumberBF16(z, 4))
	// Output: 1 1.0078125 3 0
}

// BenchmarkRounding rounds 784 rows of 64 numbers in each way. It reports the best time a number.
func BenchmarkRounding(b *testing.B) {
	for _, isa := range Available() {
		for _, f := range rounders {
			b.Run(isa+"/"+f.name, func(b *testing.B) {
				defer SetISA(ISA())
				SetISA(isa)
				const pixels = 784
				_, wide, _ := TileSizeBF16()
				r := Rounding{Lines: 28, Rows: 28, Cols: 64, XLine: 28 * 64, XRow: 64, Fill: 64, ZLine: 28 * 64, ZRow: 64}
				switch f.name {
				case "TransposeBF16":
					r.Fill, r.ZLine, r.ZRow = 30, 30, 30*30
				case "PackBF16":
					r.Fill, r.Width, r.Cols = 30, wide, wide
				case "PackTransposedBF16":
					r = Rounding{Lines: 9, Rows: wide, Cols: 64, XLine: wide * 64, XRow: 64, Fill: 64, Width: wide}
				}
				x, z := make([]float32, pixels*64), make([]float32, 1<<17)
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					f.call(z, 31, x, &r)
					best = min(best, time.Since(start))
				}
				b.ReportMetric(float64(best)/float64(r.Lines*r.Rows*r.Cols), "ns/number")
			})
		}
	}
}

func TestRoundingAllocatesNothing(t *testing.T) {
	_, wide, _ := TileSizeBF16()
	x, z := make([]float32, 16*wide), make([]float32, 64*wide)
	r := Rounding{Lines: 1, Rows: 8, Cols: 8, XRow: wide, Fill: 16, ZRow: 16, Width: wide}
	for _, f := range rounders {
		if n := testing.AllocsPerRun(10, func() { f.call(z, 0, x, &r) }); n != 0 {
			t.Errorf("%s allocates %v times", f.name, n)
		}
	}
}
