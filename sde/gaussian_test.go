package sde

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// A gaussian is a law of data N(mu, s²), for which everything about a process and its reversal is known in closed form.
type gaussian struct{ mu, s float64 }

// marginal returns mean and variance of x_t.
func (d gaussian) marginal(p Process, t float64) (m, v float64) {
	alpha, sigma := p.Marginal(t)
	return alpha * d.mu, alpha*alpha*d.s*d.s + sigma*sigma
}

// denoiser returns D = E[x₀ | x_t = x] = μ + α s²/(α²s² + σ²) (x − αμ).
func (d gaussian) denoiser(p Process) Denoiser {
	return func(z, x []float32, t float64) error {
		alpha, _ := p.Marginal(t)
		m, v := d.marginal(p, t)
		for i := range z {
			z[i] = float32(d.mu + alpha*d.s*d.s/v*(float64(x[i])-m))
		}
		return nil
	}
}

// flow returns where the probability flow takes x from time t to time s.
func (d gaussian) flow(p Process, x, t, s float64) float64 {
	m, v := d.marginal(p, t)
	ms, vs := d.marginal(p, s)
	return ms + math.Sqrt(vs/v)*(x-m)
}

// law returns mean and variance of a sampler's result for a start N(m, v), exactly: no random numbers are drawn. For a
// gaussian's denoiser a pointwise method's result is an affine function of the start and of every draw. One image finds it: its
// number 0 starts at 0, number 1 at 1, and number 2+k has draw k alone for noise.
func law(t testing.TB, s Sampler, d Denoiser, m, v float64) (mean, variance float64) {
	t.Helper()
	x := make([]float32, 2+2*len(s.Times))
	x[1] = 1
	s.Noise = func(z []float32, image, draw int) { clear(z); z[2+draw] = 1 }
	if err := s.Solve(context.Background(), d, x, []int{0}); err != nil {
		t.Fatal(err)
	}
	b := float64(x[0])
	a := float64(x[1]) - b
	variance = a * a * v
	for _, y := range x[2:] {
		variance += (float64(y) - b) * (float64(y) - b)
	}
	return a*m + b, variance
}

// slope is the least-squares slope of log error against log step length for the numbers of steps n: the order.
func slope(n []int, errs []float64) float64 {
	x, y := make([]float64, len(n)), make([]float64, len(n))
	for i := range n {
		x[i], y[i] = -math.Log(float64(n[i])), math.Log(errs[i])
	}
	_, order := stat.LinearRegression(x, y, nil, false)
	return order
}

var cell = gaussian{mu: 0.3, s: 0.5}
