package asm

import (
	"flag"
	"math"
	"testing"
)

// With -stride 1 the sweep takes every float32 there is: half an hour a core.
var stride = flag.Uint("stride", 1009, "of the bit patterns that the accuracy of elementary functions is tested on")

// elementary functions, what they are, and the error allowed, in units of the last place.
var elementary = []struct {
	name  string
	f     func(z, x []float32)
	truth func(x float64) float64
	ulps  float64
}{
	{"Exp", Exp, math.Exp, 1},
	{"Log", Log, math.Log, 1},
	{"Sigmoid", Sigmoid, sigmoidTruth, 2},
	{"SiLU", SiLU, siluTruth, 2},
	{"Tanh", Tanh, math.Tanh, 2},
	{"Sin", Sin, math.Sin, 2},
	{"Cos", Cos, math.Cos, 2},
	{"Sqrt", Sqrt, math.Sqrt, 0.5},
	{"Rsqrt", Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 2},
}

func sigmoidTruth(x float64) float64 {
	if x < 0 {
		return math.Exp(x) / (1 + math.Exp(x))
	}
	return 1 / (1 + math.Exp(-x))
}

func siluTruth(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * sigmoidTruth(x)
}

func TestElementaryWithinUlps(t *testing.T) {
	for _, e := range elementary {
		t.Run(e.name, func(t *testing.T) {
			worst, at := 0.0, float32(0)
			sweep(t, e.f, func(x, y float32) {
				if u := ulps(y, e.truth(float64(x))); u > worst || u != u {
					worst, at = u, x
				}
			})
			t.Logf("worst %.4f ulp, at %x", worst, at)
			if !(worst <= e.ulps) {
				t.Errorf("at %x the error is %.4f ulp, beyond %g", at, worst, e.ulps)
			}
		})
	}
}

func TestSiLUGradError(t *testing.T) {
	slope := func(x float64) float64 {
		s := sigmoidTruth(x)
		return s * (1 + x*(1-s))
	}
	one := make([]float32, 1<<12)
	Shift(one, 1, one)
	worst, at := 0.0, float32(0)
	sweep(t, func(z, x []float32) { SiLUGrad(z, x, one[:len(x)]) }, func(x, y float32) {
		if x-x != 0 {
			return // NaN and infinities are among the special values
		}
		if e := math.Abs(float64(y) - slope(float64(x))); e > worst || e != e {
			worst, at = e, x
		}
	})
	t.Logf("worst error 2^%.2f, at %x", math.Log2(worst), at)
	if !(worst < 3e-7) {
		t.Errorf("at %x the error is %g", at, worst)
	}
}

// sweep calls check with results of f over the float32s, having seen that all instruction sets agree on them.
func sweep(t *testing.T, f func(z, x []float32), check func(x, y float32)) {
	defer SetISA(ISA())
	const n = 1 << 12
	x, z, want := make([]float32, 0, n), make([]float32, n), make([]float32, n)
	flush := func() {
		faster := Available()
		generic := len(faster) - 1
		SetISA(faster[generic])
		f(want[:len(x)], x)
		for _, isa := range faster[:generic] {
			SetISA(isa)
			f(z[:len(x)], x)
			for i := range x {
				if math.Float32bits(z[i]) != math.Float32bits(want[i]) && (z[i] == z[i] || want[i] == want[i]) {
					t.Fatalf("%s: f(%x) = %x, want %x", isa, x[i], z[i], want[i])
				}
			}
		}
		for i, x := range x {
			check(x, want[i])
		}
		x = x[:0]
	}
	for u := uint64(0); u < 1<<32; u += uint64(*stride) {
		if x = append(x, math.Float32frombits(uint32(u))); len(x) == n {
			flush()
		}
	}
	flush()
}

// ulps is how far y is from want, in units of the last place of want as a float32; NaN unless both are NaN or neither.
func ulps(y float32, want float64) float64 {
	w := float32(want)
	if y != y && w != w || math.IsInf(float64(w), 0) && y == w {
		return 0
	}
	_, e := math.Frexp(max(math.Abs(float64(w)), 0x1p-126))
	return math.Abs(float64(y)-want) / math.Ldexp(1, e-24)
}

