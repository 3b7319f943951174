package spdiff_test

import (
	"context"
	"fmt"

	"spdiff"
	"spdiff/tensor"
)

// brightness is a feature network of one number.
type brightness struct{}

func (brightness) Name() string { return "brightness" }
func (brightness) Dim() int     { return 1 }
func (brightness) Of(_ context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	z := tensor.New(images.Shape()[0], 1)
	for i := range z.Data() {
		for _, v := range images.At(i).Data() {
			z.Data()[i] += v / float32(images.At(i).Len())
		}
	}
	return z, nil
}

// How far two sets of images are apart, in features of one's own.
func ExampleEvaluate() {
	dark, bright := tensor.New(10, 2, 2, 1), tensor.New(10, 2, 2, 1)
	for i := range 10 {
		for k := range 4 {
			dark.At(i).Data()[k] = float32(i)/16 - 1
			bright.At(i).Data()[k] = float32(i) / 16
		}
	}
	q, err := spdiff.Evaluate(context.Background(), spdiff.Comparison{
		Images: spdiff.Images(dark, nil), Reference: spdiff.Images(bright, nil), Extractor: brightness{},
	})
	fmt.Println(q.FD, q.N, q.Reference, q.Features, err)
	// Output: 1 10 10 brightness <nil>
}
