package inception

import (
	"math"

	"spdiff/asm"
)

// A resizer brings images of one size to 299×299 pixels and three channels, by linear interpolation between the centres of pixels:
// pixel p of an axis of n is at s = n/299·(p + ½) − ½, at least 0, and has 1 − λ of pixel ⌊s⌋ and λ of the next, λ = s − ⌊s⌋. That
// is PyTorch's interpolate (bilinear, align_corners false, antialias false): images that become smaller are not smoothed.
type resizer struct {
	h, w, c int
	y, x    []place
	round   bool // to bytes first
}

// A place is where a pixel lies on an axis: between two pixels, a part of the way.
type place struct {
	from, to int
	part     float32
}

func newResizer(h, w, c int, round bool) *resizer {
	return &resizer{h, w, c, places(h), places(w), round}
}

func places(n int) []place {
	list := make([]place, side)
	for p := range list {
		s := max(0, float64(float64(n)/side*(float64(p)+0.5))-0.5)
		from := min(int(s), n-1)
		list[p] = place{from, min(from+1, n-1), float32(s - float64(from))}
	}
	return list
}

// image sets z (299, 299, 3) to the image x (h, w, c).
func (r *resizer) image(z, x []float32) {
	const n = 3 * side
	rows := [2]struct {
		y    int
		data [n]float32
	}{{y: -1}, {y: -1}}
	line := make([]float32, r.w*r.c)
	row := func(y int) []float32 { // row y of x, as wide as z's; it stays until row y+2 is asked for
		k := &rows[y%2]
		if k.y != y {
			r.levels(line, x[y*r.w*r.c:])
			r.widen(k.data[:], line)
			k.y = y
		}
		return k.data[:]
	}
	for y, p := range r.y {
		asm.Lerp(z[y*n:(y+1)*n], p.part, row(p.from), row(p.to))
	}
}

// widen interpolates along a row, and repeats grey.
func (r *resizer) widen(z, x []float32) {
	for p, at := range r.x {
		for c := range 3 {
			k := min(c, r.c-1)
			a, b := x[at.from*r.c+k], x[at.to*r.c+k]
			z[3*p+c] = a + float32(at.part*(b-a))
		}
	}
}

// levels brings numbers into [−1, 1] and, to round, to the nearest 2b/255 − 1 of a byte b.
func (r *resizer) levels(z, x []float32) {
	asm.Clamp(z, -1, 1, x[:len(z)])
	if r.round {
		for i, v := range z {
			z[i] = level[int(math.Round(127.5*(1+float64(v))))]
		}
	}
}

// level has the numbers in [−1, 1] that bytes stand for.
var level = func() (l [256]float32) {
	for b := range l {
		l[b] = float32(float64(b)/127.5 - 1)
	}
	return l
}()
