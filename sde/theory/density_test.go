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

// distance returns ∫ |p − q|.
func distance(g Grid, p, q []float64) (sum float64) {
	for c := range p {
		sum += math.Abs(p[c]-q[c]) * g.volume()
	}
	return sum
}

// evolved returns the density of m after the times of a process.
func evolved(t *testing.T, p Ito, g Grid, m *Mixture, times ...float64) []float64 {
	t.Helper()
	density := g.Fill(m.Density)
	if err := p.Evolve(background, g, density, times, nil); err != nil {
		t.Fatal(err)
	}
	return density
}

// The density of a linear process is the exact one, with an error of second order in the width.
func TestEvolveIsExact(t *testing.T) {
	m := NewMixture(Component{1, []float64{1}, 0.1}, Component{2, []float64{-0.5}, 0.2})
	var errs []float64
	for _, cells := range []int{50, 100, 200} {
		g := Grid{1, cells, 5}
		got := evolved(t, Linear(sde.SongLinear, 1), g, m, 0, 0.1, 0.3)
		errs = append(errs, distance(g, got, g.Fill(m.At(sde.SongLinear, 0.3).Density)))
	}
	if errs[2] > 1e-3 || errs[0] < 3*errs[1] || errs[1] < 3*errs[2] {
		t.Errorf("the errors at 50, 100 and 200 cells are %v", errs)
	}
	g := Grid{2, 40, 4}
	plane := random(2, 2)
	got := evolved(t, Linear(sde.SongLinear, 2), g, plane, 0, 0.3)
	if d := distance(g, got, g.Fill(plane.At(sde.SongLinear, 0.3).Density)); d > 0.02 {
		t.Errorf("in the plane the error is %v", d)
	}
}

// Every process of package sde carries densities as its marginals say, from any time to any later one.
func TestEvolveEveryProcess(t *testing.T) {
	m, g := random(1, 1), Grid{1, 120, 7}
	for name, p := range processes {
		got := evolved(t, Linear(p, 1), g, m.At(p, 0.3), 0.3, 0.45)
		if d := distance(g, got, g.Fill(m.At(p, 0.45).Density)); d > 2e-3 || distance(g, got, g.Fill(m.At(p, 0.3).Density)) < 10*d {
			t.Errorf("%s: the density is %v from the marginal", name, d)
		}
	}
}

// Densities stay positive and keep their mass, whatever the drift, without noise too; and a pure drift carries them along.
func TestEvolveKeepsMass(t *testing.T) {
	for _, noise := range []float64{0, 1e-200, 0.01, 2} {
		g := Grid{2, 20, 3}
		start := g.Fill(random(2, 4).Density)
		density := append([]float64(nil), start...)
		p := Ito{2, uneven, constant(noise)}
		if err := p.Evolve(background, g, density, []float64{0, 1}, nil); err != nil {
			t.Fatal(err)
		}
		for _, v := range density {
			if !(v >= 0) {
				t.Fatalf("g = %v: a density of %v", noise, v)
			}
		}
		if mass := g.Mass(density); math.Abs(mass-1) > 1e-12 || distance(g, start, density) < 0.1 {
			t.Errorf("g = %v: the mass is %v", noise, mass)
		}
	}
	g := Grid{1, 200, 4}
	shift := Ito{1, func(z, x []float64, t float64) { z[0] = 2 }, constant(0)}
	got := evolved(t, shift, g, NewMixture(Component{1, []float64{-1}, 0.1}), 0, 1)
	mean := 0.0
	for c, x := range g.Centres() {
		mean += x[0] * got[c] * g.Width()
	}
	if math.Abs(mean-1) > 1e-9 {
		t.Errorf("a drift of 2 carries the mean from −1 to %v in time 1", mean)
	}
}

// Without drift the variance grows by exactly ∫ g² dt, on the grid as well; steps of Heun's are exact for a g² that is linear in t.
func TestEvolveIsOfSecondOrderInTime(t *testing.T) {
	g := Grid{1, 60, 6}
	variance := func(density []float64) (sum float64) {
		for c, x := range g.Centres() {
			sum += x[0] * x[0] * density[c] * g.Width()
		}
		return sum
	}
	p := Ito{1, func(z, x []float64, t float64) { z[0] = 0 }, func(t float64) float64 { return math.Sqrt(2 * t) }}
	m := NewMixture(Component{1, []float64{0}, 0.2})
	if grown := variance(evolved(t, p, g, m, 0, 0.5)) - variance(g.Fill(m.Density)); math.Abs(grown-0.25) > 1e-9 {
		t.Errorf("the variance grows by %v, want ¼", grown)
	}
}

