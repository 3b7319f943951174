package metrics

import (
	"math"

	"spdiff/tensor"
	"spdiff/tensor/elementary"
)

// pairs checks that x and y are images (N, H, W, C) of one shape and finite, and that span is a range of data.
func pairs(op string, x, y *tensor.Tensor, span float64) (n, size int, err error) {
	if x == nil || y == nil || len(x.Shape()) != 4 || !x.Shape().Equal(y.Shape()) || x.Len() == 0 {
		return 0, 0, misfit(op, "two arrays of images (N, H, W, C), of one shape, are wanted")
	}
	if !(span > 0) || math.IsInf(span, 0) {
		return 0, 0, misfit(op, "a data range of %v; it is the largest possible difference: 255 of bytes, 2 of [−1, 1]", span)
	}
	n, size, err = rows(op, x, 1)
	if err != nil {
		return 0, 0, err
	}
	return n, size, finite(op, y.Data(), size, math.Inf(1))
}

// MSE returns the mean squared difference of each image of x (N, H, W, C) from that of y, over pixels and channels. Images of
// different shapes are a *[ShapeError], numbers that are not finite a *[ValueError]; so it is with the other similarities.
func MSE(x, y *tensor.Tensor) ([]float64, error) { return meanSquares("MSE", x, y, 1) }

func meanSquares(op string, x, y *tensor.Tensor, span float64) ([]float64, error) {
	n, size, err := pairs(op, x, y, span)
	if err != nil {
		return nil, err
	}
	z := make([]float64, n)
	tensor.Run(tensor.Task{N: n, Do: func(i, _ int) {
		z[i] = apart(x.Data()[i*size:(i+1)*size], y.Data()[i*size:(i+1)*size], math.Inf(1)) / float64(size)
	}})
	return z, nil
}

// PSNR returns 10·log₁₀(span²/MSE) of each pair of images, in decibels: +Inf where they are equal. The span is the data's range,
// the largest possible difference of two numbers: 255 of bytes, 2 of [−1, 1].
func PSNR(x, y *tensor.Tensor, span float64) ([]float64, error) {
	z, err := meanSquares("PSNR", x, y, span)
	for i, v := range z {
		z[i] = math.Inf(1)
		if v > 0 {
			z[i] = float64(10 * log10(float64(span*span)/v))
		}
	}
	return z, err
}

// log10 is the logarithm of a positive number, the same bits on every machine, which math.Log10 is not.
func log10(v float64) float64 { return elementary.Log(v) / math.Ln10 }
