package main

import (
	"fmt"
	"math"

	"spdiff/sde"
	"spdiff/tensor"
)

// noiseOf estimates the standard deviation of white noise in an image (H, W, C) of numbers in [−1, 1]: the median of the
// magnitudes of
//
//	 1 −2  1
//	−2  4 −2     at each pixel and channel, over 6 · 0.6745.
//	 1 −2  1
//
// The difference of Immerkær (1996) knows neither slopes nor straight edges along rows and columns, and passes white noise on
// 6 times as strong; the median (Donoho and Johnstone, 1994) leaves out where there is texture. Pixels whose nine are all equal
// say nothing of noise, as a scanner's black, and are left out. Numbers are first rounded to whole 65535ths, differences of whole
// numbers are exact, and a median has no order: with the image turned or mirrored it is the same, to the last bit.
func noiseOf(img *tensor.Tensor) float64 {
	s := img.Shape()
	h, w, c := s[0], s[1], s[2]
	counts, n := make([]int64, 8*65535+1), int64(0)
	v := make([]int32, h*w*c)
	for i, x := range img.Data() {
		v[i] = int32(math.Floor(float64((min(max(float64(x), -1), 1)+1)*32767.5) + 0.5))
	}
	for y := 1; y < h-1; y++ {
		for i := (y*w + 1) * c; i < (y*w+w-1)*c; i++ {
			if d, flat := finest(v, i, w*c, c); !flat {
				counts[d]++
				n++
			}
		}
	}
	seen := int64(0)
	for d, k := range counts {
		if seen += k; n > 0 && 2*seen >= n {
			return float64(d) / (6 * 0.6745 * 32767.5)
		}
	}
	return 0
}

// finest returns the magnitude of the difference at i, and whether all nine numbers are equal.
func finest(v []int32, i, row, pixel int) (d int32, flat bool) {
	flat = true
	for y := -row; y <= row; y += row {
		for x := -pixel; x <= pixel; x += pixel {
			weight := int32(1)
			if y == 0 {
				weight *= -2
			}
			if x == 0 {
				weight *= -2
			}
			d += weight * v[i+y+x]
			flat = flat && v[i+y+x] == v[i]
		}
	}
	return max(d, -d), flat
}

// What is added is so many times the noise that is there, so that it covers that; at least and at most so many times as strong as
// the image.
const (
	cover           = 2
	least, greatest = 0.01, 1
)

// chosenStart returns the time at which the noise covers that of an image, and says so.
func chosenStart(p sde.Process, img *tensor.Tensor) (t float64, said string) {
	noise := noiseOf(img)
	level := min(max(cover*noise, least), greatest)
	t = sde.TimeOf(p, level)
	return t, fmt.Sprintf("%.4g: the image's noise is %.3g of [-1, 1], %.3g of 255 levels; what is added is %.3g", t, noise, noise*127.5, level)
}
