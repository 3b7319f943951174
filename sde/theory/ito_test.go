package theory

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/group/isometry"
	"spdiff/sde"
)

var background = context.Background()

// moments returns mean and variance of a sample on ℝ.
func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// A step is the formula of eq. 19, each particle's from its own noise; the trace sees every time.
func TestSimulateStep(t *testing.T) {
	p := Ito{2, func(z, x []float64, t float64) { z[0], z[1] = x[1]+t, -x[0] }, func(t float64) float64 { return 1 + t }}
	noise := func(z []float64, step int) {
		for i := range z {
			z[i] = float64(10*step + i)
		}
	}
	x := []float64{1, 2, 3, 4}
	seen := 0
	err := p.Simulate(background, x, []float64{0, 0.25, 0.5}, noise, func(i int, x []float64) { seen += i + len(x) })
	a := func(x, f, g, e float64) float64 { return x + f*0.25 + g*0.5*e }
	want := []float64{a(1, 2, 1, 0), a(2, -1, 1, 1), a(3, 4, 1, 2), a(4, -3, 1, 3)}
	want = []float64{
		a(want[0], want[1]+0.25, 1.25, 10), a(want[1], -want[0], 1.25, 11), a(want[2], want[3]+0.25, 1.25, 12), a(want[3], -want[2], 1.25, 13),
	}
	for i := range x {
		if x[i] != want[i] {
			t.Errorf("number %d is %v, want %v", i, x[i], want[i])
		}
	}
	if err != nil || seen != 3+12 {
		t.Errorf("%v; seen %d", err, seen)
	}
}

// Under a linear process a sample has the exact marginal's moments, to first order in the step.
func TestSimulateLaw(t *testing.T) {
	if testing.Short() {
		t.Skip("statistics, the same on every machine")
	}
	m := NewMixture(Component{1, []float64{1}, 0.25}, Component{2, []float64{-2}, 0.5})
	x := make([]float64, 40000)
	m.Sample(x, 1)
	if err := Linear(sde.SongLinear, 1).Simulate(background, x, sde.Uniform(0, 0.4, 200), Seeded(2), nil); err != nil {
		t.Fatal(err)
	}
	alpha, sigma := sde.SongLinear.Marginal(0.4)
	mean, variance := moments(x)
	wantMean := alpha * -1
	wantVariance := alpha*alpha*(0.25/3+0.5*2/3+(4+1*0.25*8-4)) + sigma*sigma // var of the means: E μ² − 1 = 3 − 1
	if math.Abs(mean-wantMean) > 0.02 || math.Abs(variance-wantVariance) > 0.03 {
		t.Errorf("mean %v and variance %v, want %v and %v", mean, variance, wantMean, wantVariance)
	}
}

// The numbers of a particle do not depend on how many follow it.
func TestSeededNoiseIsCounterBased(t *testing.T) {
	a, b := make([]float64, 5000), make([]float64, 12000)
	Seeded(3)(a, 7)
	Seeded(3)(b, 7)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("number %d is %v, with more behind it %v", i, a[i], b[i])
		}
	}
	Seeded(3)(b, 8)
	if a[0] == b[0] {
		t.Error("two steps have the same noise")
	}
}

// One seed gives a path noise that has nothing in common with its start: not with where the points are, and not with the component
// that each is of.
func TestSeededNoiseIsNotTheStart(t *testing.T) {
	points, sample, used, noise := slices.Concat(Points(1, 50, 1, 3)...), make([]float64, 50), make([]float64, 50), make([]float64, 50)
	NewMixture(Component{1, []float64{0}, 1}).Sample(sample, 3)
	for step, stream := range []uint64{pointStream, choiceStream} {
		normal(used, 3, stream)
		Seeded(3)(noise, step)
		for i, v := range noise {
			if v == used[i] || v == points[i] || v == sample[i] {
				t.Fatalf("step %d, particle %d: the noise %v is the start's", step, i, v)
			}
		}
	}
}

// Back from p_T with the exact score, by any λ, comes p₀.
func TestReverse(t *testing.T) {
	if testing.Short() {
		t.Skip("statistics, the same on every machine")
	}
	m := NewMixture(Component{1, []float64{1}, 0.05}, Component{3, []float64{-1}, 0.05})
	e := Evolution{m, sde.SongLinear}
	for _, lambda := range []float64{0, 1} {
		x := make([]float64, 2000)
		e.Start.At(e.Process, 0.5).Sample(x, 5)
		back := Linear(sde.SongLinear, 1).Reverse(e.Score, lambda, 0.5)
		if err := back.Simulate(background, x, sde.Uniform(0, 0.5, 200), Seeded(6), nil); err != nil {
			t.Fatal(err)
		}
		mean, variance := moments(x)
		if math.Abs(mean+0.5) > 0.05 || math.Abs(variance-0.8) > 0.05 {
			t.Errorf("λ = %v: mean %v and variance %v, want −0.5 and 0.8", lambda, mean, variance)
		}
	}
}

