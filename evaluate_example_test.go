package spdiff_test

import (
	"context"
	"fmt"

	"spdiff"
	"spdiff/group"
	"spdiff/nn/fd"
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

// How near a model's samples are to images, and to their own turned copies. Ten are few: README.md has as many as tell.
func ExampleEvaluate_model() {
	ctx := context.Background()
	c, source := small(), spdiff.Images(tensor.New(4, 28, 28, 1), nil)
	c.Network.ImageHeight, c.Network.ImageWidth = 28, 28
	model, err := spdiff.Train(ctx, c, source, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := spdiff.Evaluate(ctx, spdiff.Comparison{Generator: model, Sampling: spdiff.Sampling{N: 10},
		Reference: source, Extractor: fd.Digits(), Oriented: fd.OrientedDigits(), Group: group.C4, Inverse: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.FD > 0, *q.InvFD >= 0, q.N)
	// Output: true true 10
}
