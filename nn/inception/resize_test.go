package inception

import (
	"math"
	"testing"
)

func inf() float64 { return math.Inf(1) }

// slowResize is the definition, in float64: at a pixel, a mean of four weighted by how near they are.
func slowResize(x []float32, h, w, c int) []float64 {
	z := make([]float64, side*side*3)
	axis := func(p, n int) (from, to int, part float64) {
		s := (float64(p)+0.5)*float64(n)/side - 0.5
		from = max(int(math.Floor(s)), 0)
		return from, min(from+1, n-1), max(s, 0) - float64(from)
	}
	for i := range z {
		y0, y1, a := axis(i/3/side, h)
		x0, x1, b := axis(i/3%side, w)
		at := func(y, q int) float64 { return float64(x[(y*w+q)*c+min(i%3, c-1)]) }
		z[i] = (1-a)*((1-b)*at(y0, x0)+b*at(y0, x1)) + a*((1-b)*at(y1, x0)+b*at(y1, x1))
	}
	return z
}

func TestResize(t *testing.T) {
	for _, s := range [][3]int{{28, 28, 1}, {64, 40, 3}, {299, 299, 3}, {700, 301, 3}, {1, 2, 1}, {300, 1, 3}} {
		x := noise(1, s[0], s[1], s[2]).Data()
		z := make([]float32, side*side*3)
		newResizer(s[0], s[1], s[2], false).image(z, x)
		for i, want := range slowResize(x, s[0], s[1], s[2]) {
			if d := math.Abs(float64(z[i]) - want); !(d < 3e-5) {
				t.Errorf("%v: number %d is %v, want %v", s, i, z[i], want)
				break
			}
		}
	}
}

// An image of the network's own size stays as it is; numbers beyond the range are clamped.
func TestResizeKeeps(t *testing.T) {
	x := noise(1, side, side, 3).Data()
	x[5], x[17] = 3, -1.5
	z := make([]float32, len(x))
	newResizer(side, side, 3, false).image(z, x)
	x[5], x[17] = 1, -1
	for i := range x {
		if z[i] != x[i] {
			t.Fatalf("number %d is %v, was %v", i, z[i], x[i])
		}
	}
}

// Every byte is a fixed point of the rounding, and half-way between two is the upper one.
func TestLevels(t *testing.T) {
	r := newResizer(1, 1, 1, true)
	for b := range 255 {
		v, next := float32(float64(b)/127.5-1), float32(float64(b+1)/127.5-1)
		z := make([]float32, 3)
		r.levels(z, []float32{v, v + 0.499/127.5, v + 0.501/127.5})
		if z[0] != v || z[1] != v || z[2] != next {
			t.Fatalf("byte %d is %v, and from there %v and %v", b, z[0], z[1], z[2])
		}
	}
}
