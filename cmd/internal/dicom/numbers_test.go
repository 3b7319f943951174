package dicom

import (
	"math"
	"slices"
	"testing"
)

// rowOf returns a file of one row of such values.
func rowOf(stored int, signed bool, photometric string, elements ...element) *File {
	f := &File{Header: Header{1, 1, 1, 1, 16, stored, stored - 1, signed, photometric, false}, elements: elements}
	f.readPadding()
	return f
}

// Every value of every depth comes back exactly from its number, which is within [−1, 1] and ascends; of MONOCHROME1 it descends.
func TestExact(t *testing.T) {
	for _, photometric := range []string{monochrome1, monochrome2} {
		for stored := 1; stored <= 16; stored++ {
			for _, signed := range []bool{false, true} {
				f := rowOf(stored, signed, photometric)
				r := f.Range()
				var values []int32
				for v := r.Lo; v <= r.Hi; v++ {
					values = append(values, v)
				}
				x, back := make([]float32, len(values)), make([]int32, len(values))
				f.Numbers(x, values, r)
				if err := f.Values(back, x, r, slices.Repeat([]int32{r.Lo}, len(values))); err != nil || !slices.Equal(back, values) {
					t.Fatalf("%s, %d bits, sign %v: values do not come back, %v", photometric, stored, signed, err)
				}
				want := [2]float32{-1, 1}
				if photometric == monochrome1 {
					want = [2]float32{1, -1}
				}
				if got := [2]float32{x[0], x[len(x)-1]}; got != want {
					t.Fatalf("the ends of %d bits are %v, want %v", stored, got, want)
				}
			}
		}
	}
}

// What is outside the range stays, whatever the network makes of it; numbers beyond the ends become the ends.
func TestOutside(t *testing.T) {
	f := rowOf(12, false, monochrome2)
	r, values := Range{100, 200}, []int32{99, 100, 150, 200, 201, 4095}
	x, back := make([]float32, 6), make([]int32, 6)
	f.Numbers(x, values, r)
	if want := []float32{-1, -1, 0, 1, 1, 1}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v", x, want)
	}
	if err := f.Values(back, []float32{0, -7, 0.02, 7, 0, 0}, r, values); err != nil || !slices.Equal(back, []int32{99, 100, 151, 200, 201, 4095}) {
		t.Errorf("%v, %v", back, err)
	}
	if err := f.Values(back, []float32{0, 0, float32(math.NaN()), 0, 0, 0}, r, values); err == nil {
		t.Error("NaN is no error")
	}
}

// Padding is black, stays as it is, leaves the range alone, and no other value becomes it.
func TestPadding(t *testing.T) {
	f := open(t, "padding_s12")
	pad := int32(-2048 + 131) // row 1, column 0
	if !f.Padding(pad) || f.Padding(pad+1) {
		t.Fatal("the padding is another value")
	}
	values := all(t, f)[0]
	x, back, r := make([]float32, 30), make([]int32, 30), f.Range()
	f.Numbers(x, values, r)
	if x[6] != -1 {
		t.Errorf("padding becomes %v", x[6])
	}
	all := slices.Repeat([]float32{float32(float64(2*131)/4095 - 1)}, 30)
	if err := f.Values(back, all, r, values); err != nil {
		t.Fatal(err)
	}
	for k, v := range back {
		if (v == pad) != (k == 6) || max(v-pad, pad-v) > 1 {
			t.Errorf("value %d becomes %d", k, v)
		}
	}
	ranged := rowOf(12, false, monochrome2, element{tag: paddingValue, value: []byte{10, 0}}, element{tag: paddingLimit, value: []byte{20, 0}})
	for v, want := range map[int32]bool{9: false, 10: true, 15: true, 20: true, 21: false} {
		if ranged.Padding(v) != want {
			t.Errorf("padding of %d is %v", v, !want)
		}
	}
	for v, want := range map[[2]int32]int32{{9, 0}: 9, {10, 30}: 21, {20, 0}: 9, {15, 9}: 9, {15, 21}: 21, {21, 30}: 21} {
		if got := ranged.beside(v[0], v[1]); got != want {
			t.Errorf("beside %d on the way to %d is %d, want %d", v[0], v[1], got, want)
		}
	}
	ranged.elements = nil // its elements are read once, not for each pixel
	if !ranged.Padding(15) {
		t.Error("padding is looked for again")
	}
	used, err := f.Used(t.Context())
	if err != nil || used.Lo != -2048 || used.Hi != slices.Max(values) {
		t.Errorf("used are %v, %v", used, err)
	}
}

// A window has the stored values that it shows.
func TestWindow(t *testing.T) {
	f := open(t, "explicit_u12")
	slope, intercept, err := f.Rescale()
	if err != nil || slope != 2.5 || intercept != -1024 {
		t.Errorf("v becomes %v v + %v, %v", slope, intercept, err)
	}
	all, err := f.Windows()
	if want := []Window{{40, 400, "SOFT"}, {300.5, 2000, "WIDE"}}; err != nil || !slices.Equal(all, want) {
		t.Fatalf("%v, %v, want %v", all, err, want)
	}
	// 39.5 ± 199.5: from −160 to 239; (−160 + 1024)/2.5 = 345.6, (239 + 1024)/2.5 = 505.2
	if r, err := f.Window(all[0]); err != nil || r != (Range{345, 506}) {
		t.Errorf("%v, %v", r, err)
	}
	if r, err := f.Window(Window{0, 1e9, ""}); err != nil || r != f.Range() {
		t.Errorf("a window of everything is %v, %v", r, err)
	}
	if r, err := f.Window(Window{1e9, 1, ""}); err != nil || r.Lo >= r.Hi {
		t.Errorf("a window of nothing is %v, %v", r, err)
	}
	exact := rowOf(12, false, monochrome2, element{tag: windowFunction, value: []byte("LINEAR_EXACT")})
	if r, err := exact.Window(Window{100, 100, ""}); err != nil || r != (Range{50, 150}) {
		t.Errorf("an exact window is %v, %v", r, err)
	}
	negative := rowOf(12, false, monochrome2, element{tag: rescaleSlope, value: []byte("-1 ")})
	if r, err := negative.Window(Window{-99.5, 101, ""}); err != nil || r != (Range{50, 150}) {
		t.Errorf("a window of a negative slope is %v, %v", r, err)
	}
	for _, bad := range []string{"0", "x", "NaN", "1e999"} {
		if _, _, err := rowOf(8, false, monochrome2, element{tag: rescaleSlope, value: []byte(bad)}).Rescale(); err == nil {
			t.Errorf("the slope %q is no error", bad)
		}
	}
}
