package spdiff

import (
	"crypto/sha256"
	"fmt"
	"math"
	"reflect"
	"slices"

	"spdiff/sde"
)

// A Reversal says how the diffusion is reversed, of images that are drawn and of images that are denoised. The zero value of
// each field stands for what its comment says.
//
// An image has a number, which chooses its noise and, where nothing else is said, its class: image k of a seed is the same,
// bit for bit, wherever it is drawn.
type Reversal struct {
	Seed    uint64     // of the noise
	First   int        // the number of the first image
	Steps   int        // evaluations of the network, about, on the grid that sde.Grid gives the solver; 0: 50
	Solver  sde.Solver // nil: sde.DDIM{Eta: 1}, the ancestral chain: better than η = 0 after a short training
	Classes []int      // image k is of class Classes[k mod len]; none: of class k mod the number of classes
	Batch   int        // images, or tiles of one, at a time, which bounds the memory; 0: 8

	Precision Precision // of the network's products; 0: the one that the model was trained in

	// Guidance w ≥ −1 moves images towards what is typical of their class, at the cost of two evaluations of the network each: D is
	// D_none + (1+w)·(D_class − D_none), where a network that was trained with Config.DropClass predicts D_none without a class (Ho &
	// Salimans 2022, eq. 6, of D instead of ε). 0: none; −1: D_none itself, images of no class.
	Guidance float64

	// Trace, if not nil, is called after each step of each batch, with the numbers of its images. What it is given is a copy,
	// valid during the call.
	Trace func(images []int, s sde.Snapshot)
}

// A SettingError says that a setting cannot be.
type SettingError struct {
	Field  string // of the struct that was given
	Value  any
	Reason string // what it must be
	Cause  error  // what a solver says of itself, else nil
}

// Error names the setting, its value, and what would be right.
func (e *SettingError) Error() string {
	return fmt.Sprintf("settings: %s is %v: %s", e.Field, e.Value, e.Reason)
}

// Unwrap returns the cause.
func (e *SettingError) Unwrap() error { return e.Cause }

// defaultSteps and defaultSolver are what zero values stand for.
const defaultSteps = 50

var defaultSolver sde.Solver = sde.DDIM{Eta: 1}

// settled returns r, for n images, with the zero values replaced, or a *SettingError.
func (r Reversal) settled(c Config, n int) (Reversal, error) {
	if r.Steps == 0 {
		r.Steps = defaultSteps
	}
	if r.Batch == 0 {
		r.Batch = 8
	}
	if r.Solver == nil {
		r.Solver = defaultSolver
	}
	if err := checkRange("Steps", r.Steps, sde.MaxSteps); err != nil {
		return r, err
	}
	if err := checkRange("Batch", r.Batch, maxBatch); err != nil {
		return r, err
	}
	if err := checkNumbers(r.First, n); err != nil {
		return r, err
	}
	if err := c.checkSolver(r.Solver); err != nil {
		return r, err
	}
	if err := c.checkGuidance(r.Guidance); err != nil {
		return r, err
	}
	if !r.Precision.valid() {
		return r, &SettingError{Field: "Precision", Value: int(r.Precision), Reason: precisionChoice + "; 0 is the model's own"}
	}
	r.Precision = r.Precision.Or(c.Precision)
	var err error
	r.Classes, err = c.classes(r.Classes)
	return r, err
}

// how says all but the seed and the first number that changes a bit, in words.
func (r Reversal) how() string {
	if r.Steps == 0 {
		r.Steps = defaultSteps
	}
	if r.Solver == nil {
		r.Solver = defaultSolver
	}
	classes := sha256.Sum256(fmt.Append(nil, r.Classes)) // which may be many
	return fmt.Sprintf("by %s, %d steps, guidance %v, %v, classes %x", inWords(r.Solver), r.Steps, r.Guidance, r.Precision, classes[:4])
}

// inWords returns a solver's type and settings, wherever they lie in memory, and those of a predictor within it.
func inWords(s sde.Solver) string {
	p := reflect.ValueOf(s)
	if p.Kind() == reflect.Pointer && p.IsNil() {
		return fmt.Sprintf("%T", s) // of a GAN, which has no use for it
	}
	v := reflect.Indirect(p).Interface()
	if p, ok := v.(sde.PredictorCorrector); ok && p.Predictor != nil {
		within := inWords(p.Predictor)
		p.Predictor = nil
		return fmt.Sprintf("%T %+v of %s", p, p, within)
	}
	return fmt.Sprintf("%T %+v", v, v)
}

