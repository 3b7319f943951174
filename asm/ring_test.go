package asm

import (
	"fmt"
	"math"
	"testing"
)

// TestRingSums holds RingSums against the tree of each pixel's neighbours, looked up one by one.
func TestRingSums(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		s := &source{state: 21}
		for channels := 0; channels <= 50; channels++ {
			for width := 0; width <= 7; width++ {
				s.specials = channels%3 == 0
				r := Ring{Channels: channels, Width: width, Height: 1 + channels%3, XPixel: channels + width%3, ZPixel: channels + channels%2}
				r.XRow, r.ZRow = width*r.XPixel+channels%4, width*r.ZPixel+width%2
				for i := range 12 {
					checkRing(t, s, i&1 != 0, i&2 != 0, i/4, &r)
				}
			}
		}
		checkRing(t, s, true, true, 2, &Ring{4100, 2, 1, 4100, 0, 4100, 0}) // longer than the row of zeros
	})
}

// checkRing sums with rows above, below, or, for 2, both, into edges, corners or neither.
func checkRing(t *testing.T, s *source, edges, corners bool, side int, r *Ring) {
	n := (r.Height-1)*r.XRow + max(0, r.Width-1)*r.XPixel + r.Channels
	rows := [3][]float32{nil, s.numbers(n), nil}
	if side != 1 {
		rows[0] = s.numbers(n)
	}
	if side != 0 {
		rows[2] = s.numbers(n)
	}
	look := func(dy, dx, h, p, i int) float32 {
		if p += dx; rows[1+dy] == nil || p < 0 || p >= r.Width {
			return 0
		}
		return rows[1+dy][h*r.XRow+p*r.XPixel+i]
	}
	size := (r.Height-1)*r.ZRow + max(0, r.Width-1)*r.ZPixel + r.Channels
	part := func(z []float32, i int, there bool) []float32 {
		if !there {
			return nil
		}
		return z[margin+i*(size+margin):][:size]
	}
	compare(t, s.numbers(margin+2*(size+margin)),
		func(z []float32) { RingSums(part(z, 0, edges), part(z, 1, corners), rows[0], rows[1], rows[2], r) },
		func(z []float32) {
			for k := range r.Height * r.Width * r.Channels {
				h, p, i := k/r.Channels/r.Width, k/r.Channels%r.Width, k%r.Channels
				at := func(dy, dx int) float32 { return look(dy, dx, h, p, i) }
				if edges {
					part(z, 0, true)[h*r.ZRow+p*r.ZPixel+i] = (at(-1, 0) + at(1, 0)) + (at(0, -1) + at(0, 1))
				}
				if corners {
					part(z, 1, true)[h*r.ZRow+p*r.ZPixel+i] = (at(-1, -1) + at(1, 1)) + (at(-1, 1) + at(1, -1))
				}
			}
		},
		func() string { return fmt.Sprintf("edges %v, corners %v, side %d, %+v", edges, corners, side, *r) })
}

// TestRingSumsLengths demands a *LengthError for whatever would reach outside.
func TestRingSumsLengths(t *testing.T) {
	x, z := make([]float32, 12), make([]float32, 24)
	ok := Ring{Channels: 3, Width: 2, Height: 2, XPixel: 3, XRow: 6, ZPixel: 6, ZRow: 12}
	negative, far, around := ok, ok, ok
	negative.XRow = -1
	far.ZRow = math.MaxInt
	around.Height, around.XRow = 5, math.MaxInt/2+1 // four times that is 0 for an int
	for name, call := range map[string]func(){
		"x":        func() { RingSums(z, z, x, x[1:], x, &ok) },
		"above":    func() { RingSums(z, z, x[1:], x, x, &ok) },
		"below":    func() { RingSums(z, z, nil, x, x[1:], &ok) },
		"edges":    func() { RingSums(z[4:], nil, x, x, x, &ok) },
		"corners":  func() { RingSums(z, z[4:], x, x, x, &ok) },
		"negative": func() { RingSums(z, z, x, x, x, &negative) },
		"far":      func() { RingSums(z[4:], nil, x, x, x, &far) },
		"around":   func() { RingSums(make([]float32, 60), nil, x, x, x, &around) },
	} {
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
