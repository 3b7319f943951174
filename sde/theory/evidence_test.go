package theory

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/group/isometry"
	"spdiff/sde"
)

// reports runs every check on a process that keeps all of them, and returns the reports by name.
func reports(t *testing.T, c Check) map[string]Report {
	t.Helper()
	e := Evolution{NewMixture(Component{1, make([]float64, c.Group.Dim()), 1}), sde.SongLinear}
	p := Linear(sde.SongLinear, c.Group.Dim())
	l, q, k, a := c.Lemma1(e.LogDensity, e.Score), c.Proposition1(p.Drift, e.Score), c.Corollary1(p.Drift), c.Averages(p.Drift)
	all := map[string]Report{"density": l.Density, "score": l.Score, "gradient": l.Gradient, "drift": q.Drift, "current": q.Current,
		"linear": k.Linear, "average": a.Average, "fixed": a.Fixed}
	times := []float64{0, 0.1}
	if c.Times != nil {
		times = c.Times
	} else {
		x := make([]float64, 1000*c.Group.Dim())
		e.Start.Sample(x, 1)
		sample := c
		sample.Bound = 5
		all["sample"] = sample.Sample(x)
	}
	path, err := c.Trajectories(context.Background(), p, times, Seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	all["trajectories"] = path
	return all
}

// Checks of what holds hold on points that can show it, and say that they show nothing on others, whatever the check.
func TestNoEvidence(t *testing.T) {
	g := isometry.Dihedral(4)
	some := Points(2, 10, 1, 1)
	point := []float64{1, 0.3}
	for name, r := range reports(t, Check{Group: g, Points: some, Bound: 1e-9}) {
		if !r.Holds() || r.Evidence != 10 {
			t.Errorf("%s: %v, evidence %d", name, r, r.Evidence)
		}
	}
	for what, c := range map[string]Check{
		"no points":           {Group: g},
		"no times":            {Group: g, Points: some, Times: []float64{}},
		"one point":           {Group: g, Points: [][]float64{point}},
		"copies of one point": {Group: g, Points: slices.Repeat([][]float64{point}, 10)},
		"an infinity":         {Group: g, Points: append(Points(2, 3, 1, 1), []float64{math.Inf(1), 0})},
		"a NaN":               {Group: g, Points: append(Points(2, 3, 1, 1), []float64{math.NaN(), 0})},
		"the origin":          {Group: g, Points: [][]float64{{0, 0}}},
	} {
		c.Bound = 1e-9
		for name, r := range reports(t, c) {
			if r.Holds() || r.Exact || r.Why == "" || r.violated() || !strings.Contains(r.String(), "shows nothing: ") {
				t.Errorf("%s, %s: %v", what, name, r)
			}
		}
		c.Bound = 0
		if r := c.Equivariant(pull(0)); r.Holds() || r.violated() {
			t.Errorf("%s, bits: %v", what, r)
		}
	}
	stay := Check{Group: isometry.Dihedral(1), Points: [][]float64{{1, 0}, {2, 0}, {3, 0}}}
	if r := stay.Invariant(func(x []float64, t float64) float64 { return x[1] }); r.Holds() || r.Evidence != 0 {
		t.Errorf("points that no element moves: %v", r)
	}
	if r := (Check{Group: isometry.Trivial(1), Points: Points(1, 3, 1, 1)}).Invariant(func(x []float64, t float64) float64 { return x[0] }); !r.Holds() {
		t.Errorf("the trivial group: %v", r)
	}
}

// A violation is a disproof, however few the points; two sides of Lemma 1 without evidence do not agree.
func TestDisproofNeedsOnePoint(t *testing.T) {
	c := Check{Group: isometry.Cyclic(4), Points: [][]float64{{1, 0.3}}}
	for _, c.Bound = range []float64{0, 1e-3} {
		if r := c.Equivariant(pull(1)); r.Holds() || !r.violated() || !strings.Contains(r.String(), "does not hold") {
			t.Errorf("%v", r)
		}
		e := Evolution{NewMixture(Component{1, []float64{0, 0}, 1}), sde.SongLinear}
		if l := c.Lemma1(e.LogDensity, e.Score); l.Agree() {
			t.Errorf("agree without evidence: %v", l)
		}
	}
}

// A sample too small for the bound shows nothing: ten copies of one point are not invariant, and no mean of ten can say so.
func TestSmallSamples(t *testing.T) {
	c := Check{Group: isometry.Cyclic(4), Points: Points(2, 5, 1, 1), Bound: 5}
	for n, holds := range map[int]bool{0: false, 1: false, 10: false, 25: false, 2000: true} {
		x := make([]float64, 2*n)
		NewMixture(Component{1, []float64{0, 0}, 1}).Sample(x, 1)
		if r := c.Sample(x); r.Holds() != holds || holds == strings.Contains(r.String(), "shows nothing") {
			t.Errorf("%d points: %v", n, r)
		}
		if r := c.Sample(slices.Repeat([]float64{1, 0.3}, n)); r.Holds() {
			t.Errorf("%d copies of a point: %v", n, r)
		}
	}
}

// Nothing in all shells is no equal share.
func TestScalingOfNothing(t *testing.T) {
	e := Scaling(func(x float64) float64 { return 0 }, 2, 4, 1e-9)
	if e.Equal.Holds() || e.Equal.Exact || e.Equal.Evidence != 0 || !strings.Contains(e.Equal.String(), "all masses are 0") {
		t.Errorf("%v", e.Equal)
	}
	if e := Scaling(func(x float64) float64 { return math.NaN() }, 2, 4, 1e-9); e.Equal.Holds() {
		t.Errorf("NaN: %v", e.Equal)
	}
}

// Units do not matter: what holds, and what does not, is the same for densities, points and fields a million times as large or
// small.
func TestScalesAreRelative(t *testing.T) {
	for _, g := range []*isometry.Group{isometry.Dihedral(4), isometry.Cyclic(3)} {
		for _, scale := range []float64{1e-6, 1e-3, 1, 1e3, 1e6} {
			t.Run(fmt.Sprintf("%v at %v", g, scale), func(t *testing.T) { checkScale(t, g, scale) })
		}
	}
}

func checkScale(t *testing.T, g *isometry.Group, scale float64) {
	var components []Component
	for _, c := range random(2, 5).components {
		components = append(components, Component{c.Weight, []float64{c.Mean[0] * scale, c.Mean[1] * scale}, c.Variance * scale * scale})
	}
	c := Check{Group: g, Points: Points(2, 8, scale, 2), Bound: 1e-9}
	for holds, m := range map[bool]*Mixture{true: NewMixture(components...).Orbit(g), false: NewMixture(components...)} {
		e := Evolution{m, sde.EDM{}}
		if l := c.Lemma1(e.LogDensity, e.Score); l.Density.Holds() != holds || l.Score.Holds() != holds || !l.Gradient.Holds() {
			t.Errorf("holds is %v: %v; %v; %v", holds, l.Density, l.Score, l.Gradient)
		}
		if r := c.Invariant(func(x []float64, _ float64) float64 { return m.Density(x) }); r.Holds() != holds {
			t.Errorf("density, holds is %v: %v", holds, r)
		}
		if p := c.Proposition1(pull(0), e.Score); !p.Drift.Holds() || !p.Current.Holds() {
			t.Errorf("a pull to 0: %v; %v", p.Drift, p.Current)
		}
		if p := c.Proposition1(pull(scale), e.Score); p.Drift.Holds() || p.Current.Holds() {
			t.Errorf("a pull to a side: %v; %v", p.Drift, p.Current)
		}
	}
	if k := c.Corollary1(func(z, x []float64, t float64) { z[0], z[1] = scale*x[0], scale*(x[1]+x[0]) }); k.Linear.Holds() || k.Drift.Holds() {
		t.Errorf("a shear: %v; %v", k.Linear, k.Drift)
	}
	if k := c.Corollary1(func(z, x []float64, t float64) { z[0], z[1] = scale*x[0], scale*x[1] }); !k.Linear.Holds() || !k.Drift.Holds() {
		t.Errorf("u·x: %v; %v", k.Linear, k.Drift)
	}
}

// A variance of 10⁻⁶, seen from its own distance and from that of others.
func TestNarrowDensity(t *testing.T) {
	g := isometry.Dihedral(4)
	e := Evolution{NewMixture(Component{1, []float64{1e-3, 2e-3}, 1e-6}).Orbit(g), sde.EDM{}}
	for _, scale := range []float64{1e-3, 1} {
		c := Check{Group: g, Points: Points(2, 10, scale, 3), Bound: 1e-9}
		if l := c.Lemma1(e.LogDensity, e.Score); !l.Density.Holds() || !l.Score.Holds() || !l.Gradient.Holds() || !l.Agree() {
			t.Errorf("points of %v: %v; %v; %v", scale, l.Density, l.Score, l.Gradient)
		}
	}
}
