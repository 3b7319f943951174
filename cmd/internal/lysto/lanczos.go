package lysto

import (
	"math"

	"spdiff/tensor/elementary"
)

// An image is rows of pixels of three bytes.
type image struct {
	h, w int
	pix  []byte
}

const channels = 3

// precision is how many bits a weight has behind the point, as Pillow's have.
const precision = 32 - 8 - 2

// scale returns m as n×n pixels by Lanczos' kernel of three lobes, first along rows and then along columns, each rounded to bytes: the
// bytes that Pillow's resize gives, for its weights are whole numbers of 2⁻²² and sums are exact.
func (m image) scale(n int) image {
	return m.scaleRows(n).transpose().scaleRows(n).transpose()
}

// scaleRows scales every row to n pixels.
func (m image) scaleRows(n int) image {
	if n == m.w {
		return m
	}
	z := image{m.h, n, make([]byte, m.h*n*channels)}
	for x := range n {
		first, weights := taps(x, n, m.w)
		for y := range m.h {
			row := m.pix[(y*m.w+first)*channels:]
			for c := range channels {
				sum := int64(1) << (precision - 1)
				for k, a := range weights {
					sum += a * int64(row[k*channels+c])
				}
				z.pix[(y*n+x)*channels+c] = byte(max(0, min(255, sum>>precision)))
			}
		}
	}
	return z
}

// taps returns the weights of pixels first, first+1, … of from in pixel x of to, in units of 2⁻²².
func taps(x, to, from int) (first int, weights []int64) {
	scale := float64(from) / float64(to)
	width := math.Max(scale, 1)
	centre := float64((float64(x) + 0.5) * scale)
	first = max(0, int(centre-float64(3*width)+0.5))
	last := min(from, int(centre+float64(3*width)+0.5))
	var real []float64
	var sum float64
	for i := first; i < last; i++ {
		a := lanczos(float64((float64(i) - centre + 0.5) * (1 / width)))
		real, sum = append(real, a), sum+a
	}
	for _, a := range real {
		a = float64(float64(a*(1/sum)) * (1 << precision))
		weights = append(weights, int64(a+math.Copysign(0.5, a)))
	}
	return first, weights
}

// lanczos is sinc(t) sinc(t/3) for −3 ≤ t < 3, sinc(t) = sin(πt)/(πt).
func lanczos(t float64) float64 {
	if t < -3 || t >= 3 {
		return 0
	}
	return float64(sinc(t) * sinc(t/3))
}

func sinc(t float64) float64 {
	if t == 0 {
		return 1
	}
	return sinPi(math.Abs(t)) / float64(math.Abs(t)*math.Pi)
}

// sinPi is sin(πt) for t ≥ 0, with the same bits on every machine.
func sinPi(t float64) float64 {
	whole := math.Floor(t)
	f := t - whole
	if f > 0.5 {
		f = 1 - f // sin(π(1−f)) = sin(πf)
	}
	s, _ := elementary.Sincos(math.Min(float64(f*math.Pi), math.Pi/2))
	if int(whole)%2 != 0 {
		return -s
	}
	return s
}

func (m image) transpose() image {
	z := image{m.w, m.h, make([]byte, len(m.pix))}
	for y := range m.h {
		for x := range m.w {
			copy(z.pix[(x*m.h+y)*channels:][:channels], m.pix[(y*m.w+x)*channels:])
		}
	}
	return z
}
