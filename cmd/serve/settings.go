package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/solvers"
)

// settings are what a request says besides its image. What it does not say is as parseSettings has it.
type settings struct {
	start, guidance                 float64
	steps, class, n, first, degrade int
	frames                          int // moments on the way that are shown
	seed                            uint64
	solver                          string
	deterministic                   bool
}

// The names that the routes know.
var (
	denoiseNames = []string{"start", "steps", "seed", "solver", "deterministic", "class", "guidance", "degrade"}
	sampleNames  = []string{"n", "first", "steps", "seed", "solver", "deterministic", "class", "guidance", "frames"}
)

// usual is the solver where a request names none.
const usual = "ddim"

// maxFrames is the most moments that are shown of a solution; maxGuidance is far beyond what makes images.
const (
	maxFrames   = 16
	maxGuidance = 100
)

// parseSettings reads settings of these names. What it does not know, and what is said twice, is a problem. Steps that are not said are
// those of the usual solver, whichever is asked for, or as many as may be.
func parseSettings(v url.Values, names []string, l limits) (settings, error) {
	s := settings{class: -1, n: 1, degrade: 1, seed: 1, solver: usual, steps: min(solvers.Evaluations(usual), l.steps)}
	for name, values := range v {
		if !slices.Contains(names, name) {
			return s, problemf(http.StatusBadRequest, "there is no setting %.40q; there are %s", name, strings.Join(names, ", "))
		}
		if len(values) != 1 {
			return s, problemf(http.StatusBadRequest, "the setting %s is there %d times", name, len(values))
		}
		if err := s.set(name, values[0], l); err != nil {
			return s, problemf(http.StatusBadRequest, "the setting %s is %.40q: %v", name, values[0], err)
		}
	}
	return s, nil
}

// set sets one of them.
func (s *settings) set(name, value string, l limits) (err error) {
	whole := func(to *int, low, high int) {
		if *to, err = strconv.Atoi(value); err != nil || *to < low || *to > high {
			err = fmt.Errorf("it must be a whole number from %d to %d", low, high)
		}
	}
	switch name {
	case "start":
		if s.start, err = strconv.ParseFloat(value, 64); err != nil || !(s.start >= 0) {
			err = fmt.Errorf("it must be a time, 0 for the middle")
		}
	case "guidance":
		if s.guidance, err = strconv.ParseFloat(value, 64); err != nil || !(s.guidance >= -1 && s.guidance <= maxGuidance) {
			err = fmt.Errorf("it must be a number from -1, which is no class, to %d; 0 is none", maxGuidance)
		}
	case "steps":
		whole(&s.steps, 1, l.steps)
	case "class":
		whole(&s.class, 0, 1<<30)
	case "n":
		whole(&s.n, 1, l.samples)
	case "first":
		whole(&s.first, 0, 1<<30)
	case "degrade":
		whole(&s.degrade, 1, 64)
	case "frames":
		whole(&s.frames, 0, maxFrames)
	case "seed":
		if s.seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			err = fmt.Errorf("it must be a whole number from 0 to 2^64 - 1")
		}
	case "solver":
		if s.solver = value; !slices.Contains(solverNames(), value) {
			err = fmt.Errorf("there are %s", strings.Join(solverNames(), ", "))
		}
	case "deterministic":
		if s.deterministic, err = strconv.ParseBool(value); err != nil {
			err = fmt.Errorf("it must be true or false")
		}
	}
	return err
}

// solverNames are those that can be asked for.
func solverNames() (names []string) {
	for _, s := range solvers.Both() {
		names = append(names, s.Name)
	}
	return names
}

// reversal returns them as the library has them.
func (s settings) reversal(l limits) spdiff.Reversal {
	how := solvers.Default()
	if s.deterministic {
		how = how.Deterministic()
	}
	r := spdiff.Reversal{Seed: s.seed, First: s.first, Steps: s.steps, Batch: l.batch, Guidance: s.guidance, Precision: l.precision}
	if solver, err := solvers.Find(solvers.Both(), s.solver); err == nil { // parseSettings has asked
		r.Solver = solver.Make(how)
	}
	if s.class >= 0 {
		r.Classes = []int{s.class}
	}
	return r
}

// denoising returns them as those of an image.
func (s settings) denoising(l limits) spdiff.Denoising {
	return spdiff.Denoising{Start: s.start, Reversal: s.reversal(l)}
}
