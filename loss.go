package spdiff

import (
	"context"
	"math"

	"spdiff/sde"
	"spdiff/tensor"
)

// Loss returns the loss of denoising score matching (eq. 4 of the paper) on images (N, H, W, C) of the model's shape, such as it
// was not trained with: the mean of w(t)·(prediction − target)² over images, draws of time and noise, and numbers, as [Train]
// weighs errors. The prediction is that of the model as it is used, averaged or in canonical frames, without dropout; one that
// is conditioned on its last prediction is told nothing. Times, uniform whatever Config.Times, and noise are a function of the seed and
// the image's number, so that models can be compared on the same draws. Errors are those of [Model.Denoise].
func (m *Model) Loss(ctx context.Context, img *tensor.Tensor, e Evaluation) (float64, error) {
	s, err := m.checkWhole(img, e.First)
	if err != nil {
		return 0, err
	}
	e, r, err := e.settled(m.config, s[0])
	if err != nil {
		return 0, err
	}
	image := 0
	r.Batch = 1
	v := m.evaluator(ctx, r, func(int) int { return r.class(image) })
	defer v.close()
	sum, n := 0.0, m.size()
	for i := range s[0] {
		image = r.First + i
		for j := range e.Draws {
			draw := uint64(image)*uint64(e.Draws) + uint64(j)
			loss, err := v.loss(img.Data()[i*n:(i+1)*n], image, e.Seed, draw)
			if err != nil {
				return 0, err
			}
			sum += loss
		}
	}
	return sum / float64(s[0]*e.Draws), nil
}

// loss returns the loss of one image at a draw of time and noise. D − x₀ is Out·(prediction − target), so it is the weighted error of D.
func (e *evaluator) loss(x0 []float32, image int, seed, draw uint64) (sum float64, err error) {
	c, p := e.model.config, e.model.Process()
	c.Seed, c.Times = seed, UniformTimes
	t := c.time(draw)
	x, eps, z := make([]float32, len(x0)), make([]float32, len(x0)), make([]float32, len(x0))
	noise.stream(seed, draw).Normal(eps, 0)
	sde.Diffuse(p, x, x0, eps, t)
	if err := e.denoise(z, x, t); err != nil {
		return 0, ofImage(err, func(int) int { return image })
	}
	for i := range z {
		if z[i]-z[i] != 0 {
			return 0, &sde.NotFiniteError{What: "the denoiser's output", Value: z[i], Image: image, Index: i, Time: t}
		}
		d := float64(z[i]) - float64(x0[i])
		sum += float64(d * d)
	}
	weight := math.Pow(c.preconditioning().At(p, t).Out, -2)
	if c.Weight != Flat {
		weight = errorWeights[c.Weight](p, t)
	}
	return weight * sum / float64(len(z)), nil
}
