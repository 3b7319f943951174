package theory

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spdiff/sde"
)

// An Ito process is a diffusion dx = f(x, t) dt + g(t) dw in ℝⁿ (eq. 1).
type Ito struct {
	Dim       int
	Drift     Field                   // f
	Diffusion func(t float64) float64 // g ≥ 0
}

// Linear returns a process of package sde in ℝⁿ, n = dim: f(x, t) = u(t)·x.
func Linear(p sde.Process, dim int) Ito {
	drift := func(z, x []float64, t float64) {
		u := p.Drift(t)
		for i, v := range x {
			z[i] = u * v
		}
	}
	return Ito{dim, drift, p.Diffusion}
}

// Reverse returns the reversal of p on 0 ≤ t ≤ end with that λ (eq. 3), in the time τ = end − t that runs forwards:
//
//	dx = −[f − (1+λ²)/2 g² s](x, t) dτ + λ g(t) dw
//
// Its drift (eq. 11) is equivariant if f and the score s are.
func (p Ito) Reverse(score Field, lambda, end float64) Ito {
	drift := func(z, x []float64, tau float64) {
		t, f := end-tau, make([]float64, len(x))
		p.Drift(f, x, t)
		score(z, x, t)
		g := p.Diffusion(t)
		half := (1 + float64(lambda*lambda)) / 2 * float64(g*g)
		for i := range z {
			z[i] = float64(half*z[i]) - f[i]
		}
	}
	return Ito{p.Dim, drift, func(tau float64) float64 { return lambda * p.Diffusion(end-tau) }}
}

// A Noise fills z with the standard normal numbers of a step, for all particles.
type Noise func(z []float64, step int)

// Seeded returns the noise of a seed. It is counter-based: number i of a step is a function of seed, step and i alone, so a
// particle's path does not depend on how many follow it. It is independent of what [Points] and [Mixture.Sample] make of the same
// seed, so that one seed will do for a path and its start.
func Seeded(seed uint64) Noise {
	return func(z []float64, step int) { normal(z, seed, noiseStream+uint64(step)) }
}

// Simulate moves particles, vectors of ℝⁿ one after another in x, along the ascending times by the Euler–Maruyama step from t to
// t + h (eq. 19),
//
//	x ← x + f(x, t) h + g(t) √h ε.
//
// If trace is not nil it sees the state at every time, the first included, which it must not keep or change.
//
// It returns the error of sde.Stopped, asked every step, a [*TimesError], or a [*NotFiniteError]. It panics with a
// [*DimensionError] if x holds no whole number of particles, or Dim is not positive.
func (p Ito) Simulate(ctx context.Context, x, times []float64, noise Noise, trace func(i int, x []float64)) error {
	mustBePositive("the process", p.Dim)
	mustHave("the state", len(x), len(x)/p.Dim*p.Dim)
	if err := checkTimes(times); err != nil {
		return err
	}
	eps, f := make([]float64, len(x)), make([]float64, p.Dim)
	for i, t := range times {
		if trace != nil {
			trace(i, x)
		}
		if err := sde.Stopped(ctx); err != nil || i == len(times)-1 {
			return err
		}
		h, g := times[i+1]-t, p.Diffusion(t)
		noise(eps, i)
		spread := g * math.Sqrt(h)
		for at := 0; at < len(x); at += p.Dim {
			p.Drift(f, x[at:at+p.Dim], t)
			for j := range f {
				x[at+j] = x[at+j] + float64(f[j]*h) + float64(spread*eps[at+j])
			}
			if err := checkFinite(x[at:at+p.Dim], at/p.Dim, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTimes returns a [*TimesError] unless the times are finite and ascend; equal ones may follow each other.
func checkTimes(times []float64) error {
	for i, t := range times {
		if h := t - times[max(i-1, 0)]; !(h >= 0 && h <= math.MaxFloat64) {
			return &TimesError{i, t}
		}
	}
	return nil
}

// A TimesError says that times do not lead from one to the next.
type TimesError struct {
	Index int // of the time that is wrong
	Time  float64
}

// Error says which time is wrong, and what times must be.
func (e *TimesError) Error() string {
	return fmt.Sprintf("theory: time %d is %v: times must ascend by finite steps (to go back, see Ito.Reverse)", e.Index, e.Time)
}

func checkFinite(x []float64, particle int, t float64) error {
	for _, v := range x {
		if v-v != 0 {
			return &NotFiniteError{v, particle, t}
		}
	}
	return nil
}

// A NotFiniteError says that a particle, or a cell of a density, became a NaN or an infinity.
type NotFiniteError struct {
	Value float64
	Index int     // the particle, or the cell
	Time  float64 // the start of the step
}

// Error says where, when, and the likely cause.
func (e *NotFiniteError) Error() string {
	return fmt.Sprintf("theory: a %v at particle or cell %d in the step from t = %.4g: check that the drift is finite there, or take shorter steps", e.Value, e.Index, e.Time)
}

// Trajectories checks equivariance of paths (section 5.2): from Ax, with the noise Aε, the process goes where A takes the path
// from x with the noise ε. It does if the drift is equivariant; under an exact group a drift that commutes to the last bit has
// such paths to the last bit. The starts are the check's points; only the ends, at the last of the times, are compared.
//
// Errors are those of [Ito.Simulate]. It panics with a [*DimensionError] if the process, or a point, is not of ℝⁿ, n the group's
// dimension.
func (c Check) Trajectories(ctx context.Context, p Ito, times []float64, noise Noise) (Report, error) {
	mustHave("the process", p.Dim, c.Group.Dim())
	r, n, points := Check{c.Group, c.Points, times, c.Bound}.report(nil), c.Group.Dim(), c.points()
	if len(times) < 2 {
		r.Why = "a path needs two times or more"
		return r.done(), nil
	}
	start := slices.Concat(points...)
	end, moved, want, eps := append([]float64(nil), start...), make([]float64, len(start)), make([]float64, len(start)), make([]float64, len(start))
	if err := p.Simulate(ctx, end, times, noise, nil); err != nil {
		return r, err
	}
	var sizes []float64
	for k := range points {
		sizes = append(sizes, size(end[k*n:(k+1)*n]))
	}
	typical := median(sizes)
	for a := range c.Group.Order() {
		c.Group.Act64(moved, start, a)
		turned := func(z []float64, step int) {
			noise(eps, step)
			c.Group.Act64(z, eps, a)
		}
		if err := p.Simulate(ctx, moved, times, turned, nil); err != nil {
			return r, err
		}
		c.Group.Act64(want, end, a)
		for k, x := range points {
			r.compare(moved[k*n:(k+1)*n], want[k*n:(k+1)*n], place{x, times[len(times)-1], a, false, typical})
		}
	}
	return r.done(), nil
}
