package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
)

// wheel is a small network of pinwheels.
func wheel(g group.Group, h, w int) UNetConfig {
	c := small(g, h, w)
	c.Kernel, c.Taps = 5, Pinwheel
	return c
}

// Kernels of pinwheels commute with their group in every bit, and with no mirror.
func TestPinwheelUNetIsEquivariant(t *testing.T) {
	for _, g := range []group.Group{group.C1, group.C2, group.C4} {
		for i, size := range [][2]int{{12, 12}, {8, 8}, {20, 12}} {
			if g.Acts(size[0], size[1]) != nil {
				continue
			}
			u := randomUNet(t, wheel(g, size[0], size[1]), uint64(i))
			if d := difference(u, g, uint64(i)); !d.Exact {
				t.Errorf("%v, %v pixels: %v", g, size, d)
			}
			for _, mirror := range []group.Group{group.H, group.V} {
				if d := difference(u, mirror, uint64(i)); d.Max < 1e-3 {
					t.Errorf("%v, %v pixels, under %v: %v; it should tell the hands apart", g, size, mirror, d)
				}
			}
		}
	}
}

// A twin without the knight's moves is D4's.
func TestPinwheelTwin(t *testing.T) {
	c := wheel(group.C4, 12, 12)
	u := randomUNet(t, c, 1)
	for _, p := range u.params {
		if len(p.File) != 4 || p.File[2] != pinwheelSize {
			continue
		}
		v := p.Value.Data() // the first orbit in raster order is that of the knight's moves
		clear(v[:len(v)/4])
	}
	if d := difference(u, group.D4, 1); d.Max > 1e-4 {
		t.Errorf("without knight's moves: %v; want a rounding error", d)
	}
}

// Symmetry says with what a network commutes, no more and no less.
func TestSymmetry(t *testing.T) {
	for _, g := range group.All() {
		for _, features := range []Representation{Scalar, Regular} {
			for _, kernel := range []int{1, 3, 5} {
				c := small(g, 8, 8)
				c.Width, c.Groups, c.Features, c.Kernel = 8, 1, features, kernel
				checkSymmetry(t, c)
			}
		}
		if c := wheel(g, 8, 8); c.Validate() == nil {
			checkSymmetry(t, c)
		}
	}
	for c, want := range map[*UNetConfig]group.Group{
		{Group: group.C4, ImageHeight: 28, ImageWidth: 28, Kernel: 3}:                 group.D4,
		{Group: group.C4, ImageHeight: 28, ImageWidth: 28, Kernel: 5}:                 group.C4,
		{Group: group.C4, ImageHeight: 28, ImageWidth: 28, Kernel: 5, Taps: Pinwheel}: group.C4,
		{Group: group.C1, ImageHeight: 28, ImageWidth: 20, Kernel: 1}:                 group.D2,
	} {
		if got := c.Symmetry(); got != want {
			t.Errorf("%v, %d taps across, %v: %v, want %v", c.Group, c.Kernel, c.Taps, got, want)
		}
	}
}

func checkSymmetry(t *testing.T, c UNetConfig) {
	t.Helper()
	u, has := randomUNet(t, c, 3), c.Symmetry()
	for _, g := range group.All() {
		if got, want := difference(u, g, 3).Max < 1e-4, within(g, has); got != want {
			t.Errorf("%v features over %v, %d taps across, %v: Symmetry is %v, and whether it commutes with %v is %v", c.Features, c.Group,
				c.Kernel, c.Taps, has, g, got)
		}
	}
}

// within reports whether each element of g moves the pixels of a square as one of h does.
func within(g, h group.Group) bool {
	moves := map[string]bool{}
	for a := range h.Order() {
		moves[fmt.Sprint(h.Permutation(a, 4, 4))] = true
	}
	for a := range g.Order() {
		if !moves[fmt.Sprint(g.Permutation(a, 4, 4))] {
			return false
		}
	}
	return true
}