// Section 5.1: with an equivariant score the drift of the reversal is equivariant, to the last bit; and the trajectories with
// transformed noise are (section 5.2). A drift to one side has neither, nor has a path whose noise stays as it is.
func TestTrajectories(t *testing.T) {
	for name, g := range groups() {
		e := Evolution{random(g.Dim(), 6).Orbit(g), sde.SongLinear}
		c := check(g)
		c.Bound *= 10 // errors grow along a path
		back := Linear(sde.SongLinear, g.Dim()).Reverse(e.Score, 1, 0.9)
		times := sde.Uniform(0, 0.8, 6)
		if r := c.Equivariant(back.Drift); !r.Holds() {
			t.Errorf("%s: the drift of the reversal %v", name, r)
		}
		if r, err := c.Trajectories(background, back, times, Seeded(1)); err != nil || !r.Holds() {
			t.Errorf("%s: the paths: %v, %v", name, r, err)
		}
		if d := unturned(t, g, back, times); d < 0.01 {
			t.Errorf("%s: with noise that stays as it is paths end %v from each other's images", name, d)
		}
		back.Drift = plus(back.Drift, uneven)
		if r := c.Equivariant(back.Drift); r.Max < 1e-3 || r.Holds() {
			t.Errorf("%s: the drift, pushed unevenly, %v", name, r)
		}
		if r, err := c.Trajectories(background, back, times, Seeded(1)); err != nil || r.Max < 1e-3 || r.Holds() {
			t.Errorf("%s: pushed unevenly: %v, %v", name, r, err)
		}
	}
}

// unturned returns by how much, at most, a path from Ax misses A times the end of that from x where both have the same noise.
func unturned(t *testing.T, g *isometry.Group, p Ito, times []float64) (most float64) {
	t.Helper()
	end := func(x []float64) []float64 {
		x = slices.Clone(x)
		if err := p.Simulate(background, x, times, Seeded(1), nil); err != nil {
			t.Fatal(err)
		}
		return x
	}
	x := Points(g.Dim(), 1, 1, 11)[0]
	y, moved, want := end(x), make([]float64, g.Dim()), make([]float64, g.Dim())
	for a := range g.Order() {
		g.Act64(moved, x, a)
		g.Act64(want, y, a)
		for i, v := range end(moved) {
			most = max(most, math.Abs(v-want[i]))
		}
	}
	return most
}

// wrongTimes lead nowhere; the errors say where.
var wrongTimes = map[string][]float64{
	"time 1 is 0: times must ascend": {1, 0}, "time 0 is NaN: ": {math.NaN(), 1}, "time 1 is NaN: ": {0, math.NaN()}, "time 1 is +Inf: ": {0, math.Inf(1)},
	"time 1 is 1e+308: times must ascend by finite steps": {-1e308, 1e308},
}

func TestSimulateErrors(t *testing.T) {
	p := Ito{1, func(z, x []float64, t float64) { z[0] = 1 / (x[0] - 1) }, constant(0)}
	err := p.Simulate(background, []float64{0, 1}, []float64{0, 1}, Seeded(1), nil)
	var e *NotFiniteError
	if !errors.As(err, &e) || e.Index != 1 || !math.IsInf(e.Value, 1) {
		t.Errorf("a division by zero: %v", err)
	}
	stopped, cancel := context.WithCancel(background)
	cancel()
	if err := p.Simulate(stopped, []float64{0}, []float64{0, 1}, Seeded(1), nil); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	for want, times := range wrongTimes {
		if err := p.Simulate(background, []float64{0}, times, Seeded(1), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("times %v: %v; want %q", times, err, want)
		}
	}
	if err := p.Simulate(background, []float64{0}, nil, Seeded(1), nil); err != nil {
		t.Errorf("no times: %v", err)
	}
	c := Check{Group: isometry.SignedPermutations(1), Points: [][]float64{{1}}}
	if _, err := c.Trajectories(background, p, []float64{0, 1}, Seeded(1)); !errors.As(err, &e) {
		t.Errorf("a path into infinity: %v", err)
	}
	mustPanic(t, "the process has 1 numbers, want 2", func() {
		Check{Group: isometry.Cyclic(4), Points: [][]float64{{2, 0}}}.Trajectories(background, Linear(sde.SongLinear, 1), []float64{0, 1}, Seeded(1))
	})
	mustPanic(t, "the state has 3 numbers, want 2", func() { Linear(sde.SongLinear, 2).Simulate(background, make([]float64, 3), nil, nil, nil) })
	mustPanic(t, "the sample has 3 numbers", func() { Check{Group: isometry.Cyclic(4)}.Sample(make([]float64, 3)) })
}

// The test of samples: one from a symmetric density passes, one from another does not, under each group; its level is what it says.
func TestSample(t *testing.T) {
	for name, g := range groups() {
		if g.Dim() > 4 {
			continue
		}
		c := Check{Group: g, Points: Points(g.Dim(), 8, 0.7, 3), Bound: 5}
		x := make([]float64, 4000*g.Dim())
		random(g.Dim(), 8).Orbit(g).Sample(x, 9)
		if r := c.Sample(x); !r.Holds() || r.Max < 0.5 {
			t.Errorf("%s: an invariant density: %v", name, r)
		}
		random(g.Dim(), 8).Sample(x, 9)
		if r := c.Sample(x); r.Holds() {
			t.Errorf("%s: any density: %v", name, r)
		}
	}
}