// Proposition 1 in bits: with a drift that commutes to the last bit a symmetric density stays symmetric to the last bit. With a pull
// to one side, or a grid that starts without symmetry, it is not.
func TestEvolveKeepsSymmetryToTheLastBit(t *testing.T) {
	swirl := func(z, x []float64, t float64) { // commutes with quarter turns, not with mirrors
		r := float64(x[0]*x[0]) + float64(x[1]*x[1])
		z[0], z[1] = math.Sin(x[0]*(1+t))-float64(r*x[1]), math.Sin(x[1]*(1+t))+float64(r*x[0])
	}
	well := func(z, x []float64, t float64) { // commutes with all signed permutations
		for i, v := range x {
			z[i] = v - v*v*v*(1+t)
		}
	}
	for name, c := range map[string]struct {
		group *isometry.Group
		drift Field
		keeps bool
	}{
		"flip, well": {isometry.SignedPermutations(1), well, true}, "flip, pull": {isometry.SignedPermutations(1), pull(0.5), false},
		"D4, well": {isometry.Dihedral(4), well, true}, "C4, swirl": {isometry.Cyclic(4), swirl, true}, "D4, swirl": {isometry.Dihedral(4), swirl, false},
		"D4, pull": {isometry.Dihedral(4), pull(0.5), false},
	} {
		n := c.group.Dim()
		g := Grid{n, 31 - n, 3}
		for _, noise := range []float64{0, 0.7} {
			p := Ito{n, c.drift, constant(noise)}
			density := evolved(t, p, g, random(n, 6).Orbit(c.group), 0, 0.2)
			r := Check{Group: c.group, Points: g.Centres()}.Invariant(g.Function(density))
			if r.Exact != c.keeps {
				t.Errorf("%s, g = %v: %v", name, noise, r)
			}
		}
	}
}

// The particles and the density of a process are of one law.
func TestParticlesAgreeWithDensity(t *testing.T) {
	if testing.Short() {
		t.Skip("statistics, the same on every machine")
	}
	m := NewMixture(Component{1, []float64{1}, 0.1}, Component{2, []float64{-0.5}, 0.2})
	g := Grid{1, 60, 4}
	p := Ito{1, func(z, x []float64, t float64) { z[0] = math.Sin(2*x[0]) - t }, func(t float64) float64 { return 0.5 + t }}
	x := make([]float64, 100000)
	m.Sample(x, 1)
	if err := p.Simulate(background, x, sde.Uniform(0, 1, 50), Seeded(2), nil); err != nil {
		t.Fatal(err)
	}
	if d := distance(g, g.Histogram(x), evolved(t, p, g, m, 0, 1)); d > 0.04 {
		t.Errorf("the histogram is %v from the density", d)
	}
}

