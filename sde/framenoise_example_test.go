package sde_test

import (
	"context"
	"fmt"

	"spdiff/group"
	"spdiff/sde"
)

// uneven is a denoiser without any symmetry: it makes some pixels darker than others.
func uneven(z, x []float32, t float64) error {
	for i, v := range x {
		z[i] = v / float32(1+i%16)
	}
	return nil
}

// An image edited along the stochastic reversal, as it is and turned, with a denoiser that was averaged over the group: the
// noise turns with the image, and so does the result, to the last bit.
func ExampleFramed() {
	f, err := group.NewFrame(group.D4, 8, 8, 1)
	if err != nil {
		panic(err)
	}
	average := sde.Average(group.D4, 8, 8, 1, uneven)
	edit := func(z, y []float32) {
		noise, ties := sde.Framed(sde.Seeded(7), f, y, []int{0})
		if len(ties) > 0 {
			panic(ties)
		}
		copy(z, y)
		s := sde.Sampler{Process: sde.PaperCosine, Solver: sde.DDIM{Eta: 1}, Times: sde.Uniform(0.5, 0, 20), Noise: noise}
		if err := s.Solve(context.Background(), average, z, []int{0}); err != nil {
			panic(err)
		}
	}
	y := make([]float32, 64)
	sde.Seeded(1)(y, 0, sde.Start)
	image := group.Images{N: 1, H: 8, W: 8, C: 1}
	fmt.Println(group.Check(group.D4, edit, y, image, image))
	// Output: equal bits
}

// Two ways to make a denoiser equivariant that is not.
func ExampleCanonical() {
	f, err := group.NewFrame(group.C4, 4, 4, 1)
	if err != nil {
		panic(err)
	}
	x := make([]float32, 16)
	sde.Seeded(1)(x, 0, sde.Start)
	image := group.Images{N: 1, H: 4, W: 4, C: 1}
	for _, d := range []sde.Denoiser{uneven, sde.Average(group.C4, 4, 4, 1, uneven), sde.Canonical(f, uneven)} {
		fmt.Println(group.Check(group.C4, func(z, x []float32) { d(z, x, 0.5) }, x, image, image))
	}
	// Output:
	// largest difference 0.806, of element 2
	// equal bits
	// equal bits
}