// A pinwheel stands in a file as a kernel of 5×5 taps, 0 where it has none; another number there is an error. A plain network
// of such kernels computes the same of it.
func TestPinwheelFile(t *testing.T) {
	c := wheel(group.C4, 8, 8)
	u := randomUNet(t, c, 2)
	file := Weights(u.params, nil)
	plain := c
	plain.Group, plain.Taps = group.C1, Square
	p, err := NewUNet(plain)
	if err != nil {
		t.Fatal(err)
	}
	if err := SetWeights(p.params, file); err != nil {
		t.Fatal(err)
	}
	n := 64 * c.In
	got, want, x := make([]float32, 64*c.Out), make([]float32, 64*c.Out), randomSlice(n, 1)
	newRunner(u, 1).run(got, x)
	newRunner(p, 1).run(want, x)
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-4 {
			t.Fatalf("number %d is %v, and %v in a plain network", i, got[i], want[i])
		}
	}
	back, _ := NewUNet(c)
	if err := SetWeights(back.params, file); err != nil {
		t.Fatal(err)
	}
	for i, p := range back.params {
		if differs(p.Value.Data(), u.params[i].Value.Data()) >= 0 {
			t.Errorf("%s changed on its way to the file and back", p.Name)
		}
	}
	for _, t4 := range file.Tensors {
		if s := t4.Value.Shape(); len(s) == 4 && s[2] == 5 {
			t4.Value.Data()[25+3] = 1e-30
			break
		}
	}
	var tie *TieError
	if err := SetWeights(back.params, file); !errors.As(err, &tie) || tie.First != nil || !strings.Contains(err.Error(), "[0 1 0 3] is 1e-30") {
		t.Errorf("a weight outside of the pinwheel: %v", err)
	}
}

// A pinwheel is cheap: 4 weights of 13 taps. Where it cannot be, Validate says so, and a layer panics.
func TestPinwheelConfig(t *testing.T) {
	if k := Pinwheel.taps(group.C4, 5); len(k) != 4 || count(k) != 13 {
		t.Errorf("under C4 it is %v", k)
	}
	for want, edit := range map[string]func(*UNetConfig){
		"kernel is 3; a pinwheel is in a square of 5×5 taps; 5 would do":                  func(c *UNetConfig) { c.Kernel = 3 },
		"taps is pinwheel; regular features have filters of any hand":                     func(c *UNetConfig) { c.Features = Regular },
		"taps is pinwheel; the mirrors of D4 make another of a pinwheel; square would do": func(c *UNetConfig) { c.Group = group.D4 },
		"taps is pinwheel; the mirrors of H make another of a pinwheel; square would do":  func(c *UNetConfig) { c.Group = group.H },
		"taps is 2; it must be from 0 to 1":                                               func(c *UNetConfig) { c.Taps = 2 },
	} {
		c := wheel(group.C4, 8, 8)
		edit(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	text, err := json.Marshal(wheel(group.C4, 8, 8))
	if err != nil || !strings.Contains(string(text), `"taps":"pinwheel"`) {
		t.Errorf("%s, %v", text, err)
	}
	var back UNetConfig
	if err := json.Unmarshal(text, &back); err != nil || back.Taps != Pinwheel {
		t.Errorf("%v, %v", back.Taps, err)
	}
	if text, _ = json.Marshal(small(group.C4, 8, 8)); strings.Contains(string(text), "taps") {
		t.Error("a square need not be said")
	}
	if err := new(Support).UnmarshalText([]byte("disc")); err == nil || !strings.Contains(err.Error(), "square and pinwheel") {
		t.Error(err)
	}
	defer func() {
		if _, ok := recover().(*FieldError); !ok {
			t.Error("a block of pinwheels under D4 makes no *FieldError")
		}
	}()
	g := grid(t, group.D4, 8, 8)
	NewResBlock("r", Scalars(g, 2), Scalars(g, 2), ResBlockConfig{Embedding: 4, Groups: 2, Kernel: 5, Taps: Pinwheel})
}

// A pinwheel's weights are counted, and it is a graph of simple operations, as an export wants it, that computes the same.
func TestPinwheelSimplifies(t *testing.T) {
	c := wheel(group.C4, 8, 8)
	u := randomUNet(t, c, 7)
	n := int64(0)
	for _, p := range u.params {
		n += int64(p.Len())
	}
	if n != c.Parameters() {
		t.Errorf("%d parameters, and Parameters says %d", n, c.Parameters())
	}
	r := newRunner(u, 1)
	simple := autodiff.Simplify(r.z)[0]
	checkSimple(t, simple)
	x := randomSlice(64*c.In, 3)
	want, got := make([]float32, 64*c.Out), make([]float32, 64*c.Out)
	r.run(want, x)
	r.z, r.w = simple, autodiff.Compile(simple).NewWorkspace()
	r.prepare(c)
	r.run(got, x)
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-4 {
			t.Fatalf("number %d is %v, and %v in simple operations", i, want[i], got[i])
		}
	}
}
