package spdiff

import (
	"math"

	"spdiff/tensor"
)

// Degrade reduces images (H, W, C) or (N, H, W, C) to a k-th of their resolution, k ≥ 1, and returns them at full size, as in
// section 6.3 of the paper (k = 4): it takes the mean over each block of k×k pixels, and interpolates linearly between the middles
// of the blocks. Blocks start at the top left; one that reaches over the border is the mean of its pixels on the image, with
// its middle where that of a whole block would be.
//
// It panics with an [*ImageError] if img has another number of dimensions or no number, and with a [*SettingError] if k < 1.
func Degrade(img *tensor.Tensor, k int) *tensor.Tensor {
	s, err := batchShape(img)
	if err != nil {
		panic(err)
	}
	if k < 1 {
		panic(&SettingError{Field: "k", Value: k, Reason: "it must be 1 or more"})
	}
	h, w, c := s[1], s[2], s[3]
	z := img.Clone()
	for at := 0; at < z.Len(); at += h * w * c {
		x := z.Data()[at : at+h*w*c]
		degrade(x, h, w, c, k)
		transposed := make([]float32, len(x))
		transpose(transposed, x, h, w, c)
		degrade(transposed, w, h, c, k)
		transpose(x, transposed, w, h, c)
	}
	return z
}

// transpose exchanges the axes of h×w pixels of c numbers.
func transpose(z, x []float32, h, w, c int) {
	for p := range h * w {
		q := p%w*h + p/w
		copy(z[q*c:(q+1)*c], x[p*c:])
	}
}

// degrade does it along columns: x is h rows of w·c numbers.
func degrade(x []float32, h, w, c, k int) {
	k = min(k, h)
	n := (h + k - 1) / k
	means, row := make([]float64, n*w*c), w*c
	for y := range h {
		size := float64(min(k, h-y/k*k))
		for i := range row {
			means[y/k*row+i] += float64(x[y*row+i]) / size
		}
	}
	for y := range h {
		v := (float64(y)+0.5)/float64(k) - 0.5 // in blocks, from the middle of the first
		b := max(0, min(n-2, int(math.Floor(v))))
		s := max(0, min(1, v-float64(b)))
		next := min(b+1, n-1)
		for i := range row {
			lower, upper := means[b*row+i], means[next*row+i]
			x[y*row+i] = float32(lower + float64(s*(upper-lower)))
		}
	}
}