func TestEvolveErrors(t *testing.T) {
	g := Grid{1, 10, 1}
	density := g.Fill(func(x []float64) float64 { return 1 })
	p := Ito{1, func(z, x []float64, t float64) { z[0] = 1 / x[0] }, constant(1)}
	var e *NotFiniteError
	if err := p.Evolve(background, g, density, []float64{0, 1}, nil); !errors.As(err, &e) || e.Index != 4 {
		t.Errorf("an infinite drift at 0, the upper face of cell 4: %v", err)
	}
	stopped, cancel := context.WithCancel(background)
	cancel()
	if err := Linear(sde.SongLinear, 1).Evolve(stopped, g, density, []float64{0, 1}, nil); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	still, old := Ito{1, func(z, x []float64, t float64) { z[0] = 0 }, constant(0)}, slices.Clone(density)
	for want, times := range wrongTimes {
		err := still.Evolve(background, g, density, times, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !slices.Equal(density, old) {
			t.Errorf("times %v: %v; want %q", times, err, want)
		}
	}
	mustPanic(t, "the density has 3 numbers, want 10", func() { p.Evolve(background, g, density[:3], nil, nil) })
	mustPanic(t, "the process has 2 numbers, want 1", func() { Linear(sde.SongLinear, 2).Evolve(background, g, density, nil, nil) })
	for _, g := range []Grid{{}, {3, 10, 1}, {1, 1, 1}, {1, 10, 0}, {2, 10, math.Inf(1)}, {2, 1 << 13, 1}} {
		mustPanic(t, "the dimension must be 1 or 2", func() { g.Len() })
	}
}

// Signed permutations carry centres to centres, to the last bit, and a centre lies in its cell.
func TestGrid(t *testing.T) {
	for _, g := range []Grid{{1, 7, 3}, {1, 8, 0.1}, {2, 5, 1.7}, {2, 6, 3}} {
		centres := g.Centres()
		group := isometry.SignedPermutations(g.Dim)
		ax := make([]float64, g.Dim)
		for c, x := range centres {
			if g.Cell(x) != c {
				t.Errorf("%v: centre %d, %v, lies in cell %d", g, c, x, g.Cell(x))
			}
			for a := range group.Order() {
				group.Act64(ax, x, a)
				y := centres[g.Cell(ax)]
				for i := range y {
					if y[i] != ax[i] {
						t.Errorf("%v: element %d carries %v to %v, not to %v", g, a, x, ax, y)
					}
				}
			}
		}
		outside := make([]float64, g.Dim)
		outside[0] = g.Radius * 1.01
		if g.Cell(outside) != -1 || g.Function(make([]float64, g.Len()))(outside, 0) != 0 {
			t.Errorf("%v: %v lies in cell %d", g, outside, g.Cell(outside))
		}
		outside[0] = math.NaN()
		if g.Cell(outside) != -1 {
			t.Errorf("NaN lies in cell %d", g.Cell(outside))
		}
	}
	g := Grid{1, 4, 2}
	h := g.Histogram([]float64{-1.5, -1.5, 0.2, 7})
	if h[0] != 0.5 || h[1] != 0 || h[2] != 0.25 || h[3] != 0 {
		t.Errorf("the histogram %v", h)
	}
	if h := g.Histogram(nil); !slices.Equal(h, make([]float64, 4)) {
		t.Errorf("the histogram of no points %v", h)
	}
}

// A mixture integrates to 1, its score is its gradient, its marginal the integral of the kernel, its sample of its law.
func TestMixture(t *testing.T) {
	g := Grid{1, 2000, 12}
	m := random(1, 9)
	density := make([]float64, g.Len())
	for c, x := range g.Centres() {
		density[c] = m.Density(x)
	}
	if mass := g.Mass(density); math.Abs(mass-1) > 1e-12 {
		t.Errorf("the mass is %v", mass)
	}
	alpha, sigma := sde.SongLinear.Marginal(0.3)
	for _, x := range []float64{-1, 0, 2.5} {
		want := 0.0
		for c, x0 := range g.Centres() {
			d := (x - alpha*x0[0]) / sigma
			want += density[c] * math.Exp(-d*d/2) / (sigma * math.Sqrt(2*math.Pi)) * g.Width()
		}
		if got := m.At(sde.SongLinear, 0.3).Density([]float64{x}); math.Abs(got-want) > 1e-12 {
			t.Errorf("p(%v) at t = 0.3 is %v, want %v", x, got, want)
		}
	}
	x := make([]float64, 100000)
	m.Sample(x, 3)
	coarse := Grid{1, 40, 6}
	if d := distance(coarse, coarse.Histogram(x), coarse.Fill(m.Density)); d > 0.03 {
		t.Errorf("the sample is %v from the density", d)
	}
	short := make([]float64, 10)
	m.Sample(short, 3)
	for k := range short {
		if short[k] != x[k] {
			t.Errorf("point %d is %v in a short sample, %v in a long one", k, short[k], x[k])
		}
	}
	far := []float64{1e3}
	z := make([]float64, 1)
	if m.Score(z, far); !(z[0] < 0) || math.IsInf(m.LogDensity(far), 0) {
		t.Errorf("far away the score is %v, the log-density %v", z[0], m.LogDensity(far))
	}
}

func TestMixtureErrors(t *testing.T) {
	one := Component{1, []float64{0}, 1}
	mustPanic(t, "component 0 of a mixture: there must be at least one", func() { NewMixture() })
	mustPanic(t, "component 1 of a mixture: its weight is 0", func() { NewMixture(one, Component{0, []float64{0}, 1}) })
	mustPanic(t, "component 1 of a mixture: its variance is NaN", func() { NewMixture(one, Component{1, []float64{0}, math.NaN()}) })
	mustPanic(t, "component 1 of a mixture: its mean has 2 numbers, that of the first 1", func() { NewMixture(one, Component{1, []float64{0, 0}, 1}) })
	mustPanic(t, "component 0 of a mixture: its mean has 0 numbers", func() { NewMixture(Component{1, nil, 1}) })
	mustPanic(t, "x has 2 numbers, want 1", func() { NewMixture(one).LogDensity([]float64{0, 0}) })
	mustPanic(t, "a mean has 1 numbers, want 2", func() { NewMixture(one).Orbit(isometry.Cyclic(3)) })
}
