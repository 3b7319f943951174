package solvers_test

import (
	"flag"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/solvers"
	"spdiff/sde"
)

// Each name is one solver's, each setting has a flag, and the flags start as Default says.
func TestTable(t *testing.T) {
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	var s solvers.Settings
	s.Define(f)
	if s != solvers.Default() {
		t.Errorf("the flags start as %+v", s)
	}
	var names []string
	for _, v := range solvers.All {
		if slices.Contains(names, v.Name) || v.Use == "" || v.Make(s) == nil {
			t.Errorf("%s is there twice, or is not said, or not made", v.Name)
		}
		names = append(names, v.Name)
		for _, own := range v.Settings {
			if f.Lookup(own) == nil {
				t.Errorf("-%s of %s is no flag", own, v.Name)
			}
		}
	}
	f.VisitAll(func(own *flag.Flag) {
		if !slices.ContainsFunc(solvers.All, func(v solvers.Solver) bool { return slices.Contains(v.Settings, own.Name) }) {
			t.Errorf("-%s is of no solver", own.Name)
		}
	})
}

// A solver that is both is another one without noise.
func TestBoth(t *testing.T) {
	s := solvers.Default()
	for _, v := range solvers.All {
		if differs := v.Make(s) != v.Make(s.Deterministic()); v.Both && !differs {
			t.Errorf("%s is the same without noise", v.Name)
		}
		if !v.Both {
			continue
		}
		var flags solvers.Settings
		set := flag.NewFlagSet("", flag.ContinueOnError)
		flags.Define(set)
		if err := set.Parse(v.Flow()); err != nil || v.Make(flags) != v.Make(s.Deterministic()) {
			t.Errorf("%s is another by %v than without noise; %v", v.Name, v.Flow(), err)
		}
	}
}

// What does not exist, or is another solver's, is an error that lists what there is.
func TestErrors(t *testing.T) {
	if _, err := solvers.Find(solvers.Both(), "dopri"); err == nil || !strings.Contains(err.Error(), "ddim, dpm, em, sra1") {
		t.Errorf("%v", err)
	}
	choose := func(given string, s solvers.Settings) error {
		_, err := solvers.Choose("heun", s, func(f string) bool { return f == given })
		return err
	}
	s := solvers.Default()
	if err := choose("eta", s); err == nil || !strings.Contains(err.Error(), "-churn") {
		t.Errorf("%v", err)
	}
	if err := choose("churn", s); err != nil {
		t.Error(err)
	}
	for flag, spoil := range map[string]func(){"eta": func() { s.Eta = 1.5 }, "lambda": func() { s.Lambda = -1 }, "churn": func() { s.Churn = math.NaN() },
		"corrections": func() { s.Corrections = 0 }, "snr": func() { s.SNR = 0 }, "tol": func() { s.Tolerance = math.Inf(1) }} {
		s = solvers.Default()
		spoil()
		if err := choose("churn", s); err == nil || !strings.Contains(err.Error(), "-"+flag+" is") {
			t.Errorf("%+v: %v", s, err)
		}
	}
	solvers.Write(io.Discard, solvers.All, true)
}

// At both ends of all ranges a solver that is chosen is one that package sde takes; with one correction more than that takes it is refused.
func TestRanges(t *testing.T) {
	none := func(string) bool { return false }
	above := math.SmallestNonzeroFloat64
	low := solvers.Settings{SNR: above, Tolerance: above, Corrections: 1}
	high := solvers.Settings{Eta: 1, Lambda: 1e6, Churn: 1e6, SNR: 1e6, Tolerance: 1e6, Corrections: 1000}
	for _, v := range solvers.All {
		for _, s := range []solvers.Settings{low, high} {
			if _, err := solvers.Choose(v.Name, s, none); err != nil {
				t.Errorf("%s of %+v is refused: %v", v.Name, s, err)
			} else if err := sde.CheckSolver(v.Make(s)); err != nil {
				t.Errorf("%s of %+v is chosen: %v", v.Name, s, err)
			}
		}
	}
	high.Corrections++
	if _, err := solvers.Choose("pc", high, none); err == nil || !strings.Contains(err.Error(), "-corrections is 1001; it must be from 1 to 1000") {
		t.Errorf("1001 corrections: %v", err)
	}
}

// Where nobody says how, samples are DPM-Solver++'s with new noise, in 20 evaluations; other solvers take 50.
func TestUsual(t *testing.T) {
	if s := solvers.Usually(); s != (sde.DPMSolver{Eta: 1}) || solvers.Evaluations(solvers.Usual) != 20 || solvers.Evaluations("ddim") != 50 {
		t.Errorf("%+v, %d and %d evaluations", s, solvers.Evaluations(solvers.Usual), solvers.Evaluations("ddim"))
	}
}
