package spdiff

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"spdiff/asm"
	"spdiff/sde"
	"spdiff/tensor"
)

// A Sampling says which images to draw and how: images First … First+N−1 of the seed.
type Sampling struct {
	N int // how many images; 0: one
	Reversal
}

// A Drawn is an image that was drawn.
type Drawn struct {
	Number int            // of the image, among those of the seed
	Class  int            // 0 where there are none
	Pixels *tensor.Tensor // (H, W, C), values in [−1, 1]
}

// A Generator draws images: a [Model], or another network that makes an image of noise. Image k of a seed is the same image,
// bit for bit, whatever N, First and Batch. A generator that needs one evaluation an image has no use for Steps, Solver and Trace.
type Generator interface {
	// Samples draws images one after another; see [Model.Samples].
	Samples(ctx context.Context, s Sampling) iter.Seq2[Drawn, error]

	// Shape returns rows, columns and channels of every image.
	Shape() (h, w, c int)

	// Classes returns how many classes there are, 0 if none.
	Classes() int
}

var _ Generator = (*Model)(nil)

// Samples draws images one after another: s.Solver moves noise from the first to the last time of its grid, along the reverse diffusion
// (eq. 3). Images are clamped to [−1, 1]. Image k of a seed is the same image, bit for bit, whatever N, First, Batch, the number of
// threads and the instruction set. A batch is drawn when its first image is asked for; a loop that ends early draws no more. The
// pixels of an image are the caller's.
//
// An error ends the sequence, with no image: a [*SettingError]; an error that matches ctx's error and its cause (errors.Is) if it is
// done; an [*sde.NotFiniteError] if the network's output is not finite; with [sde.DormandPrince] an [*sde.ToleranceError]; with [CF] an
// [*sde.TieError], with the image's number, if an image on its way has no canonical frame; or a [*MemoryError] if a batch on its way does
// not fit into the machine.
func (m *Model) Samples(ctx context.Context, s Sampling) iter.Seq2[Drawn, error] {
	s, err := m.settled(s)
	return streamed(ctx, s, err, func(images []int) (*tensor.Tensor, error) { return m.generate(ctx, s.Reversal, images) })
}

// streamed returns the images of settings that are settled, or the error of settling them, one after another, from batches that draw
// makes when they are asked for.
func streamed(ctx context.Context, s Sampling, err error, draw func(images []int) (*tensor.Tensor, error)) iter.Seq2[Drawn, error] {
	return func(yield func(Drawn, error) bool) {
		if err != nil {
			yield(Drawn{}, err)
			return
		}
		for at := 0; at < s.N; at += s.Batch {
			images := s.numbers(at, min(s.Batch, s.N-at))
			begun := time.Now()
			x, err := draw(images)
			ended(ctx, slog.LevelDebug, "images drawn", begun, err, slog.Int("images", len(images)))
			if err != nil {
				yield(Drawn{}, err)
				return
			}
			for i, k := range images {
				if !yield(Drawn{k, s.class(k), x.At(i)}, nil) {
					return
				}
			}
		}
	}
}

// Sample returns the images that [Model.Samples] draws, (N, H, W, C), or its error; a [*MemoryError] too if the result does not
// fit into the machine.
func (m *Model) Sample(ctx context.Context, s Sampling) (*tensor.Tensor, error) {
	s, err := m.settled(s)
	if err != nil {
		return nil, err
	}
	return sampled(ctx, m, s)
}

// sampled returns the images that a generator draws, (N, H, W, C).
func sampled(ctx context.Context, g Generator, s Sampling) (*tensor.Tensor, error) {
	h, w, c := g.Shape()
	n := max(s.N, 1)
	if err := enough(float64(n)*float64(h)*float64(w)*float64(c), "a result of %d images (draw fewer at a time)", n); err != nil {
		return nil, err
	}
	z := tensor.New(n, h, w, c)
	for d, err := range g.Samples(ctx, s) {
		if err != nil {
			return nil, err
		}
		copy(z.At(d.Number-s.First).Data(), d.Pixels.Data())
	}
	return z, nil
}

// settled returns s with the zero values replaced, or a *SettingError.
func (m *Model) settled(s Sampling) (Sampling, error) { return s.settled(m.config) }

// settled returns s, for models of c, with the zero values replaced, or a *SettingError.
func (s Sampling) settled(c Config) (Sampling, error) {
	if s.N == 0 {
		s.N = 1
	}
	if s.N < 0 {
		return s, &SettingError{Field: "N", Value: s.N, Reason: "it must not be negative; 0 is one image"}
	}
	var err error
	s.Reversal, err = s.Reversal.settled(c, s.N)
	return s, err
}

// generate draws a batch, the images of these numbers.
func (m *Model) generate(ctx context.Context, r Reversal, images []int) (*tensor.Tensor, error) {
	e := m.evaluator(ctx, r, func(i int) int { return r.class(images[i]) })
	defer e.close()
	if err := e.prepare(len(images)); err != nil {
		return nil, err
	}
	h, w, c := m.Shape()
	x := tensor.New(len(images), h, w, c)
	p := m.Process()
	s := r.sampler(p, sde.Grid(p, r.Solver, r.Steps), sde.Seeded(r.Seed), images)
	if err := s.Generate(ctx, e.solving(), x.Data(), images); err != nil {
		return nil, ofImage(err, func(place int) int { return images[place] })
	}
	asm.Clamp(x.Data(), -1, 1, x.Data())
	return x, nil
}
