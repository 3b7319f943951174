package asm

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// eachProductISA runs f once for each instruction set that there is here.
func eachProductISA(t *testing.T, f func(t *testing.T)) {
	for _, isa := range Available() {
		t.Run(isa, func(t *testing.T) {
			defer SetISA(ISA())
			if err := SetISA(isa); err != nil {
				t.Fatal(err)
			}
			f(t)
		})
	}
}

// A source makes numbers without a pattern, and now and then a special one.
type source struct {
	state    uint32
	specials bool
}

var specialNumbers = []float32{0, float32(math.Copysign(0, -1)), 1e-42, -1e-45, math.MaxFloat32, -math.MaxFloat32,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1.17549435e-38}

func (s *source) numbers(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		s.state = s.state*1664525 + 1013904223
		x[i] = float32(int32(s.state)>>8) / (1 << 23)
		if s.specials && s.state>>24%16 == 0 {
			x[i] = specialNumbers[int(s.state>>8)%len(specialNumbers)]
		}
	}
	return x
}

// unlike returns the first place where two slices differ in bits, NaN being like NaN, or −1.
func unlike(x, y []float32) int {
	for i := range x {
		if math.Float32bits(x[i]) != math.Float32bits(y[i]) && (x[i] == x[i] || y[i] == y[i]) {
			return i
		}
	}
	return -1
}

// compare runs a kernel and its reference, with FMA emulated, on copies of z, guard words on either side included.
func compare(t *testing.T, z []float32, kernel, reference func(z []float32), what func() string) {
	t.Helper()
	got, want := append([]float32(nil), z...), append([]float32(nil), z...)
	kernel(got)
	emulated := emulating()
	reference(want)
	emulated()
	if i := unlike(got, want); i >= 0 {
		t.Fatalf("%s: z[%d] is %v (%x), not %v (%x)", what(), i, got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
	}
}

const margin = 5 // numbers before z that must stay as they are, and what misaligns it

// TestTile holds Tile against its reference for all numbers of rows and columns, with depths around the unrolled loop's.
func TestTile(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		rows, wide, narrow := TileSize()
		s, trial := &source{state: 1}, 0
		for r := 1; r <= rows; r++ {
			for cols := 1; cols <= wide; cols++ {
				for _, width := range []int{wide, narrow} {
					if cols <= width {
						for _, depth := range []int{trial % 9, 4, 13 + trial%28} {
							trial++
							s.specials = trial%3 == 0
							checkTile(t, s, r, cols, width, depth, trial)
						}
					}
				}
			}
		}
	})
}

func checkTile(t *testing.T, s *source, rows, cols, width, depth, trial int) {
	count, h := 1+trial%3, (rows+1)/2
	ti := Tiling{Rows: rows, Cols: cols, Width: width, Depth: depth, Count: count,
		X: Strides{Row: depth + trial%5, Gap: h*(depth+3) + trial%7, Tile: trial % 40},
		Z: Strides{Row: cols + trial%4, Gap: h*(cols+3) + trial%3, Tile: rows * (cols + 8)}}
	if trial%5 == 0 {
		ti.Next = s.numbers(trial)
	}
	var segments []Segment
	for i := range trial % 4 {
		x := s.numbers(i + ti.X.reach(&ti) + depth)
		segments = append(segments, Segment{x[i:], s.numbers(1 + depth*width)[1:]})
	}
	bias := s.numbers(1 + cols)[1:]
	if trial%2 == 0 {
		bias = nil
	}
	z := s.numbers(margin + ti.Z.reach(&ti) + cols + margin)
	compare(t, z,
		func(z []float32) { Tile(z[margin:len(z)-margin], bias, segments, &ti) },
		func(z []float32) { tileGeneric(z[margin:len(z)-margin], bias, segments, &ti) },
		func() string { return fmt.Sprintf("%+v with %d segments, bias %v", ti, len(segments), bias != nil) })
}

// TestTileStatement holds the reference against the statement of what Tile computes.
func TestTileStatement(t *testing.T) {
	s := &source{state: 7}
	x, w, bias := s.numbers(64), s.numbers(3*genericNarrow), s.numbers(genericNarrow)
	ti := Tiling{Rows: 3, Cols: 7, Width: genericNarrow, Depth: 3, Count: 2, X: Strides{3, 20, 11}, Z: Strides{8, 30, 50}}
	z := make([]float32, 100)
	tileGeneric(z, bias, []Segment{{x, w}}, &ti)
	for i, at := range []struct{ x, z int }{{0, 0}, {3, 8}, {20, 30}, {11, 50}, {14, 58}, {31, 80}} {
		for c := range ti.Cols {
			want := FMA(x[at.x+2], w[2*8+c], FMA(x[at.x+1], w[8+c], FMA(x[at.x], w[c], bias[c])))
			if got := z[at.z+c]; got != want {
				t.Errorf("row %d, column %d is %v, not %v", i, c, got, want)
			}
		}
	}
}

