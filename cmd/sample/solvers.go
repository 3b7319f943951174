package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/sde"
)

// A solver is a value of -solver.
type solver struct {
	name, use string
	settings  []string // the flags that are its own
	method    func(o *options) sde.Solver
}

// solvers are those that there are; the documentation of package sde has a table of their orders.
var solvers = []solver{
	{"ddim", "the default; ancestral at -eta 1, -eta 0 brings no new noise", []string{"eta"},
		func(o *options) sde.Solver { return sde.DDIM{Eta: o.eta} }},
	{"ddpm", "the ancestral chain with the large variance of DDPM, in many steps", nil,
		func(o *options) sde.Solver { return sde.DDPM{Large: true} }},
	{"dpm", "DPM-Solver++(2M): good images in few steps; -eta 0 brings no new noise", []string{"eta"},
		func(o *options) sde.Solver { return sde.DPMSolver{Eta: o.eta} }},
	{"heun", "EDM's sampler of order 2 on Karras times; -churn brings noise", []string{"churn"},
		func(o *options) sde.Solver { return sde.Heun{Churn: o.churn} }},
	{"em", "Euler–Maruyama over the family of eq. 3, the paper's; in many steps", []string{"lambda"},
		func(o *options) sde.Solver { return sde.EulerMaruyama{Lambda: o.lambda} }},
	{"sra1", "the same family to strong order 1.5", []string{"lambda"},
		func(o *options) sde.Solver { return sde.SRA1{Lambda: o.lambda} }},
	{"pc", "Euler–Maruyama and Langevin corrections", []string{"lambda", "corrections", "snr"},
		func(o *options) sde.Solver {
			return sde.PredictorCorrector{Predictor: sde.EulerMaruyama{Lambda: o.lambda}, Corrections: o.corrections, SNR: o.snr}
		}},
	{"dopri", "the probability flow to a tolerance, in as many steps as that takes, for each image its own", []string{"tol"},
		func(o *options) sde.Solver { return sde.DormandPrince{Tol: o.tolerance} }},
}

// solverOf returns the solver of a name, nil if there is none.
func solverOf(name string) *solver {
	if i := slices.IndexFunc(solvers, func(s solver) bool { return s.name == name }); i >= 0 {
		return &solvers[i]
	}
	return nil
}

// checkSolver finds a name that is none, and settings that are not the chosen solver's.
func (o *options) checkSolver() error {
	chosen := solverOf(o.solver)
	if chosen == nil {
		var names []string
		for _, s := range solvers {
			names = append(names, s.name)
		}
		return cli.Usagef("-solver %q: there are %s", o.solver, strings.Join(names, ", "))
	}
	for _, s := range solvers {
		for _, f := range s.settings {
			if o.given[f] && !slices.Contains(chosen.settings, f) {
				return cli.Usagef("-%s is not of -solver %s, which has %s", f, chosen.name, chosen.flags())
			}
		}
	}
	return nil
}

// flags lists a solver's settings.
func (s *solver) flags() string {
	if len(s.settings) == 0 {
		return "no setting"
	}
	return "-" + strings.Join(s.settings, ", -")
}

// writeSolvers prints what each is for.
func writeSolvers(w io.Writer) {
	fmt.Fprint(w, "Solvers:\n\n")
	for _, s := range solvers {
		fmt.Fprintf(w, "  %-6s %s (%s)\n", s.name, s.use, s.flags())
	}
	fmt.Fprintln(w)
}
