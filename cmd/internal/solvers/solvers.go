package solvers

import (
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"spdiff/sde"
)

// Settings are the settings of all solvers; a solver reads its own.
type Settings struct {
	Eta, Lambda, Churn, SNR, Tolerance float64
	Corrections                        int
}

// Default returns what the flags are if they are not given: stochastic where a solver can be both.
func Default() Settings {
	return Settings{Eta: 1, Lambda: 1, SNR: 0.16, Tolerance: 1e-3, Corrections: 1}
}

// Deterministic returns s without new noise: the probability flow.
func (s Settings) Deterministic() Settings {
	s.Eta, s.Lambda, s.Churn = 0, 0, 0
	return s
}

// Define defines the flags of the settings.
func (s *Settings) Define(f *flag.FlagSet) {
	*s = Default()
	f.Float64Var(&s.Lambda, "lambda", s.Lambda, "for em, sra1 and pc: 0 is the probability flow, 1 Anderson's reverse SDE")
	f.Float64Var(&s.Eta, "eta", s.Eta, "for ddim and dpm: 1 is the ancestral chain (ddim) or the reverse SDE (dpm); 0 is the probability flow")
	f.Float64Var(&s.Churn, "churn", s.Churn, "for heun: how much noise is added and removed again on the way; 0 is the probability flow")
	f.IntVar(&s.Corrections, "corrections", s.Corrections, "for pc: Langevin corrections in each step")
	f.Float64Var(&s.SNR, "snr", s.SNR, "for pc: signal-to-noise ratio of the Langevin corrections, which sets their size")
	f.Float64Var(&s.Tolerance, "tol", s.Tolerance, "for dopri: the error allowed in a step")
}

// A Solver is a solver that a command offers.
type Solver struct {
	Name, Use string
	Settings  []string // the flags that are its own
	Both      bool     // it is stochastic or deterministic, as its settings say: see [Settings.Deterministic]
	Make      func(s Settings) sde.Solver
}

// Flow returns the flags that make a solver of [Both] deterministic; its setting of that is the first.
func (s Solver) Flow() []string { return []string{"-" + s.Settings[0], "0"} }

// All are the solvers that there are.
var All = []Solver{
	{"ddim", "ancestral at -eta 1, -eta 0 brings no new noise; in 50 steps", []string{"eta"}, true,
		func(s Settings) sde.Solver { return sde.DDIM{Eta: s.Eta} }},
	{"ddpm", "the ancestral chain with the large variance of DDPM, in many steps", nil, false,
		func(s Settings) sde.Solver { return sde.DDPM{Large: true} }},
	{"dpm", "DPM-Solver++(2M): good images in few steps; -eta 0 brings no new noise", []string{"eta"}, true,
		func(s Settings) sde.Solver { return sde.DPMSolver{Eta: s.Eta} }},
	{"heun", "EDM's sampler of order 2 on Karras times; -churn brings noise", []string{"churn"}, false,
		func(s Settings) sde.Solver { return sde.Heun{Churn: s.Churn} }},
	{"em", "Euler–Maruyama over the family of eq. 3, the paper's; in many steps", []string{"lambda"}, true,
		func(s Settings) sde.Solver { return sde.EulerMaruyama{Lambda: s.Lambda} }},
	{"sra1", "the same family to strong order 1.5", []string{"lambda"}, true,
		func(s Settings) sde.Solver { return sde.SRA1{Lambda: s.Lambda} }},
	{"pc", "Euler–Maruyama and Langevin corrections", []string{"lambda", "corrections", "snr"}, false,
		func(s Settings) sde.Solver {
			return sde.PredictorCorrector{Predictor: sde.EulerMaruyama{Lambda: s.Lambda}, Corrections: s.Corrections, SNR: s.SNR}
		}},
	{"dopri", "the probability flow to a tolerance; each image takes as many steps as it needs", []string{"tol"}, false,
		func(s Settings) sde.Solver { return sde.DormandPrince{Tol: s.Tolerance} }},
}

// Both returns those that are stochastic or deterministic, as one likes.
func Both() (some []Solver) {
	for _, s := range All {
		if s.Both {
			some = append(some, s)
		}
	}
	return some
}

// Usual is the name of the solver that samples are drawn by where nobody names one: DPM-Solver++ with new noise.
const Usual = "dpm"

// Evaluations returns in how many evaluations of the network a solver draws a sample where nobody says it. Those of Usual are as good
// after short trainings as twice as many and more of the ancestral chain (docs/defaults.md).
func Evaluations(name string) int {
	if name == Usual {
		return 20
	}
	return 50
}

// Usually returns Usual with its own settings.
func Usually() sde.Solver {
	s, err := Find(All, Usual)
	if err != nil {
		panic(err)
	}
	return s.Make(Default())
}

// Find returns the solver of a name among some, or an error that lists them.
func Find(some []Solver, name string) (Solver, error) {
	var names []string
	for _, s := range some {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Solver{}, fmt.Errorf("-solver %q: there are %s", name, strings.Join(names, ", "))
}

// Choose returns the solver of a name among all, with settings in their ranges and no flag given that is of others alone, or an error
// that says what does not fit.
func Choose(name string, s Settings, given func(flag string) bool) (Solver, error) {
	if err := s.check(); err != nil {
		return Solver{}, err
	}
	solver, err := Find(All, name)
	if err != nil {
		return Solver{}, err
	}
	return solver, solver.own(given)
}

// check returns an error unless each setting is in its range.
func (s Settings) check() error {
	const most = 1e6
	above := math.SmallestNonzeroFloat64
	for _, v := range []struct {
		flag             string
		value, low, high float64
		must             string
	}{
		{"eta", s.Eta, 0, 1, "from 0 to 1"},
		{"lambda", s.Lambda, 0, most, "from 0 to 1e6"},
		{"churn", s.Churn, 0, most, "from 0 to 1e6"},
		{"corrections", float64(s.Corrections), 1, 1000, "from 1 to 1000"},
		{"snr", s.SNR, above, most, "above 0, at most 1e6"},
		{"tol", s.Tolerance, above, most, "above 0, at most 1e6"},
	} {
		if !(v.value >= v.low && v.value <= v.high) {
			return fmt.Errorf("-%s is %v; it must be %s", v.flag, v.value, v.must)
		}
	}
	return nil
}

// Flags returns the settings of all solvers, by the names of their flags.
func Flags() (names []string) {
	for _, s := range All {
		names = append(names, s.Settings...)
	}
	return names
}

// own returns an error if a flag is given that is of other solvers alone.
func (s Solver) own(given func(flag string) bool) error {
	for _, other := range All {
		for _, f := range other.Settings {
			if given(f) && !slices.Contains(s.Settings, f) {
				return fmt.Errorf("-%s is not of -solver %s, which has %s", f, s.Name, s.flags())
			}
		}
	}
	return nil
}

// flags lists a solver's settings.
func (s Solver) flags() string {
	if len(s.Settings) == 0 {
		return "no setting"
	}
	return "-" + strings.Join(s.Settings, ", -")
}

// Write prints what each of some is for, for the help of a command: with their flags if it has them.
func Write(w io.Writer, some []Solver, flags bool) {
	fmt.Fprint(w, "Solvers:\n\n")
	for _, s := range some {
		own := ""
		if flags {
			own = " (" + s.flags() + ")"
		}
		fmt.Fprintf(w, "  %-6s %s%s\n", s.Name, s.Use, own)
	}
	fmt.Fprintln(w)
}
