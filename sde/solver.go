package sde

import (
	"context"
	"errors"
	"fmt"

	"spdiff/tensor"
)

// A Solver is how a step is made. One that has a method Grid(p Process, evaluations int) []float64 says to [Grid] which times
// are good for it.
type Solver interface {
	// Validate returns nil, or a [*SettingError] if a setting makes no sense. A [Sampler] asks before it begins.
	Validate() error

	// Traits says what kind of solver it is. The settings are valid.
	Traits() Traits

	// Begin makes what one solution needs beyond its Run (buffers, memory of earlier steps) and returns the function that
	// moves r.X from r.Times[i] to r.Times[i+1], called for i = 0, 1, … . It panics with the error of Validate if there is one.
	Begin(r *Run) (step func(i int) error)
}

// A Run is a solution under way, made by a [Sampler]: what a [Solver] works with. Its operations go image by image, in parallel, and compute each
// number from the same number of their arguments: whatever a Solver makes of them is pointwise.
type Run struct {
	Process  Process
	Times    []float64 // descending
	X        []float32 // the state: the images of the batch, one after another
	Denoised []float32 // the last D

	ctx     context.Context
	denoise Denoiser
	noise   Noise
	images  []int
	size    int // numbers of an image
	step    int
	work    work
}

// Images returns how many images the batch has.
func (r *Run) Images() int { return len(r.images) }

// Image returns the part of x, a state or the like, that is image k.
func (r *Run) Image(x []float32, k int) []float32 { return x[k*r.size : (k+1)*r.size] }

// Buffer returns a new slice as long as the state.
func (r *Run) Buffer() []float32 { return make([]float32, len(r.X)) }

// Each returns the task that does something for each image of the batch; it is made in Begin, and done by tensor.Run.
func (r *Run) Each(do func(k int)) tensor.Task {
	return tensor.Task{N: len(r.images), Do: func(k, _ int) { do(k) }}
}

// Denoise sets r.Denoised = D(r.X, t); errors are those of DenoiseTo.
func (r *Run) Denoise(t float64) error { return r.DenoiseTo(r.Denoised, r.X, t) }

// DenoiseTo sets z = D(x, t), for solvers with states of their own between two steps. It returns the error of [Stopped] if the
// context is done, the denoiser's error, or a [*NotFiniteError].
func (r *Run) DenoiseTo(z, x []float32, t float64) error {
	if err := r.evaluate(z, x, t); err != nil {
		return err
	}
	return r.checkFinite("the denoiser's output", z, t)
}

// evaluate is DenoiseTo for those who look themselves for what is not finite.
func (r *Run) evaluate(z, x []float32, t float64) error {
	if err := r.stopped(); err != nil {
		return err
	}
	err := r.denoise(z, x, t)
	if err != nil && r.ctx.Err() != nil && errors.Is(err, r.ctx.Err()) {
		return r.stopped() // within the evaluation: see Denoiser.Until
	}
	return err
}

// stopped returns the context's error and the step, nil if the context is not done.
func (r *Run) stopped() error {
	if err := Stopped(r.ctx); err != nil {
		return fmt.Errorf("sde: stopped at step %d of %d: %w", r.step+1, len(r.Times)-1, err)
	}
	return nil
}

// Combine sets r.X = fma(b, r.Denoised, a·r.X), a and b rounded to float32.
func (r *Run) Combine(a, b float64) { r.Sum(r.X, Term{a, r.X}, Term{b, r.Denoised}) }

// A Term is a multiple of a state or the like.
type Term struct {
	A float64 // rounded to float32
	X []float32
}

// Sum sets z = a₀·x₀ + a₁·x₁ + …: the first product rounds, and then each multiply-add does, in order. z may be x₀ but no
// other of x; each is as long as the state. It panics with an [*ArgumentError] if there is no term, or more than eight.
func (r *Run) Sum(z []float32, terms ...Term) {
	w := &r.work
	if len(terms) == 0 || len(terms) > len(w.terms) {
		panic(&ArgumentError{"Sum", "there must be one to eight terms", len(terms)})
	}
	w.z, w.n = z, copy(w.terms[:], terms)
	tensor.Run(w.sum)
}

// AddNoise sets r.X = fma(c, ε, r.X), c rounded to float32, with the noise of that draw: see [Noise]. For c = 0 it leaves
// r.X as it is and draws nothing. It panics with an [*ArgumentError] if noise is needed and the [Sampler] has none.
func (r *Run) AddNoise(c float64, draw int) {
	if c == 0 {
		return
	}
	if r.work.eps == nil {
		r.work.eps = r.Buffer()
	}
	r.Draw(r.work.eps, draw)
	r.Sum(r.X, Term{1, r.X}, Term{c, r.work.eps})
}

// Draw sets z, of the length of the state, to the noise of that draw. It panics with an [*ArgumentError] if the [Sampler]
// has none.
func (r *Run) Draw(z []float32, draw int) {
	if r.noise == nil {
		panic(&ArgumentError{"Sampler", "Noise must be given: the start, or the solver, is random", nil})
	}
	r.work.z, r.work.number = z, draw
	tensor.Run(r.work.draw)
}

func (r *Run) checkFinite(what string, x []float32, t float64) error {
	r.work.z = x
	tensor.Run(r.work.check)
	for k, i := range r.work.bad {
		if i >= 0 {
			return &NotFiniteError{what, r.Image(x, k)[i], r.images[k], i, r.step, t}
		}
	}
	return nil
}
