package sde_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
)

// layer is a denoiser as networks are, D = tanh(x·w + t) row by row, with its vector-Jacobian product by autodiff.
func layer(n, c int) sde.Product {
	weights := make([]float32, c*c)
	sde.Seeded(5)(weights, 0, 0)
	x, v, t := autodiff.Input("x", n, c), autodiff.Input("v", n, c), autodiff.Input("t")
	w := autodiff.Input("w", c, c)
	d := autodiff.Tanh(autodiff.Add(autodiff.Linear(x, w, nil), autodiff.Expand(t, n, c)))
	jv := autodiff.VJP(d, v, x)[0]
	ws := autodiff.Compile(d, jv).NewWorkspace()
	for i := range weights {
		ws.Input(w)[i] = weights[i] / 2
	}
	ws.Prepare()
	return func(z, product, in, vector []float32, now float64) error {
		copy(ws.Input(x), in)
		copy(ws.Input(v), vector)
		ws.Input(t)[0] = float32(now)
		ws.Run()
		copy(z, ws.Output(d))
		copy(product, ws.Output(jv))
		return nil
	}
}

// The likelihood by a network's own derivative is that by differences, traced exactly; Hutchinson's estimate is near it.
func TestLikelihoodOfANetwork(t *testing.T) {
	const n, c = 3, 6
	product := layer(n, c)
	d := sde.Denoiser(func(z, x []float32, now float64) error {
		return product(z, make([]float32, n*c), x, make([]float32, n*c), now)
	})
	x, images := make([]float32, n*c), []int{0, 1, 2}
	for k := range images {
		sde.Seeded(1)(x[k*c:(k+1)*c], k, 0)
	}
	l := sde.Likelihood{Process: sde.PaperCosine, Times: sde.LogSNR(sde.PaperCosine, 0.999, 0.05, 16)}
	density := func(p sde.Product) []float64 {
		logp := make([]float64, n)
		if err := l.LogDensity(context.Background(), p, logp, x, images); err != nil {
			t.Fatal(err)
		}
		return logp
	}
	exact, differences := density(product), density(d.Difference(0.01))
	l.Probes, l.Noise = 60, sde.Seeded(2)
	estimate := density(product)
	for k := range images {
		if math.Abs(exact[k]-differences[k]) > 2e-2 || math.Abs(exact[k]-estimate[k]) > 1 {
			t.Errorf("image %d: log p is %.4f by autodiff, %.4f by differences, %.4f by 60 probes", k, exact[k], differences[k], estimate[k])
		}
	}
}

// unet is a small U-Net under D4, with random weights, as a denoiser of n images of 8×8 and its vector-Jacobian product.
func unet(t *testing.T, n int) sde.Product {
	u, err := nn.NewUNet(nn.UNetConfig{Group: group.D4, ImageHeight: 8, ImageWidth: 8, In: 1, Out: 1, Width: 8, Mult: []int{1, 2},
		Blocks: 1, Attention: []int{2}, Head: 8, Groups: 4, Kernel: 3})
	if err != nil {
		t.Fatal(err)
	}
	u.Init(1)
	for i, p := range u.Params() { // none of them zero
		z := p.Value.Data()
		eps := make([]float32, len(z))
		sde.Seeded(9)(eps, i, 0)
		for k := range z {
			z[k] += 0.1 * eps[k]
		}
	}
	x, v, now := autodiff.Input("x", n, 8, 8, 1), autodiff.Input("v", n, 8, 8, 1), autodiff.Input("t", n)
	d := autodiff.Tanh(u.Apply(x, &nn.Conditions{Time: now}))
	jv := autodiff.VJP(d, v, x)[0]
	ws := autodiff.Compile(d, jv).NewWorkspace()
	ws.Prepare()
	return func(z, product, in, vector []float32, t float64) error {
		copy(ws.Input(x), in)
		copy(ws.Input(v), vector)
		for i := range n {
			ws.Input(now)[i] = float32(1000 * t)
		}
		ws.Run()
		copy(z, ws.Output(d))
		copy(product, ws.Output(jv))
		return nil
	}
}

