package fit

import (
	"context"

	"spdiff"
	"spdiff/sde"
	"spdiff/tensor"
)

// Denoise denoises an image (H, W, C) of any size, of one channel or three, by a model of one or three: [spdiff.Model.Denoise] of each
// of its parts (see Parts), one after another, all with the noise of d. The result has the shape of the image. equal is how many
// elements of what acts on images of its size leave it as it is, the identity among them, and 2 where it ties for its frame otherwise, as
// by a symmetry that it has with its mirror images alone: of more than one no noise can turn with it.
//
// d.Trace is called after each step of each part; Done and Of count the steps of all parts. Errors are those of the model's Denoise.
func Denoise(ctx context.Context, m *spdiff.Model, img *tensor.Tensor, d spdiff.Denoising) (z *tensor.Tensor, equal int, err error) {
	s, came := img.Shape(), img
	h, w, c := m.Shape()
	img = padded(img, h, w)
	way, several := upright{equal: 1}, s[2] > c && colours(img) > 1
	if several {
		if way = uprightOf(m.Symmetry(img.Shape()[0], img.Shape()[1]), img); !m.Config().Method.Exact() {
			way.element = 0
		}
		img = way.turned(img)
	}
	all, trace := parts(img, c), d.Trace
	for k, part := range all {
		d.Trace = counted(trace, k, len(all))
		z, ties, err := m.Denoise(ctx, part, d)
		if err != nil {
			return nil, 0, err
		}
		if several {
			z = way.back(z)
		} else if len(ties) > 0 {
			way.equal = ties[0].Elements
		}
		all[k] = cropped(z, s[0], s[1])
	}
	if equal = way.equal; equal > 1 {
		equal = max(2, uprightOf(m.Symmetry(s[0], s[1]), came).equal)
	}
	return joined(all, s[2]), equal, nil
}

// counted returns a trace of part k of n that counts the steps of all.
func counted(trace func([]int, sde.Snapshot), k, n int) func([]int, sde.Snapshot) {
	if trace == nil {
		return nil
	}
	return func(images []int, s sde.Snapshot) {
		s.Done, s.Of = s.Done+k*s.Of, n*s.Of
		trace(images, s)
	}
}

// Parts returns how many images at most a model of some channels denoises for one of others: each colour, if it is of grey ones.
func Parts(channels, model int) int {
	if channels > model {
		return channels
	}
	return 1
}
