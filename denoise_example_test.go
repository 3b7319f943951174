package spdiff_test

import (
	"context"
	"fmt"

	"spdiff"
	"spdiff/group"
	"spdiff/tensor"
)

// An image larger than the network, denoised as it is and turned: the same bits.
func ExampleModel_Denoise() {
	ctx := context.Background()
	model, err := spdiff.Train(ctx, small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(13, 13, 1)
	tensor.NewStream(1, 0).Normal(x.Data(), 0)
	image := group.Images{N: 1, H: 13, W: 13, C: 1}
	d := group.Check(group.C4, func(z, x []float32) {
		clean, ties, err := model.Denoise(ctx, tensor.From(x, 13, 13, 1), spdiff.Denoising{Start: 0.4, Reversal: spdiff.Reversal{Steps: 10, Seed: 7}})
		if err != nil || len(ties) > 0 {
			panic(fmt.Sprint(ties, err))
		}
		copy(z, clean.Data())
	}, x.Data(), image, image)
	fmt.Println(d)
	// Output: equal bits
}

// Δx₀ of the paper, over images at a quarter of their resolution.
func ExampleModel_Residual() {
	ctx := context.Background()
	model, err := spdiff.Train(ctx, small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.New(20, 8, 8, 1)
	tensor.NewStream(1, 0).Normal(x.Data(), 0)
	r, err := model.Residual(ctx, spdiff.Degrade(x, 4), spdiff.Denoising{Reversal: spdiff.Reversal{Steps: 5}})
	fmt.Println(r.Mean, err)
	// Output: 0 <nil>
}