// The likelihood by a network that is exactly equivariant is exactly invariant, the Jacobian being that of differences, which
// take the network alone: an image that is turned, and probes turned with it, have the same bits of log p. By the network's
// vector-Jacobian product, whose sums over pixels have an order, it is so up to rounding.
func TestLikelihoodIsInvariant(t *testing.T) {
	p, g := sde.PaperCosine, group.D4
	product := unet(t, 1)
	room := make([]float32, 64)
	differences := sde.Denoiser(func(z, x []float32, t float64) error { return product(z, room, x, room, t) }).Difference(0.01)
	density := func(product sde.Product, x []float32, a int) float64 {
		l := sde.Likelihood{Process: p, Times: sde.LogSNR(p, 0.99, 0.1, 4), Probes: 2,
			Noise: func(z []float32, image, draw int) {
				eps := make([]float32, len(z))
				sde.Seeded(3)(eps, image, draw)
				g.Act(z, eps, a, 1, 8, 8, 1)
			}}
		logp := make([]float64, 1)
		if err := l.LogDensity(context.Background(), product, logp, x, []int{0}); err != nil {
			t.Fatal(err)
		}
		return logp[0]
	}
	x, turned := make([]float32, 64), make([]float32, 64)
	sde.Seeded(4)(x, 0, 0)
	want, byProduct := density(differences, x, 0), density(product, x, 0)
	for a := range g.Order() {
		g.Act(turned, x, a, 1, 8, 8, 1)
		if got := density(differences, turned, a); got != want {
			t.Errorf("%s: log p is %v, of the image as it was %v", g.ElementName(a), got, want)
		}
		if got := density(product, turned, a); math.Abs(got-byProduct) > 1e-4 || math.Abs(got-want) > 1 {
			t.Errorf("%s: by products log p is %v, of the image as it was %v, by differences %v", g.ElementName(a), got, byProduct, want)
		}
	}
	if density(differences, turned, 0) == want {
		t.Error("with other probes the estimate is the same: nothing is shown")
	}
}

// How likely an image is: the data are N(0.5, 0.25) for each of four pixels, of which the denoiser and its derivative are
// known.
func ExampleLikelihood() {
	p := sde.EDM{}
	product := func(z, w, x, v []float32, t float64) error {
		gain := float32(0.25 / (0.25 + t*t))
		for i := range x {
			z[i], w[i] = 0.5+gain*(x[i]-0.5), gain*v[i]
		}
		return nil
	}
	l := sde.Likelihood{Process: p, Times: sde.LogSNR(p, 80, 0.002, 100)}
	x := []float32{0.5, 0.5, 0.5, 0.5 /* the mean */, 1, 0, 1, 0 /* a deviation off */}
	logp := make([]float64, 2)
	if err := l.LogDensity(context.Background(), product, logp, x, []int{0, 1}); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.2f %.2f\n", logp[0], logp[1])
	// Output: -0.90 -2.90
}

// The same Brownian path at two step lengths: single images agree, not only their law.
func ExampleBrownian() {
	p := sde.EDM{}
	end := func(steps int) float32 {
		times := sde.Karras(p, 80, 0.05, steps, 7)
		path := sde.Brownian{Seed: 3, From: 80, To: 0.05}
		s := sde.Sampler{Process: p, Solver: sde.SRA1{Lambda: 1}, Times: times, Noise: path.Noise(times, 2)}
		x := make([]float32, 1)
		if err := s.Generate(context.Background(), coins(p), x, []int{0}); err != nil {
			fmt.Println(err)
		}
		return x[0]
	}
	fmt.Printf("%.2f %.2f %.2f\n", end(40), end(80), end(160))
	// Output: -0.93 -0.93 -0.93
}

// A network that was trained to predict v, as a denoiser.
func ExamplePredictor_Denoiser() {
	p := sde.PaperCosine
	at := sde.PredictVelocity{}.At(p, 0.5)
	fmt.Printf("to be predicted: %.3f·x₀ %+.3f·ε, weight %.3f\n", at.A, at.B, at.Loss(sde.MinSNR(5)(p, 0.5)))

	v := sde.Predictor(func(z, x []float32, noise float64) error { clear(z); return nil })
	z := make([]float32, 1)
	if err := v.Denoiser(p, sde.PredictVelocity{})(z, []float32{1}, 0.5); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("D(1) = %.3f\n", z[0])
	// Output:
	// to be predicted: -0.707·x₀ +0.707·ε, weight 0.500
	// D(1) = 0.707
}

// Good times for a method, by the number of evaluations of the network.
func ExampleGrid() {
	for _, m := range []sde.Solver{sde.DDIM{}, sde.Heun{}} {
		fmt.Printf("%.3f\n", sde.Grid(sde.PaperCosine, m, 7))
	}
	// Output:
	// [1.000 0.857 0.714 0.571 0.429 0.286 0.143 0.000]
	// [0.992 0.935 0.280 0.001 0.000]
}