// checkRange returns an error unless 0 < v ≤ most.
func checkRange(field string, v, most int) error {
	if v < 1 || v > most {
		return &SettingError{Field: field, Value: v, Reason: fmt.Sprintf("it must be from 1 to %d; 0 is the default", most)}
	}
	return nil
}

// checkNumbers returns an error unless first … first+n−1 are numbers of images.
func checkNumbers(first, n int) error {
	if first < 0 || uint64(first)+uint64(n) > maxDraws {
		return &SettingError{Field: "First", Value: first, Reason: fmt.Sprintf("the numbers of %d images go from 0 to %d", n, uint64(maxDraws))}
	}
	return nil
}

// classes returns those given, all in turn where none are, or an error if the network does not know one of them.
func (c Config) classes(given []int) ([]int, error) {
	n := c.Network.Classes
	for _, k := range given {
		switch {
		case n == 0:
			return nil, &SettingError{Field: "Classes", Value: given, Reason: "the model was trained without classes; give none"}
		case k < 0 || k >= n:
			return nil, &SettingError{Field: "Classes", Value: given, Reason: fmt.Sprintf("class %d: the model was trained with %d classes, numbered from 0", k, n)}
		}
	}
	if len(given) > 0 {
		return slices.Clone(given), nil
	}
	all := make([]int, n)
	for k := range all {
		all[k] = k
	}
	return all, nil
}

// class returns that of image number k, 0 where there are none.
func (r Reversal) class(k int) int {
	if len(r.Classes) == 0 {
		return 0
	}
	return r.Classes[k%len(r.Classes)]
}

// numbers returns those of n images from the at-th.
func (r Reversal) numbers(at, n int) []int {
	images := make([]int, n)
	for i := range images {
		images[i] = r.First + at + i
	}
	return images
}

// sampler returns what solves the reversal along times.
func (r Reversal) sampler(p sde.Process, times []float64, noise sde.Noise, images []int) *sde.Sampler {
	s := &sde.Sampler{Process: p, Solver: r.Solver, Times: times, Noise: noise}
	if r.Trace == nil {
		return s
	}
	var x, denoised []float32 // room for copies
	s.Trace = func(step sde.Snapshot) {
		x, denoised = append(x[:0], step.X...), append(denoised[:0], step.Denoised...)
		step.X, step.Denoised = x, denoised
		r.Trace(slices.Clone(images), step)
	}
	return s
}

// checkSolver returns an error if a solver's settings make no sense, or it does not fit the model. A solver that gives each image steps
// of its own evaluates all images each time, and would overwrite the last predictions of those that wait.
func (c Config) checkSolver(s sde.Solver) error {
	if err := sde.CheckSolver(s); err != nil {
		return &SettingError{Field: "Solver", Value: s, Reason: err.Error(), Cause: err}
	}
	if c.Condition && s.Traits().OwnSteps {
		return &SettingError{Field: "Solver", Value: s, Reason: fmt.Sprintf("the network is conditioned on its last prediction, and "+
			"%T has steps of its own for each image: an image would depend on its batch; take sde.Heun or sde.DPMSolver", s)}
	}
	return nil
}

// times returns those of a solution from a time of the process: the solver's grid, shortened to begin there. Where the noise
// level is the time, on processes with a range of their own, that is another Karras grid of as many steps.
func (r Reversal) times(p sde.Process, start float64) ([]float64, error) {
	times := sde.Grid(p, r.Solver, r.Steps)
	n := len(times) - 1
	first, last := times[0], times[n]
	if _, _, own := sde.Span(p); own {
		times = sde.Karras(p, start, last, n, 7)
	} else {
		for i, t := range times {
			times[i] = last + float64(float64((t-last)/(first-last))*(start-last))
		}
		times[0] = start
	}
	if err := sde.CheckTimes(p, times); err != nil {
		return nil, &SettingError{Field: "Start", Value: start, Reason: fmt.Sprintf("there is no room for %d steps from it; start later", n), Cause: err}
	}
	return times, nil
}

// checkStart returns an error unless t is between the ends of the process.
func checkStart(p sde.Process, t float64) error {
	first, last, _ := sde.Span(p)
	if math.IsNaN(t) || t <= last || t >= first {
		return &SettingError{Field: "Start", Value: t, Reason: fmt.Sprintf(
			"it must be above %v, where there is no noise, and below %v, where there is no image", last, first)}
	}
	return nil
}
