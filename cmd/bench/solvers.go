package main

import (
	"context"

	"spdiff/cmd/internal/solvers"
	"spdiff/sde"
)

// A solverCase is a solver that is timed.
type solverCase struct {
	name   string
	solver sde.Solver
}

// timedSolvers are all solvers, those that are both once without and once with noise.
func timedSolvers() (all []solverCase) {
	noisy := solvers.Default()
	noisy.Churn = 10
	for _, s := range solvers.All {
		quiet, loud := s.Make(solvers.Default().Deterministic()), s.Make(noisy)
		if quiet != loud {
			all = append(all, solverCase{s.Name + "-flow", quiet})
		}
		all = append(all, solverCase{s.Name, loud})
	}
	return all
}

// solverCases are what a step takes besides the network, at the batch of unet/digits-s: a denoiser that does nothing. On two
// cores with AVX-512 that was 0.06 to 0.7 ms for each evaluation of the network, most of it noise, where the forward pass of
// unet-wt/digits-s takes 62: 1.1 % at most.
func solverCases() []benchCase {
	const batch, size, evaluations = 64, 28 * 28, 200
	var all []benchCase
	for _, s := range timedSolvers() {
		x, images := make([]float32, batch*size), make([]int, batch)
		for i := range images {
			images[i] = i
		}
		steps := 0
		sampler := sde.Sampler{Process: sde.PaperCosine, Solver: s.solver, Times: sde.Grid(sde.PaperCosine, s.solver, evaluations),
			Noise: sde.Seeded(1)}
		solve := func() (calls int) {
			nothing := func(z, x []float32, t float64) error { calls++; return nil }
			if err := sampler.Generate(context.Background(), nothing, x, images); err != nil {
				panic(err)
			}
			return calls
		}
		all = append(all, benchCase{name: "solver/" + s.name, batch: batch, parts: func() int { return steps },
			setup: func() func() {
				steps = len(sampler.Times) - 1
				if _, adaptive := s.solver.(sde.DormandPrince); adaptive {
					steps = solve() / 6 // of six evaluations
				}
				return func() { solve() }
			}})
	}
	return all
}
