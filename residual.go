package spdiff

import (
	"context"
	"math"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// A Residual says how far a model is from denoising equivariantly: with D(x) what Denoise makes of x,
//
//	Δx₀ = mean over images x of max over pixels |h·D(x) − D(h·x)|,    h uniform in the group, drawn for each x
//
// (section 6.3 of the paper, for values in [−1, 1]). It is exactly 0 for an equivariant model.
type Residual struct {
	Mean float64   // Δx₀
	Max  float64   // the largest difference of any image
	Each []float64 // of each image, in order
	Ties []sde.Tie // images with a symmetry of their own, which has no equivariant noise; they count all the same
}

// Residual measures Δx₀ over a batch of images (N, H, W, C), denoised as d says; the paper's are reduced to a quarter of their
// resolution, see [Degrade]. The group is the model's, on oblong images the part of it that acts. The elements h are drawn from
// d.Seed, for each image by its number. Errors are those of Denoise.
func (m *Model) Residual(ctx context.Context, img *tensor.Tensor, d Denoising) (Residual, error) {
	z, ties, err := m.Denoise(ctx, img, d)
	if err != nil {
		return Residual{}, err
	}
	return m.residual(ctx, img, z, ties, d)
}

// residual is Residual, given what Denoise makes of the images.
func (m *Model) residual(ctx context.Context, img, z *tensor.Tensor, ties []sde.Tie, d Denoising) (Residual, error) {
	s, err := batchShape(img)
	if err != nil {
		return Residual{}, err
	}
	in := group.Images{N: 1, H: s[1], W: s[2], C: s[3]}
	g := m.Symmetry(in.H, in.W)
	moved, want := tensor.New(img.Shape()...), tensor.New(img.Shape()...)
	for i := range s[0] {
		h := probed.stream(d.Seed, uint64(d.First+i)).Intn(g.Order(), 0)
		at, end := i*in.Len(), (i+1)*in.Len()
		g.Act(moved.Data()[at:end], img.Data()[at:end], h, 1, in.H, in.W, in.C)
		g.Act(want.Data()[at:end], z.Data()[at:end], h, 1, in.H, in.W, in.C)
	}
	y, _, err := m.Denoise(ctx, moved, d)
	if err != nil {
		return Residual{}, err
	}
	return newResidual(y.Data(), want.Data(), s[0], ties), nil
}

// newResidual compares n images.
func newResidual(y, want []float32, n int, ties []sde.Tie) Residual {
	r := Residual{Ties: ties}
	size := len(y) / n
	for i := range n {
		largest := 0.0
		for k := i * size; k < (i+1)*size; k++ {
			largest = math.Max(largest, math.Abs(float64(y[k])-float64(want[k])))
		}
		r.Each = append(r.Each, largest)
		r.Max = math.Max(r.Max, largest)
		r.Mean += largest / float64(n)
	}
	return r
}

// probed is the purpose of the elements h, the last, apart from those of training.
const probed purpose = 1<<8 - 1
