package spdiff

import (
	"errors"
	"fmt"

	"spdiff/sde"
)

// A Denoising says how images are denoised. The zero value of each field stands for what its comment says.
type Denoising struct {
	Start   float64    // t₀, a time of the process, whose noise covers what is to be removed; 0: that at which σ = α
	Steps   int        // evaluations of the network, about; 0: 50
	Seed    uint64     // of the noise
	First   int        // the number of the first image: image k of a seed always has the same noise
	Solver  sde.Solver // nil: sde.DDIM{Eta: 1}, stochastic. sde.DDIM{} is deterministic once the start's noise is added
	Classes []int      // image k is of class Classes[k mod len]; a network with classes must be told
	Batch   int        // images, or tiles of one, at a time, which bounds the memory; 0: 8

	// Trace, if not nil, is called after each step of each batch of images, with their numbers.
	Trace func(images []int, s sde.Snapshot)
}

// withDefaults returns d with the zero values replaced, or an error that says what makes no sense.
func (d Denoising) withDefaults(c Config) (Denoising, error) {
	p := c.process()
	if d.Start == 0 {
		d.Start = evenTime(p)
	}
	if d.Steps == 0 {
		d.Steps = 50
	}
	if d.Batch == 0 {
		d.Batch = 8
	}
	if d.Solver == nil {
		d.Solver = sde.DDIM{Eta: 1}
	}
	first, last, _ := span(p)
	switch {
	case !(d.Start > last && d.Start < first):
		return d, fmt.Errorf("denoising: the start is %v; it must be above %v, where there is no noise, and below %v, where there is no image",
			d.Start, last, first)
	case d.Steps < 0 || d.Batch < 0 || d.First < 0:
		return d, fmt.Errorf("denoising: %d steps, %d images at a time from number %d: none may be negative", d.Steps, d.Batch, d.First)
	}
	if err := c.checkSolver(d.Solver); err != nil {
		return d, fmt.Errorf("denoising: %w", err)
	}
	return d, d.checkClasses(c.Network.Classes)
}

// checkClasses compares the classes with the number that the network has.
func (d Denoising) checkClasses(n int) error {
	switch {
	case n > 0 && len(d.Classes) == 0:
		return fmt.Errorf("denoising: the model was trained with %d classes, and of which the images are must be said", n)
	case n == 0 && len(d.Classes) > 0:
		return errors.New("denoising: classes are given, and the model was trained without them")
	}
	for _, k := range d.Classes {
		if k < 0 || k >= n {
			return fmt.Errorf("denoising: class %d: the model was trained with %d classes, numbered from 0", k, n)
		}
	}
	return nil
}

// times returns those of the solution: the method's grid, shortened to begin at the start. Where the noise level is the time,
// on processes with a range of their own, that is another Karras grid of as many steps.
func (d Denoising) times(p sde.Process) []float64 {
	times := sde.Grid(p, d.Solver, d.Steps)
	n := len(times) - 1
	first, last := times[0], times[n]
	if _, _, own := span(p); own {
		return sde.Karras(p, d.Start, last, n, 7)
	}
	for i, t := range times {
		times[i] = last + float64(float64((t-last)/(first-last))*(d.Start-last))
	}
	times[0] = d.Start
	return times
}

// span returns the first and the last time of a process, as sde.Grid has them, and whether it says them itself.
func span(p sde.Process) (first, last float64, own bool) {
	if r, ok := p.(interface{ Range() (from, to float64) }); ok {
		first, last = r.Range()
		return first, last, true
	}
	return 1, 0, false
}

// evenTime returns the time at which σ = α, noise and image are equally strong: 0.5 on the cosine schedule. σ/α grows with
// time.
func evenTime(p sde.Process) float64 {
	high, low, _ := span(p)
	for range 60 {
		t := (low + high) / 2
		if alpha, sigma := p.Marginal(t); sigma < alpha {
			low = t
		} else {
			high = t
		}
	}
	return high
}
