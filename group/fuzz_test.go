package group

import (
	"errors"
	"math"
	"testing"
)

// FuzzGrids asks for everything of grids of any size: it works, or what panics is an *ActionError where Acts returns one.
func FuzzGrids(f *testing.F) {
	f.Add(uint8(5), 4, 4, 1, 1)
	f.Add(uint8(6), 3, 7, -2, 0)
	f.Add(uint8(0), math.MaxInt, math.MaxInt, math.MaxInt/2, -1)
	f.Add(uint8(3), -1, 0, 3, math.MaxInt32)
	f.Fuzz(func(t *testing.T, which uint8, h, w, c, n int) {
		g := All()[int(which)%len(All())]
		if _, err := NewFrame(g, -h*h-1, w, c); err == nil {
			t.Errorf("a frame of %d rows", -h*h-1)
		}
		if h > 64 || w > 64 { // whose tables are large
			h, w = h%64, w%64
		}
		x := make([]float32, max(0, h*w*min(c%4, 3)*min(n%3, 2)))
		in := Images{n % 3, h, w, c % 4}
		acts := g.Acts(h, w)
		for name, call := range map[string]func(){
			"Pixels": func() { g.Pixels(h, w) }, "Taps": func() { g.Taps(h, w) }, "Domain": func() { g.Domain(h, w) },
			"Stabiliser": func() { g.Stabiliser(n, h, w) }, "Permutation": func() { g.Permutation(0, h, w) },
			"Act":   func() { g.Act(make([]float32, len(x)), x, 0, n%3, h, w, c%4) },
			"Check": func() { Check(g, func(z, x []float32) { copy(z, x) }, x, in, in) },
		} {
			p := thrown(call)
			var length *LengthError
			if shape := p != nil && errors.As(p, &length); acts != nil && p == nil || p != nil && !shape && p.Error() != acts.Error() {
				t.Errorf("%s of %v on %d×%d: %v, Acts says %v", name, g, h, w, p, acts)
			}
		}
		frame, err := NewFrame(g, h, w, c%4)
		if err != nil {
			return
		}
		y := make([]float32, h*w*(c%4))
		if _, ties := frame.Of(y); ties != g.Order() {
			t.Errorf("%v on %d×%d: nothing has %d ties", g, h, w, ties)
		}
		frame.Act(make([]float32, len(y)), y, int(which)%g.Order())
	})
}

// thrown returns the error that f panics with; a panic with anything else, or with an error of the runtime, goes on.
func thrown(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *ActionError:
			err = p
		case *LengthError:
			err = p
		default:
			panic(p)
		}
	}()
	f()
	return nil
}
