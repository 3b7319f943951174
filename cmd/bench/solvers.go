package main

import (
	"context"

	"spdiff/sde"
)

// solvers are the methods that are timed, by name.
var solvers = []struct {
	name   string
	method sde.Solver
}{
	{"ddim", sde.DDIM{}},
	{"ddim-eta1", sde.DDIM{Eta: 1}},
	{"ddpm", sde.DDPM{}},
	{"em", sde.EulerMaruyama{Lambda: 1}},
	{"heun", sde.Heun{}},
	{"heun-churn", sde.Heun{Churn: 10}},
	{"dpm", sde.DPMSolver{}},
	{"dpm-sde", sde.DPMSolver{Eta: 1}},
	{"sra1", sde.SRA1{Lambda: 1}},
	{"pc", sde.PredictorCorrector{}},
	{"dopri", sde.DormandPrince{}},
}

// solverCases are what a step takes besides the network, at the batch of unet/digits-s: a denoiser that does nothing. On two
// cores with AVX-512 that was 0.06 to 0.7 ms for each evaluation of the network, most of it noise, where the forward pass of
// unet-wt/digits-s takes 95 and more: below 1 %.
func solverCases() []benchCase {
	const batch, size, evaluations = 64, 28 * 28, 200
	var all []benchCase
	for _, s := range solvers {
		x, images := make([]float32, batch*size), make([]int, batch)
		for i := range images {
			images[i] = i
		}
		steps := 0
		sampler := sde.Sampler{Process: sde.PaperCosine, Solver: s.method, Times: sde.Grid(sde.PaperCosine, s.method, evaluations),
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
				if _, adaptive := s.method.(sde.DormandPrince); adaptive {
					steps = solve() / 6 // of six evaluations
				}
				return func() { solve() }
			}})
	}
	return all
}
