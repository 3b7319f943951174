package spdiff

import (
	"context"
	"errors"
	"testing"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// tying makes four corners of an image so bright that no other number counts: all frames under C4 are equally good for them, though the
// image has no symmetry. They are those of its first 8×8 pixels.
func tying(x *tensor.Tensor, image int) *tensor.Tensor {
	w := x.Shape()[2]
	for _, p := range []int{0, 7, 7 * w, 7*w + 7} {
		x.At(image).Data()[p] = 1e30
	}
	return x
}

// An image without a canonical form is named by its number, whatever the batches that it is denoised or measured in, and the tile that has
// none; by its place where images have no numbers.
func TestTieErrorsNameTheImage(t *testing.T) {
	m, ctx := shaken(t, tiny(group.C4, CF)), context.Background()
	x, large := tying(pictures(20, 8, 8), 11), tying(pictures(2, 12, 12), 1)
	r, e := Reversal{First: 5, Steps: 2}, Evaluation{First: 5, Steps: 2}
	_, _, whole := m.Denoise(ctx, x, Denoising{Reversal: r})
	_, _, tiles := m.Denoise(ctx, large, Denoising{Reversal: r})
	_, loss := m.Loss(ctx, x, e)
	_, density := m.LogLikelihood(ctx, x, e)
	place := m.Denoiser(ctx)(make([]float32, x.Len()), x.Data(), 0.5)
	for _, c := range []struct {
		what string
		err  error
		want int
	}{{"whole images", whole, 16}, {"tiles", tiles, 6}, {"loss", loss, 16}, {"density", density, 16}, {"a function", place, 11}} {
		var tie *sde.TieError
		if !errors.As(c.err, &tie) || tie.Place != c.want || tie.Elements != 4 || tie.Kept != 1 {
			t.Errorf("%s: %v; want a tie of image %d", c.what, c.err, c.want)
		}
	}
}