func TestElementarySpecialValues(t *testing.T) {
	inf, nan, zero := float32(math.Inf(1)), float32(math.NaN()), float32(0)
	slope := func(z, x []float32) { SiLUGrad(z, x, []float32{1}) }
	for _, c := range []struct {
		name    string
		f       func(z, x []float32)
		x, want float32
	}{
		{"Exp", Exp, -inf, 0}, {"Exp", Exp, inf, inf}, {"Exp", Exp, nan, nan}, {"Exp", Exp, -zero, 1},
		{"Exp", Exp, -103.9, 0x1p-149}, {"Exp", Exp, -104, 0}, {"Exp", Exp, 88.73, inf},
		{"Log", Log, 0, -inf}, {"Log", Log, negative(0), -inf}, {"Log", Log, -1, nan}, {"Log", Log, inf, inf}, {"Log", Log, -inf, nan},
		{"Log", Log, nan, nan}, {"Log", Log, 1, 0}, {"Log", Log, 0x1p-149, -103.27893},
		{"Sigmoid", Sigmoid, -inf, 0}, {"Sigmoid", Sigmoid, inf, 1}, {"Sigmoid", Sigmoid, 0, 0.5}, {"Sigmoid", Sigmoid, nan, nan},
		{"SiLU", SiLU, -inf, negative(0)}, {"SiLU", SiLU, inf, inf}, {"SiLU", SiLU, nan, nan}, {"SiLU", SiLU, negative(0), negative(0)},
		{"SiLUGrad", slope, -inf, negative(0)}, {"SiLUGrad", slope, inf, 1}, {"SiLUGrad", slope, nan, nan}, {"SiLUGrad", slope, 0, 0.5},
		{"Tanh", Tanh, inf, 1}, {"Tanh", Tanh, -inf, -1}, {"Tanh", Tanh, negative(0), negative(0)}, {"Tanh", Tanh, nan, nan},
		{"Tanh", Tanh, 0x1p-149, 0x1p-149},
		{"Sin", Sin, negative(0), negative(0)}, {"Sin", Sin, inf, nan}, {"Sin", Sin, nan, nan}, {"Sin", Sin, -0x1p-149, -0x1p-149},
		{"Cos", Cos, negative(0), 1}, {"Cos", Cos, -inf, nan}, {"Cos", Cos, nan, nan},
		{"Rsqrt", Rsqrt, 0, inf}, {"Rsqrt", Rsqrt, inf, 0}, {"Rsqrt", Rsqrt, -1, nan},
		{"Abs", Abs, negative(0), 0}, {"Abs", Abs, -inf, inf},
	} {
		z := []float32{0}
		c.f(z, []float32{c.x})
		if math.Float32bits(z[0]) != math.Float32bits(c.want) && (z[0] == z[0] || c.want == c.want) {
			t.Errorf("%s(%g) = %g, want %g", c.name, c.x, z[0], c.want)
		}
	}
}

// negative returns x with its sign turned, which of a constant 0 the minus of Go is not.
func negative(x float32) float32 { return math.Float32frombits(math.Float32bits(x) ^ 1<<31) }

func TestSymmetricToTheBit(t *testing.T) {
	x, minus := make([]float32, 1<<12), make([]float32, 1<<12)
	for i := range x {
		x[i] = math.Float32frombits(uint32(i) * 0x7ffff)
		minus[i] = negative(x[i])
	}
	y, z := make([]float32, len(x)), make([]float32, len(x))
	for _, c := range []struct {
		name string
		f    func(z, x []float32)
		odd  uint32
	}{{"Tanh", Tanh, 1 << 31}, {"Sin", Sin, 1 << 31}, {"Cos", Cos, 0}} {
		c.f(y, x)
		c.f(z, minus)
		for i := range x {
			if math.Float32bits(y[i]) != math.Float32bits(z[i])^c.odd && y[i] == y[i] {
				t.Fatalf("%s(±%g) = %g, %g", c.name, x[i], y[i], z[i])
			}
		}
	}
}