// TestTileChain cuts a chain in two and demands the same bits.
func TestTileChain(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		rows, wide, _ := TileSize()
		s := &source{state: 3}
		x, w, bias := s.numbers(rows*40), s.numbers(40*wide), s.numbers(wide)
		ti := Tiling{Rows: rows, Cols: wide, Width: wide, Depth: 40, Count: 1,
			X: Strides{40, (rows + 1) / 2 * 40, 0}, Z: Strides{wide, (rows + 1) / 2 * wide, 0}}
		once, twice := make([]float32, rows*wide), make([]float32, rows*wide)
		Tile(once, bias, []Segment{{x, w}}, &ti)
		ti.Depth = 17
		Tile(twice, bias, []Segment{{x, w}}, &ti)
		ti.Depth = 23
		Tile(twice, nil, []Segment{{x[17:], w[17*wide:]}}, &ti)
		if i := unlike(once, twice); i >= 0 {
			t.Errorf("cut in two, element %d is %v, not %v", i, twice[i], once[i])
		}
	})
}

// TestOuter holds Outer against its reference.
func TestOuter(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		rows, wide, _ := TileSize()
		s, trial := &source{state: 5}, 0
		for r := 1; r <= rows; r++ {
			for cols := 1; cols <= wide; cols++ {
				for range 3 {
					trial++
					s.specials = trial%3 == 0
					checkOuter(t, s, r, cols, trial)
				}
			}
		}
	})
}

func checkOuter(t *testing.T, s *source, rows, cols, trial int) {
	o := Sweep{Rows: rows, Cols: cols, Stride: cols + trial%6, Images: trial % 3, Height: 1 + trial%2, Width: 1 + trial%5,
		X: Pixels{3 + trial%50, trial % 20, trial % 11}, Y: Pixels{trial % 60, 7, 1 + trial%13}}
	var nx, ny int
	if o.Images > 0 {
		nx, ny = o.X.reach(&o), o.Y.reach(&o)
	}
	x, y := s.numbers(1 + nx + rows)[1:], s.numbers(1 + ny + cols)[1:]
	z := s.numbers(margin + (rows-1)*o.Stride + cols + margin)
	compare(t, z,
		func(z []float32) { Outer(z[margin:len(z)-margin], x, y, &o) },
		func(z []float32) { outerGeneric(z[margin:len(z)-margin], x, y, &o) },
		func() string { return fmt.Sprintf("%+v", o) })
}

// TestOuterStatement holds the reference against the statement of what Outer computes.
func TestOuterStatement(t *testing.T) {
	s := &source{state: 9}
	x, y := s.numbers(60), s.numbers(60)
	o := Sweep{Rows: 2, Cols: 3, Stride: 4, Images: 2, Height: 2, Width: 2, X: Pixels{20, 9, 2}, Y: Pixels{25, 10, 4}}
	z := s.numbers(8)
	want := append([]float32(nil), z...)
	for _, at := range [][2]int{{0, 0}, {2, 4}, {9, 10}, {11, 14}, {20, 25}, {22, 29}, {29, 35}, {31, 39}} {
		for i := range 2 {
			for j := range 3 {
				want[4*i+j] = FMA(x[at[0]+i], y[at[1]+j], want[4*i+j])
			}
		}
	}
	outerGeneric(z, x, y, &o)
	if i := unlike(z, want); i >= 0 {
		t.Errorf("element %d is %v, not %v", i, z[i], want[i])
	}
}

// TestTreeSum holds TreeSum against the tree written out, over lengths, numbers of summands and missing ones.
func TestTreeSum(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		s := &source{state: 11}
		for _, n := range []int{1, 2, 4, 8} {
			for length := 0; length <= 80; length++ {
				s.specials = length%3 == 0
				checkTreeSum(t, s, n, Stripes{Len: length, Count: 1 + length%3, Z: length + length%4, X: length % 9})
			}
			checkTreeSum(t, s, n, Stripes{Len: 9001, Count: 2, Z: 9001, X: 9007})            // longer than zeros
			checkTreeSum(t, s, n, Stripes{Len: 100, Count: callLen/100 + 5, Z: 101, X: 103}) // more than a call of assembly takes
		}
	})
}

