// Package digits makes handwritten digits: a model of the pen, not a font.
//
// A digit has a form, one of the ways to write it, as strokes through a few points. A hand adds its own: the points move a
// little, the digit is slanted, leans, is wider or narrower, larger or smaller, and sits not quite in the middle; the pen is
// thin or thick and its pressure changes along a stroke. The picture is the distance of each pixel from the strokes, with a
// soft edge: 28×28 pixels, −1 the paper and 1 the ink.
//
// Digit i of a seed is a function of the two alone, and has the same bits on every machine.
package digits

import (
	"math"

	"spdiff/tensor"
)

// Side is the width and height of a picture.
const Side = 28

// A Set is digits 0 … Len()−1 of a seed, of all ten classes alike. It is a spdiff.Source.
type Set struct {
	seed uint64
	n    int
}

// New returns n digits of a seed.
func New(seed uint64, n int) Set { return Set{seed, n} }

// Len returns the number of digits.
func (s Set) Len() int { return s.n }

// Shape returns rows, columns and one channel.
func (s Set) Shape() (h, w, c int) { return Side, Side, 1 }

// String says what the set is.
func (s Set) String() string { return "generated digits" }

// Image draws digit i and returns which it is, 0 to 9.
func (s Set) Image(dst []float32, i int) (class int, err error) {
	h := newHand(s.seed, i)
	class = h.picks[0]
	drawing := h.write(forms[class][h.picks[1]])
	for k := range dst {
		dst[k] = -1
	}
	for _, d := range drawing {
		d.ink(dst)
	}
	return class, nil
}

// Labelled reports that there are classes.
func (s Set) Labelled() bool { return true }

// Label returns which digit i is.
func (s Set) Label(i int) int { return tensor.NewStream(s.seed, uint64(i)).Intn(10, 1<<20) }

// A hand is the random numbers of one digit.
type hand struct {
	picks   [2]int      // the class, and which of its forms (of as many as there are)
	normals [64]float32 // for the rest; a digit takes fewer than 50
	used    int
}

// newHand draws the numbers of digit i.
func newHand(seed uint64, i int) *hand {
	h, s := &hand{}, tensor.NewStream(seed, uint64(i))
	h.picks[0] = Set{seed, i + 1}.Label(i)
	h.picks[1] = s.Intn(len(forms[h.picks[0]]), 1<<20+1)
	s.Normal(h.normals[:], 0)
	return h
}

// normal returns the next normal number, of a mean and a deviation, brought within two deviations.
func (h *hand) normal(mean, deviation float64) float64 {
	v := float64(h.normals[h.used])
	h.used++
	return mean + float64(deviation*math.Max(-2, math.Min(2, v)))
}

// A dab is a piece of a stroke: a line from a to b, in pixels, with the pen's radius.
type dab struct {
	a, b   point
	radius float64
}

// write returns a form as this hand writes it.
func (h *hand) write(f form) []dab {
	width, height := h.normal(12.5, 1.8), h.normal(18.6, 1.1)
	slant, lean := h.normal(0.12, 0.2), h.normal(0, 0.07)
	x0, y0 := h.normal(14, 0.6), h.normal(14, 0.6)
	pen, tremble := h.normal(1.25, 0.3), h.normal(0.028, 0.008)
	place := func(p point) point {
		x := float64(width * (p.x - 0.5 + h.normal(0, tremble)))
		y := float64(height * (p.y - 0.5 + h.normal(0, tremble)))
		return point{x0 + x - float64(slant*y), y0 + y + float64(lean*x)}
	}
	var drawing []dab
	var ends []point // of strokes so far, before and after: what touches in the form touches in the picture
	for _, s := range f {
		moved := make([]point, len(s))
		for i, p := range s {
			moved[i] = place(p)
			for k := 0; k < len(ends); k += 2 {
				if ends[k] == p {
					moved[i] = ends[k+1]
				}
			}
		}
		ends = append(ends, s[0], moved[0], s[len(s)-1], moved[len(s)-1])
		drawing = append(drawing, h.curve(moved, pen)...)
	}
	return drawing
}

// pieces is into how many lines a curve between two points is cut.
const pieces = 8

// curve returns the Catmull–Rom curve through points, drawn with changing pressure.
func (h *hand) curve(p []point, pen float64) []dab {
	var dabs []dab
	from, pressure := p[0], h.normal(1, 0.08)
	for i := range len(p) - 1 {
		before, after := p[max(i-1, 0)], p[min(i+2, len(p)-1)]
		next := h.normal(1, 0.08)
		for k := 1; k <= pieces; k++ {
			t := float64(k) / pieces
			to := point{spline(before.x, p[i].x, p[i+1].x, after.x, t), spline(before.y, p[i].y, p[i+1].y, after.y, t)}
			dabs = append(dabs, dab{from, to, float64(pen * (pressure + float64(t*(next-pressure))))})
			from = to
		}
		pressure = next
	}
	return dabs
}

// spline returns the Catmull–Rom polynomial between b (t = 0) and c (t = 1), whose neighbours are a and d. Products are
// rounded before they are added, here and below, so that no machine fuses the two.
func spline(a, b, c, d, t float64) float64 {
	k1 := c - a
	k2 := float64(2*a) - float64(5*b) + float64(4*c) - d
	k3 := float64(3*(b-c)) + d - a
	return b + float64(0.5*t*(k1+float64(t*(k2+float64(t*k3)))))
}

// soft is half the width of a stroke's edge, in pixels.
const soft = 0.55

// ink darkens the pixels that the dab touches.
func (d *dab) ink(dst []float32) {
	reach := d.radius + soft
	x0, x1 := span(d.a.x, d.b.x, reach)
	y0, y1 := span(d.a.y, d.b.y, reach)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			edge := d.radius - d.distance(float64(x), float64(y))
			v := float32(math.Max(-1, math.Min(1, edge/soft)))
			dst[y*Side+x] = max(dst[y*Side+x], v)
		}
	}
}

// span returns the pixels within reach of the interval between a and b.
func span(a, b, reach float64) (lo, hi int) {
	lo = int(math.Floor(math.Min(a, b) - reach))
	hi = int(math.Ceil(math.Max(a, b) + reach))
	return max(lo, 0), min(hi, Side-1)
}

// distance returns how far (x, y) is from the line.
func (d *dab) distance(x, y float64) float64 {
	dx, dy := d.b.x-d.a.x, d.b.y-d.a.y
	px, py := x-d.a.x, y-d.a.y
	length := float64(dx*dx) + float64(dy*dy)
	if length > 0 {
		t := math.Max(0, math.Min(1, (float64(px*dx)+float64(py*dy))/length))
		px, py = px-float64(t*dx), py-float64(t*dy)
	}
	return math.Sqrt(float64(px*px) + float64(py*py))
}
