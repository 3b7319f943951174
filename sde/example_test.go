package sde_test

import (
	"context"
	"fmt"
	"math"

	"spdiff/sde"
)

// coins is the exact denoiser of pixels that are +1 with probability 3/4, else −1: from Bayes' rule,
// D = E[x₀ | x] = tanh(αx/σ² + ln 3/2).
func coins(p sde.Process) sde.Denoiser {
	return func(z, x []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		for i, v := range x {
			z[i] = float32(math.Tanh(alpha*float64(v)/(sigma*sigma) + math.Log(3)/2))
		}
		return nil
	}
}

// Four images of 1000 pixels, each 1 with probability 3/4 and −1 else.
func ExampleSampler_Generate() {
	p := sde.PaperCosine
	s := sde.Sampler{
		Process: p,
		Solver:  sde.DDIM{Eta: 1},
		Times:   sde.Uniform(1, 0, 100),
		Noise:   sde.Seeded(1),
	}
	x := make([]float32, 4*1000)
	if err := s.Generate(context.Background(), coins(p), x, []int{0, 1, 2, 3}); err != nil {
		fmt.Println(err)
		return
	}
	var plus, minus int
	for _, v := range x {
		switch {
		case math.Abs(float64(v)-1) < 0.01:
			plus++
		case math.Abs(float64(v)+1) < 0.01:
			minus++
		}
	}
	fmt.Println(plus+minus == len(x), math.Round(20*float64(plus)/float64(len(x)))/20)
	// Output: true 0.75
}

// From the middle of time: the state is what Diffuse makes of an image, and its way back can be watched.
func ExampleSampler_Solve() {
	p := sde.PaperCosine
	x, eps := []float32{1, -1, 1}, []float32{0.3, 0.1, -0.2}
	sde.Diffuse(p, x, x, eps, 0.5)
	fmt.Printf("t = 0.500  %.3f\n", x)
	s := sde.Sampler{
		Process: p,
		Solver:  sde.DDIM{},
		Times:   sde.Uniform(0.5, 0, 4),
		Trace:   func(step sde.Snapshot) { fmt.Printf("t = %.3f  %.3f\n", step.Time, step.X) },
	}
	if err := s.Solve(context.Background(), coins(p).Clamp(-1, 1), x, []int{0}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// t = 0.500  [0.919 -0.636 0.566]
	// t = 0.375  [0.985 -0.593 0.685]
	// t = 0.250  [1.028 -0.682 0.817]
	// t = 0.125  [1.034 -0.857 0.926]
	// t = 0.000  [1.000 -1.000 1.000]
}
