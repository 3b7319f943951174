package warp

import (
	"fmt"
	"math"
)

// sym6 are the numbers of the low pass of Daubechies' least asymmetric wavelet with six vanishing moments: Σ h[k]·h[k+2m] is 1 for
// m = 0, else 0 (Daubechies, Ten Lectures on Wavelets, 1992, table 6.3). So what is brought to twice the resolution by it, and back,
// is what it was.
var sym6 = [...]float64{
	0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466, 0.787641141030194,
	0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
}

const (
	taps  = len(sym6)
	delay = 5.09826089954573 // the filter's middle, Σ k·h[k] / Σ h[k]: pixel m of an image is at 2m + delay in the fine one
)

// Warp sets z to the image x, of h rows, w columns and c numbers a pixel, moved as m says. Outside its borders an image goes on as in a
// mirror, pixel by pixel without end. It is brought to twice its resolution, moved there along straight lines between pixels,
// and brought back, so that nothing finer than a pixel is left: see [Move]. Mirrors alone, and nothing at all, are exact. Numbers
// may go a little beyond those of x. z and x must not overlap. It panics if they are not of length h·w·c.
func Warp(z, x []float32, m Move, h, w, c int) {
	if len(z) != h*w*c || len(x) != h*w*c {
		panic(&SizeError{len(z), len(x), h, w, c})
	}
	flip(z, x, m, h, w, c)
	if m.Back == identity {
		return
	}
	f := fine{h: period(h), w: period(w), c: c}
	f.pix = make([]float64, f.h*f.w*c)
	f.raise(z, h, w)
	moved := f.move(m, h, w)
	lower(z, moved, h, w, c)
}

// flip sets z to x with its mirrors.
func flip(z, x []float32, m Move, h, w, c int) {
	for i := range h {
		from := i
		if m.FlipY {
			from = h - 1 - i
		}
		for j := range w {
			k := j
			if m.FlipX {
				k = w - 1 - j
			}
			copy(z[(i*w+j)*c:(i*w+j+1)*c], x[(from*w+k)*c:])
		}
	}
}

// period returns after how many pixels of twice the resolution an image of n pixels, continued by reflection, begins again.
func period(n int) int { return max(2, 4*(n-1)) }

// reflect returns which of n pixels stands at place i of the continued image.
func reflect(i, n int) int {
	if n == 1 {
		return 0
	}
	i = wrap(i, 2*(n-1))
	return min(i, 2*(n-1)-i)
}

func wrap(i, n int) int { return ((i % n) + n) % n }

// A SizeError is the panic of Warp where images have not the numbers that they should.
type SizeError struct{ Z, X, H, W, C int }

// Error says how many numbers there are and how many there should be.
func (e *SizeError) Error() string {
	return fmt.Sprintf("warp: images of %d and of %d numbers; %d×%d pixels of %d have %d", e.Z, e.X, e.H, e.W, e.C, e.H*e.W*e.C)
}

// A fine image is one period of an image of twice the resolution.
type fine struct {
	h, w, c int
	pix     []float64
}

// raise sets f to the image z: pixel i of a line is the sum of h[i−2m]·z[m], first along rows.
func (f fine) raise(z []float32, h, w int) {
	c := f.c
	rows := make([]float64, h*f.w*c)
	for y := range h {
		for i := range f.w {
			for k := i % 2; k < taps; k += 2 {
				from := z[(y*w+reflect((i-k)/2, w))*c:][:c]
				for n, v := range from {
					rows[(y*f.w+i)*c+n] += float64(sym6[k] * float64(v))
				}
			}
		}
	}
	line := f.w * c
	for i := range f.h {
		to := f.pix[i*line : (i+1)*line]
		for k := i % 2; k < taps; k += 2 {
			from := rows[reflect((i-k)/2, h)*line:][:line]
			for n, v := range from {
				to[n] += float64(sym6[k] * v)
			}
		}
	}
}

// move returns the moved image, of twice the resolution: 2h+10 rows of 2w+10 pixels, all that lower needs.
func (f fine) move(m Move, h, w int) []float64 {
	rows, columns := 2*h+taps-2, 2*w+taps-2
	moved := make([]float64, rows*columns*f.c)
	cx, cy := float64(w-1)/2, float64(h-1)/2
	b := m.Back
	for i := range rows {
		y := (float64(i)-delay)/2 - cy
		for j := range columns {
			x := (float64(j)-delay)/2 - cx
			sx := float64(b[0]*x) + float64(b[1]*y) + b[2] + cx
			sy := float64(b[3]*x) + float64(b[4]*y) + b[5] + cy
			f.at(moved[(i*columns+j)*f.c:][:f.c], 2*sy+delay, 2*sx+delay)
		}
	}
	return moved
}

// at sets z to the pixel at a place between pixels, by straight lines.
func (f fine) at(z []float64, y, x float64) {
	top, left := math.Floor(y), math.Floor(x)
	v, u := y-top, x-left
	i, j := wrap(int(top), f.h), wrap(int(left), f.w)
	below, right := wrap(i+1, f.h), wrap(j+1, f.w)
	for k := range z {
		get := func(i, j int) float64 { return f.pix[(i*f.w+j)*f.c+k] }
		a := get(i, j) + float64(u*(get(i, right)-get(i, j)))
		b := get(below, j) + float64(u*(get(below, right)-get(below, j)))
		z[k] = a + float64(v*(b-a))
	}
}

// lower sets z to what is left of an image of twice the resolution: pixel m of a line is the sum of h[k]·x[2m+k], first along rows.
func lower(z []float32, x []float64, h, w, c int) {
	rows, columns := 2*h+taps-2, 2*w+taps-2
	half := make([]float64, rows*w*c)
	for y := range rows {
		for j := range w {
			for k, g := range sym6 {
				for n, v := range x[(y*columns+2*j+k)*c:][:c] {
					half[(y*w+j)*c+n] += float64(g * v)
				}
			}
		}
	}
	line := w * c
	for i := range h {
		for n := range line {
			sum := 0.0
			for k, g := range sym6 {
				sum += float64(g * half[(2*i+k)*line+n])
			}
			z[i*line+n] = float32(sum)
		}
	}
}