func checkTreeSum(t *testing.T, s *source, n int, st Stripes) {
	x := make([][]float32, n)
	for j := range x {
		if s.numbers(1)[0] < 0.5 {
			x[j] = s.numbers(j + (st.Count-1)*st.X + st.Len)[j:]
		}
	}
	at := func(j, i int) float32 {
		if x[j] == nil {
			return 0
		}
		return x[j][i]
	}
	tree := map[int]func(i int) float32{
		1: func(i int) float32 { return at(0, i) },
		2: func(i int) float32 { return at(0, i) + at(1, i) },
		4: func(i int) float32 { return (at(0, i) + at(1, i)) + (at(2, i) + at(3, i)) },
		8: func(i int) float32 {
			return ((at(0, i) + at(1, i)) + (at(2, i) + at(3, i))) + ((at(4, i) + at(5, i)) + (at(6, i) + at(7, i)))
		},
	}[n]
	compare(t, s.numbers(margin+(st.Count-1)*st.Z+st.Len+margin),
		func(z []float32) { TreeSum(z[margin:len(z)-margin], x, &st) },
		func(z []float32) {
			for k := range st.Count {
				for i := range st.Len {
					z[margin+k*st.Z+i] = tree(k*st.X + i)
				}
			}
		},
		func() string { return fmt.Sprintf("%d summands, %+v", n, st) })
}

// TestProductLengths demands a *LengthError for whatever would reach outside.
func TestProductLengths(t *testing.T) {
	_, wide, _ := TileSize()
	x, w, z := make([]float32, 12), make([]float32, 6*wide), make([]float32, 2*wide)
	ok := Tiling{Rows: 2, Cols: wide, Width: wide, Depth: 6, Count: 1, X: Strides{6, 6, 0}, Z: Strides{wide, wide, 0}}
	edit := func(f func(*Tiling)) *Tiling { c := ok; f(&c); return &c }
	fours := func(count int, x, z Strides) *Tiling { // tiles of four numbers
		return edit(func(t *Tiling) { t.Rows, t.Cols, t.Count, t.X, t.Z = 1, 4, count, x, z })
	}
	sweep := Sweep{Rows: 2, Cols: 3, Stride: 3, Images: 1, Height: 1, Width: 4, X: Pixels{0, 0, 2}, Y: Pixels{0, 0, 3}}
	images := func(x, y Pixels) *Sweep { c := sweep; c.Images, c.Width, c.X, c.Y = 5, 1, x, y; return &c }
	const around = math.MaxInt/2 + 1 // four times that is 0 for an int
	calls := map[string]func(){
		"z":               func() { Tile(z[1:], nil, []Segment{{x, w}}, &ok) },
		"x":               func() { Tile(z, nil, []Segment{{x[1:], w}}, &ok) },
		"w":               func() { Tile(z, nil, []Segment{{x, w}, {x, w[1:]}}, &ok) },
		"bias":            func() { Tile(z, x[:3], []Segment{{x, w}}, &ok) },
		"rows":            func() { Tile(z, nil, nil, edit(func(t *Tiling) { t.Rows = 99 })) },
		"width":           func() { Tile(z, nil, nil, edit(func(t *Tiling) { t.Width++ })) },
		"gap":             func() { Tile(z, nil, []Segment{{x, w}}, edit(func(t *Tiling) { t.X.Gap++ })) },
		"negative":        func() { Tile(z, nil, []Segment{{x, w}}, edit(func(t *Tiling) { t.X.Tile = -1 })) },
		"far":             func() { Tile(z[4:], nil, []Segment{{x, w}}, fours(2, Strides{}, Strides{Tile: math.MaxInt})) },
		"around":          func() { Tile(z, nil, []Segment{{x, w}}, fours(5, Strides{}, Strides{Tile: around})) },
		"around x":        func() { Tile(z, nil, []Segment{{x, w}}, fours(5, Strides{Tile: around}, Strides{})) },
		"outer x":         func() { Outer(z, x[:7], w, &sweep) },
		"outer y":         func() { Outer(z, x, w[:11], &sweep) },
		"outer z":         func() { Outer(z[:5], x, w, &sweep) },
		"outer, x around": func() { Outer(z, x, w, images(Pixels{Image: around}, Pixels{})) },
		"outer, y around": func() { Outer(z, x, w, images(Pixels{}, Pixels{Image: around})) },
		"tree":            func() { TreeSum(z[:4], [][]float32{x, x[:3]}, &Stripes{Len: 4, Count: 1}) },
		"far tree":        func() { TreeSum(z[4:], [][]float32{x}, &Stripes{Len: 4, Count: 2, Z: math.MaxInt}) },
		"three":           func() { TreeSum(z, [][]float32{x, x, x}, &Stripes{Len: 4, Count: 1}) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*LengthError); !ok {
					t.Error("no *LengthError")
				}
			}()
			call()
		})
	}
}

// TestSetISA switches to every instruction set and refuses others.
func TestSetISA(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		if _, isa, _ := strings.Cut(t.Name(), "/"); isa != ISA() {
			t.Errorf("%s is in use, not %s", ISA(), isa)
		}
	})
	if err := SetISA("mmx"); err == nil {
		t.Error("mmx was accepted")
	}
}
