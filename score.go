package spdiff

import (
	"context"
	"fmt"

	"spdiff/sde"
	"spdiff/tensor"
)

// Denoiser returns the model as D(x, t) = E[x₀ | x_t = x], clamped to [−1, 1], for your own checks and samplers. It takes batches
// of any number of images of the model's shape. Image k has class classes[k mod len], or class k mod the number of classes if none
// are given. It is a function of x and t alone, whatever was evaluated before, so that a network which is conditioned on its last
// prediction is told nothing, as in half of its training. Any number of goroutines may use it at once. [Model.Process] defines
// the time t.
//
// It returns a [*SettingError] for classes that do not exist, an [*ImageError] if x is not whole images, the error of
// [sde.Stopped] when ctx is done, between two calls of the network, or a [*MemoryError].
func (m *Model) Denoiser(ctx context.Context, classes ...int) sde.Denoiser {
	r, err := Reversal{Classes: classes}.settled(m.config, 0)
	if err == nil {
		err = m.roomFor(1) // then the size of an image is a number of an int
	}
	return func(z, x []float32, t float64) error {
		if err != nil {
			return err
		}
		if len(x)%m.size() != 0 || len(z) != len(x) {
			h, w, c := m.Shape()
			return &ImageError{tensor.Shape{len(x)}, tensor.Shape{h, w, c}, fmt.Sprintf("not a number of images, into %d", len(z))}
		}
		e := m.evaluator(ctx, r, r.class)
		defer e.close()
		return e.denoiser()(z, x, t)
	}
}

// Score returns s(x, t) = (αD − x)/σ² ≈ ∇ log p_t(x), of [Model.Denoiser].
func (m *Model) Score(ctx context.Context, classes ...int) sde.Score {
	return m.Denoiser(ctx, classes...).Score(m.Process())
}

// An Evaluation says how a model is measured on images. The zero value of each field stands for what its comment says.
type Evaluation struct {
	Seed    uint64 // of times, noise and probes
	First   int    // the number of the first image, which chooses them
	Classes []int  // image k is of class Classes[k mod len]; none: of class k mod the number of classes
	Draws   int    // random draws an image: times and noises of Loss, probes of LogLikelihood; 0: 1
	Steps   int    // of the flow, for LogLikelihood, of twelve evaluations a draw; 0: 50
	Batch   int    // images at a time, for LogLikelihood; 0: 8

	Precision Precision // of the network's products; 0: the one that the model was trained in
}

// settled returns e with the zero values replaced, and what it has in common with a Reversal, or a *SettingError.
func (e Evaluation) settled(c Config, n int) (Evaluation, Reversal, error) {
	if e.Draws == 0 {
		e.Draws = 1
	}
	if err := checkRange("Draws", e.Draws, sde.MaxSteps); err != nil {
		return e, Reversal{}, err
	}
	r, err := Reversal{Seed: e.Seed, First: e.First, Classes: e.Classes, Steps: e.Steps, Batch: e.Batch, Precision: e.Precision}.settled(c, n)
	if err == nil && float64(e.First+n)*float64(e.Draws) > maxDraws {
		err = &SettingError{Field: "First", Value: e.First, Reason: fmt.Sprintf("with %d draws an image the numbers go beyond %d", e.Draws, uint64(maxDraws))}
	}
	return e, r, err
}

// LogLikelihood returns log p(x) of each of the images (N, H, W, C), of the model's shape: the density that the probability flow
// gives them at the time at which σ = α/100, where images are nearly free of noise. It is estimated as the mean over
// Hutchinson's probes, by differences of D; [sde.Likelihood] with [Model.Denoiser] can do without either. Probes move with
// the image, so that with an equivariant model log p(h·x) is log p(x), bit for bit. An image's bits do not depend on its batch.
// Errors are those of [Model.Denoise].
func (m *Model) LogLikelihood(ctx context.Context, img *tensor.Tensor, e Evaluation) ([]float64, error) {
	s, err := m.checkWhole(img, e.First)
	if err != nil {
		return nil, err
	}
	e, r, err := e.settled(m.config, s[0])
	if err != nil {
		return nil, err
	}
	n := min(r.Batch, s[0])
	if err := enough(float64(e.Draws)*float64(n)*float64(m.size()), "%d probes of %d images (fewer draws or a smaller batch take less)", e.Draws, n); err != nil {
		return nil, err
	}
	p := m.Process()
	first, _, _ := sde.Span(p)
	f, logp := m.config.frame(), make([]float64, s[0])
	for at := 0; at < s[0]; at += r.Batch {
		images := r.numbers(at, min(r.Batch, s[0]-at))
		x := img.Data()[at*m.size() : (at+len(images))*m.size()]
		noise, _ := sde.Framed(sde.Seeded(r.Seed), f, x, images)
		l := sde.Likelihood{Process: p, Times: sde.LogSNR(p, first, sde.TimeOf(p, 0.01), r.Steps), Probes: e.Draws, Noise: noise}
		v := m.evaluator(ctx, r, func(i int) int { return r.class(images[i]) })
		err := l.LogDensity(ctx, v.denoiser().Difference(0.01), logp[at:at+len(images)], x, images)
		v.close()
		if err != nil {
			return nil, ofImage(err, func(place int) int { return images[place] })
		}
	}
	return logp, nil
}

// checkWhole is checkImages for images that are not covered by tiles.
func (m *Model) checkWhole(img *tensor.Tensor, first int) (tensor.Shape, error) {
	s, err := m.checkImages(img, first)
	if h, w, c := m.Shape(); err == nil && (s[1] != h || s[2] != w) {
		err = &ImageError{Shape: img.Shape(), Reason: fmt.Sprintf("they must be %v, as those that the model was trained with", tensor.Shape{h, w, c})}
	}
	return s, err
}
