package sde

import (
	"context"
	"fmt"
)

// A Sampler solves the reversal of a process: what moves, how a step is made, how long it is. It is a plain value and
// safe for concurrent use.
type Sampler struct {
	Process Process
	Solver  Solver
	Times   []float64      // descending; each two neighbours are a step
	Noise   Noise          // for the start and for stochastic solvers; nil where neither is needed
	Trace   func(Snapshot) // called after each step; nil for no one
}

// A Snapshot is what [Sampler.Trace] sees: the state after a step, on the way from noise to image.
type Snapshot struct {
	Done, Of int       // steps made, of how many
	Time     float64   // the time that was reached
	X        []float32 // the state at Time; valid during the call, not to be changed
	Denoised []float32 // the last D: of the state at the start of the step, or of the solver's last stage; likewise
}

// Generate fills x with images drawn from the process's end: noise σ(t₀)·ε at the first time, then [Sampler.Solve]. images
// has the numbers of the images of the batch, which choose their noise; x holds them one after another.
//
// Errors and panics are those of Solve. It panics too if there is no Noise.
func (s *Sampler) Generate(ctx context.Context, d Denoiser, x []float32, images []int) error {
	r, err := s.run(ctx, d, x, images)
	if err != nil {
		return err
	}
	_, sigma := s.Process.Marginal(s.Times[0])
	clear(x)
	r.AddNoise(sigma, Start)
	return s.solve(r)
}

// Solve moves the batch x from Times[0] to the last of Times, step by step. images has the numbers of its images, which
// choose their noise.
//
// Before it begins it returns a [*SettingError] if a setting of the solver makes no sense, or the [*ArgumentError] of
// [CheckTimes]. On the way it returns the error of [Stopped] when the context is done between two evaluations of the denoiser,
// the denoiser's error, a [*NotFiniteError], or a [*ToleranceError]; x then holds the state that was reached.
//
// It panics with an [*ArgumentError] if x is not len(images) images of one size, or Process, Solver, d, or a Noise that is
// needed is nil.
//
// The last state is near the range of the data, and need not be within it, even if d is clamped: only a solver whose last
// step lands on D, without noise, keeps to the range (DDIM, DDPM, DPMSolver, Heun and DormandPrince, and PredictorCorrector with one of
// them, at σ = 0). A process with σ > 0 at its end leaves noise, and SRA1 extrapolates. Of trained networks with D in [−1, 1]
// the largest numbers seen were 1.0006 by DDIM{Eta: 1} on [PaperCosine], 1.03 on [SongVE], and 1.9 by SRA1. Clamp images that are
// to be shown.
func (s *Sampler) Solve(ctx context.Context, d Denoiser, x []float32, images []int) error {
	r, err := s.run(ctx, d, x, images)
	if err != nil {
		return err
	}
	return s.solve(r)
}

// run checks the arguments and makes the buffers.
func (s *Sampler) run(ctx context.Context, d Denoiser, x []float32, images []int) (*Run, error) {
	switch {
	case s.Process == nil || s.Solver == nil || d == nil:
		panic(&ArgumentError{"Sampler", "the process, the solver and the denoiser must be given", nil})
	case len(images) == 0 || len(x) == 0 || len(x)%len(images) != 0:
		panic(&ArgumentError{"Sampler", fmt.Sprintf("x must hold %d images of one size, its length is", len(images)), len(x)})
	}
	if err := CheckSolver(s.Solver); err != nil {
		return nil, err
	}
	if err := CheckTimes(s.Process, s.Times); err != nil {
		return nil, err
	}
	if s.Noise == nil && s.Solver.Traits().Stochastic {
		panic(&ArgumentError{"Sampler", "Noise must be given: the solver is random", nil})
	}
	r := &Run{Process: s.Process, Times: s.Times, X: x, Denoised: make([]float32, len(x)),
		ctx: ctx, denoise: d, noise: s.Noise, images: images, size: len(x) / len(images)}
	r.makeWork()
	return r, nil
}

func (s *Sampler) solve(r *Run) error {
	if err := r.checkFinite("the start", r.X, s.Times[0]); err != nil {
		return err
	}
	move := s.Solver.Begin(r)
	n := len(s.Times) - 1
	for i := range n {
		r.step = i
		if err := r.stopped(); err != nil {
			return err
		}
		if err := move(i); err != nil {
			return err
		}
		if err := r.checkFinite("the state", r.X, s.Times[i]); err != nil {
			return err
		}
		if s.Trace != nil {
			s.Trace(Snapshot{Done: i + 1, Of: n, Time: s.Times[i+1], X: r.X, Denoised: r.Denoised})
		}
	}
	return nil
}

// An ArgumentError is the panic of a function whose caller broke its rules.
type ArgumentError struct {
	What  string // the function or the setting
	Rule  string // what must hold
	Value any    // what was given
}

// Error names the argument, the rule and the value.
func (e *ArgumentError) Error() string {
	return fmt.Sprintf("sde: %s: %s; got %v", e.What, e.Rule, e.Value)
}
