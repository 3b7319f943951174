package group

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func randomImages(rng *rand.Rand, s Images) []float32 {
	x := make([]float32, s.Len())
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func TestCheckElementwise(t *testing.T) {
	s := Images{2, 6, 6, 3}
	x := randomImages(rand.New(rand.NewPCG(5, 1)), s)
	square := func(z, x []float32) {
		for i := range x {
			z[i] = x[i] * x[i]
		}
	}
	for _, g := range All() {
		if d := Check(g, square, x, s, s); !d.Exact || d.Max != 0 || d.String() != "equal bits" {
			t.Errorf("%v: %+v", g, d)
		}
	}
}

// A ramp added along x breaks the left-right mirror by a known amount and keeps the other one.
func TestCheckMeasures(t *testing.T) {
	s := Images{1, 4, 4, 1}
	x := randomImages(rand.New(rand.NewPCG(5, 2)), s)
	for i := range x {
		x[i] = float32(math.Round(float64(x[i]))) // small integers: the ramp is added exactly
	}
	ramp := func(z, x []float32) {
		for p := range x {
			z[p] = x[p] + float32(p%4)
		}
	}
	if d := Check(V, ramp, x, s, s); !d.Exact {
		t.Errorf("V: %v", d)
	}
	d := Check(H, ramp, x, s, s)
	if d.Exact || d.Max != 3 || d.Element != 1 {
		t.Errorf("H: %+v, want a difference of 3 under element 1", d)
	}
	if !strings.Contains(d.String(), "3") {
		t.Errorf("H: %v", d)
	}
}

// Bits decide, not values: −0 for +0 is a difference, of size 0; equal NaNs are none; a NaN against a number is one.
func TestCheckBits(t *testing.T) {
	s, one := Images{1, 1, 2, 1}, Images{1, 1, 1, 1}
	x := []float32{1, -1}
	nan := float32(math.NaN())
	for _, c := range []struct {
		name  string
		f     func(z, x []float32)
		exact bool
		max   float64
	}{
		{"sign of zero", func(z, x []float32) { z[0] = x[0] * 0 }, false, 0},
		{"always NaN", func(z, x []float32) { z[0] = nan }, true, 0},
		{"sometimes NaN", func(z, x []float32) { z[0] = float32(math.Sqrt(float64(x[0]))) }, false, math.NaN()},
		{"overflow", func(z, x []float32) { z[0] = x[0] * float32(math.Inf(1)) }, false, math.Inf(1)},
	} {
		d := Check(H, c.f, x, s, one)
		if d.Exact != c.exact || d.Max != c.max && !(math.IsNaN(d.Max) && math.IsNaN(c.max)) {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

func TestCheckRefusesWrongShapes(t *testing.T) {
	id := func(z, x []float32) { copy(z, x) }
	for name, call := range map[string]func(){
		"length": func() { Check(C1, id, make([]float32, 5), Images{1, 2, 2, 1}, Images{1, 2, 2, 1}) },
		"input":  func() { Check(C4, id, make([]float32, 6), Images{1, 2, 3, 1}, Images{1, 1, 1, 6}) },
		"output": func() { Check(C4, id, make([]float32, 9), Images{1, 3, 3, 1}, Images{1, 3, 2, 1}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
