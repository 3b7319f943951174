package theory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/group/isometry"
	"spdiff/sde"
)

// Lemma 1, true and false together: on mixtures made invariant, at all times of a process, and on those that are not.
func TestLemma1(t *testing.T) {
	for name, g := range groups() {
		for seed, p := range []sde.Process{sde.PaperCosine, sde.SongLinear, sde.SongVE} {
			m, process := random(g.Dim(), uint64(seed)), fmt.Sprintf("%T", p)
			e := Evolution{m.Orbit(g), p}
			if l := check(g).Lemma1(e.LogDensity, e.Score); !l.Density.Holds() || !l.Score.Holds() || !l.Gradient.Holds() || !l.Agree() {
				t.Errorf("%s, %s: an invariant mixture: density %v; score %v; gradient %v", name, process, l.Density, l.Score, l.Gradient)
			}
			e = Evolution{m, p}
			if l := check(g).Lemma1(e.LogDensity, e.Score); l.Density.Holds() || l.Score.Holds() || !l.Gradient.Holds() || !l.Agree() {
				t.Errorf("%s, %s: any mixture: density %v; score %v; gradient %v", name, process, l.Density, l.Score, l.Gradient)
			}
		}
	}
}

// A score by differences will do; one that belongs to another density is seen, though it is equivariant.
func TestLemma1Gradient(t *testing.T) {
	g := isometry.Dihedral(4)
	c := check(g)
	c.Bound = 1e-9
	e, other := Evolution{random(2, 1).Orbit(g), sde.SongLinear}, Evolution{random(2, 2).Orbit(g), sde.SongLinear}
	if l := c.Lemma1(e.LogDensity, Gradient(e.LogDensity)); !l.Density.Holds() || !l.Score.Holds() || !l.Gradient.Holds() {
		t.Errorf("by differences: %v", l)
	}
	if l := c.Lemma1(e.LogDensity, other.Score); !l.Score.Holds() || l.Gradient.Holds() {
		t.Errorf("the score of another density: %v", l)
	}
}

// The equality of bits is no accident: with sums in plain order the same mixtures differ in the last bits.
func TestPlainSumsAreNotInvariant(t *testing.T) {
	g := isometry.SignedPermutations(3)
	m := random(3, 3).Orbit(g)
	plain := func(x []float64, _ float64) float64 {
		sum := 0.0
		for _, k := range m.components {
			q := 0.0
			for i, v := range x {
				q += (v - k.Mean[i]) * (v - k.Mean[i])
			}
			sum += k.Weight * math.Exp(-q/2/k.Variance) * math.Pow(k.Variance, -1.5)
		}
		return math.Log(sum)
	}
	r := check(g).Invariant(plain)
	if r.Holds() || r.Max > 1e-13 {
		t.Errorf("the twin with plain sums: %v", r)
	}
}

// Proposition 1, sufficient: an equivariant drift, its current 0, its sample invariant. And a drift to one side, which fails in all.
func TestProposition1(t *testing.T) {
	for name, g := range groups() {
		m := random(g.Dim(), 5).Orbit(g)
		e := Evolution{m, sde.SongLinear}
		p := Linear(sde.SongLinear, g.Dim())
		if r := check(g).Proposition1(p.Drift, e.Score); !r.Drift.Holds() || !(r.Current.Max <= 1e-9) || g.Exact() && !r.Current.Exact {
			t.Errorf("%s: linear drift: %v; current %v", name, r.Drift, r.Current)
		}
		p.Drift = plus(p.Drift, uneven)
		c := check(g)
		c.Bound = 1e-6
		if r := c.Proposition1(p.Drift, e.Score); r.Drift.Holds() || r.Current.Holds() {
			t.Errorf("%s: uneven drift: %v; current %v", name, r.Drift, r.Current)
		}
	}
}

// sampled moves a sample of m by dx = f dt + dw to time ½ and checks its invariance, within 5 standard errors.
func sampled(t *testing.T, g *isometry.Group, m *Mixture, f Field) Report {
	t.Helper()
	x := make([]float64, 20000*g.Dim())
	m.Sample(x, 1)
	p := Ito{g.Dim(), f, constant(0.5)}
	if err := p.Simulate(context.Background(), x, sde.Uniform(0, 0.5, 20), Seeded(2), nil); err != nil {
		t.Fatal(err)
	}
	return Check{Group: g, Points: Points(g.Dim(), 8, 1, 3), Bound: 5}.Sample(x)
}

// "Only if" is too strong: a turning drift is not equivariant under a mirror, yet an isotropic Gaussian keeps the mirror in all its
// marginals, as the current says; a pair of Gaussians, mirrored onto itself, does not. Particles agree.
func TestDivergenceFreeDrift(t *testing.T) {
	g := isometry.Dihedral(1)
	c := check(g)
	c.Bound = 1e-9
	drift := plus(pull(0), spin)
	for name, want := range map[string]struct {
		start *Mixture
		drift Field
		holds bool // the current and the marginals
	}{
		"turned Gaussian":    {NewMixture(Component{1, []float64{0, 0}, 0.7}), drift, true},
		"turned pair":        {NewMixture(Component{1, []float64{1.5, 0}, 0.2}, Component{1, []float64{-0.5, 0}, 0.2}), drift, false},
		"Gaussian pulled":    {NewMixture(Component{1, []float64{0, 0}, 0.7}), pull(1), false},
		"pair not turned":    {NewMixture(Component{1, []float64{1.5, 0}, 0.2}, Component{1, []float64{-0.5, 0}, 0.2}), pull(0), true},
		"pair, uneven drift": {NewMixture(Component{1, []float64{1.5, 0}, 0.2}, Component{1, []float64{-0.5, 0}, 0.2}), uneven, false},
	} {
		score := func(z, x []float64, _ float64) { want.start.Score(z, x) }
		r := c.Proposition1(want.drift, score)
		equivariant := name == "pair not turned"
		if r.Drift.Holds() != equivariant || r.Current.Holds() != want.holds {
			t.Errorf("%s: drift %v; current %v", name, r.Drift, r.Current)
		}
		if s := sampled(t, g, want.start, want.drift); s.Holds() != want.holds {
			t.Errorf("%s: the sample %v", name, s)
		}
	}
}

// The turned Gaussian stays isotropic at all times, and so its current stays 0: with the exact marginals of the process.
func TestDivergenceFreeDriftAtAllTimes(t *testing.T) {
	g := isometry.Dihedral(1)
	e := Evolution{NewMixture(Component{1, []float64{0, 0}, 2}), sde.SongLinear}
	c := check(g)
	c.Bound = 1e-9
	if r := c.Proposition1(plus(Linear(sde.SongLinear, 2).Drift, spin), e.Score); r.Drift.Holds() || !r.Current.Holds() {
		t.Errorf("drift %v; current %v", r.Drift, r.Current)
	}
}

// The same with a density and a current of any shape: v = J∇ψ/p has div(pv) = 0, for its divergence and its flow along ∇ ln p are
// each other's negatives.
func TestCurrentOfAnyShape(t *testing.T) {
	g := isometry.Dihedral(1)
	m := random(2, 3).Orbit(g)
	score := func(z, x []float64, _ float64) { m.Score(z, x) }
	around := func(z, x []float64, _ float64) { // ψ = sin x₁ + x₁x₂
		p := m.Density(x)
		z[0], z[1] = -x[0]/p, (math.Cos(x[0])+x[1])/p
	}
	c := check(g)
	c.Bound = 1e-8
	if r := c.Proposition1(plus(pull(0), around), score); r.Drift.Holds() || !r.Current.Holds() {
		t.Errorf("drift %v; current %v", r.Drift, r.Current)
	}
	other := func(z, x []float64, _ float64) { random(2, 4).Orbit(g).Score(z, x) }
	if r := c.Proposition1(around, other); r.Current.Holds() {
		t.Errorf("with the score of another density: current %v", r.Current)
	}
}

// Corollary 1, on the processes and all groups: bits where the group is exact. A drift that stretches has neither the premise nor,
// under quarter turns, the consequence.
func TestCorollary1(t *testing.T) {
	for name, g := range groups() {
		for process, p := range processes {
			c := check(g)
			r := c.Corollary1(Linear(p, g.Dim()).Drift)
			if !(r.Linear.Max <= 1e-14) || !r.Drift.Holds() {
				t.Errorf("%s, %s: premise %v; drift %v", name, process, r.Linear, r.Drift)
			}
		}
	}
	stretch := func(z, x []float64, _ float64) { z[0], z[1] = x[0], 2*x[1] }
	if r := check(isometry.Cyclic(4)).Corollary1(stretch); r.Linear.Max < 0.1 || r.Drift.Holds() {
		t.Errorf("a stretch: premise %v; drift %v", r.Linear, r.Drift)
	}
	if r := check(isometry.Dihedral(1)).Corollary1(stretch); r.Linear.Max < 0.1 || !r.Drift.Holds() {
		t.Errorf("a stretch along the mirror: premise %v; drift %v", r.Linear, r.Drift)
	}
}

// The lemma on averages: the average of any function is equivariant, to the last bit under exact groups, with a chain or without.
func TestAverages(t *testing.T) {
	for name, g := range groups() {
		c := check(g)
		r := c.Averages(uneven)
		if !r.Average.Holds() || r.Given.Holds() || r.Fixed.Holds() {
			t.Errorf("%s: the average %v; f %v; equal to it %v", name, r.Average, r.Given, r.Fixed)
		}
		odd := func(z, x []float64, t float64) {
			for i, v := range x {
				z[i] = math.Sin(v+t*v) - v/3
			}
		}
		if !g.Exact() { // linear is what all isometries commute with
			odd = Linear(sde.SongLinear, g.Dim()).Drift
		}
		r = c.Averages(odd)
		if !r.Average.Holds() || !r.Given.Holds() || !(r.Fixed.Max <= 2e-15) || g.Exact() && g.Tree() != nil && !r.Fixed.Exact {
			t.Errorf("%s: of an equivariant f: %v; %v; %v", name, r.Average, r.Given, r.Fixed)
		}
	}
}

// Two broken twins: the average with a sum in plain order changes in the last bits, one over a part of the group altogether.
func TestBrokenAverages(t *testing.T) {
	g := isometry.Dihedral(4)
	over := func(elements ...int) Field {
		return func(z, x []float64, t float64) {
			ax, fax, back := make([]float64, 2), make([]float64, 2), make([]float64, 2)
			clear(z)
			for _, a := range elements {
				g.Act64(ax, x, a)
				uneven(fax, ax, t)
				g.Act64(back, fax, g.Inverse(a))
				for i := range z {
					z[i] += back[i] / float64(len(elements))
				}
			}
		}
	}
	if r := check(g).equivariant(over(0, 1, 2, 3, 4, 5, 6, 7), check(g).typical(2, uneven)); r.Holds() || r.Max > 1e-14 {
		t.Errorf("in plain order: %v", r)
	}
	if r := check(g).Equivariant(over(0, 1, 2, 3)); r.Holds() || r.Max < 1e-3 {
		t.Errorf("over C4 alone: %v", r)
	}
}

// A network in float32 is compared in its own bits, as it is and averaged; its error is kept.
func TestNetwork(t *testing.T) {
	g := isometry.Grid(group.D4, 4, 4, 1)
	sum := func(order func(i int) int) *Network { // adds the mean of the image to every pixel, in some order
		return NewNetwork(func(z, x []float32, t float64) error {
			mean := float32(0)
			for i := range x {
				mean += x[order(i)] / 16
			}
			for i, v := range x {
				z[i] = v*float32(t) + mean
			}
			return nil
		})
	}
	n := sum(func(i int) int { return i })
	c := check(g)
	if r := c.Equivariant(n.Field); r.Holds() || r.Max > 1e-6 || n.Err() != nil {
		t.Errorf("a mean in raster order: %v, %v", r, n.Err())
	}
	if r := c.Equivariant(Average(g, n.Field)); !r.Holds() {
		t.Errorf("averaged: %v", r)
	}
	var score sde.Score = func(z, x []float32, t float64) error {
		for i, v := range x {
			z[i] = -v / float32(1+t)
		}
		return nil
	}
	if r := c.Equivariant(NewNetwork(score).Field); !r.Holds() {
		t.Errorf("a score: %v", r)
	}
	broken, calls := errors.New("broken"), 0
	n = NewNetwork(func(z, x []float32, t float64) error { calls++; z[0] = 1; return broken })
	if r := c.Equivariant(n.Field); n.Err() != broken || calls != 1 || r.Max != 0 {
		t.Errorf("a broken network: %v after %d calls, %v", n.Err(), calls, r)
	}
}

// Example 1: no density has equal masses in all shells; 1/|x| has, and is none.
func TestScaling(t *testing.T) {
	cauchy := func(x float64) float64 { return 1 / (math.Pi * (1 + x*x)) }
	for name, p := range map[string]func(x float64) float64{
		"Cauchy": cauchy, "mixture": func(x float64) float64 { return random(1, 4).Density([]float64{x}) },
		"nearly invariant": func(x float64) float64 { // 1/|x| between e^−20 and e^20
			if l := math.Abs(math.Log(math.Abs(x))); l > 20 {
				return 0
			}
			return 1 / math.Abs(x) / 80
		},
	} {
		for _, k := range []float64{1.5, 2, 10} {
			n := int(40 / math.Log(k))
			e := Scaling(p, k, n, 1e-9)
			largest := 0.0
			for _, m := range e.Mass {
				largest = math.Max(largest, m)
			}
			if e.Equal.Holds() || e.Total > 1.01 || e.Equal.Max < largest-1/float64(2*n) || len(e.Mass) != 2*n {
				t.Errorf("%s, k = %v: %v, of %v in all", name, k, e.Equal, e.Total)
			}
		}
	}
	for _, n := range []int{1, 10, 100} {
		e := Scaling(func(x float64) float64 { return 1 / math.Abs(x) }, 2, n, 1e-9)
		if want := 4 * float64(n) * math.Ln2; !e.Equal.Holds() || math.Abs(e.Total-want) > 1e-9*want {
			t.Errorf("1/|x|: %v, of %v in all, want %v", e.Equal, e.Total, want)
		}
	}
	e := Scaling(cauchy, 2, 3, 1e-9)
	for i, m := range e.Mass {
		lo, hi := math.Pow(2, float64(i-3)), math.Pow(2, float64(i-2))
		if want := 2 / math.Pi * (math.Atan(hi) - math.Atan(lo)); math.Abs(m-want) > 1e-9 {
			t.Errorf("shell %d of Cauchy's density has mass %v, want %v", i-3, m, want)
		}
	}
	if e.Equal.Element != 0 && e.Equal.Element != -1 || !strings.Contains(e.Equal.String(), "does not hold") {
		t.Errorf("%v", e.Equal)
	}
	mustPanic(t, "Scaling by 0.5 over 3 shells", func() { Scaling(cauchy, 0.5, 3, 0) })
	mustPanic(t, "Scaling by NaN", func() { Scaling(cauchy, math.NaN(), 3, 0) })
	mustPanic(t, "over 0 shells", func() { Scaling(cauchy, 2, 0, 0) })
	mustPanic(t, "at most 700", func() { Scaling(cauchy, 2, 2000, 0) })
	if e := Scaling(cauchy, math.E, 700, 0); math.Abs(e.Total-1) > 1e-6 {
		t.Errorf("over 700 shells: %v in all", e.Total)
	}
}

// A report holds within its bound, names the place, and never holds with a NaN.
func TestReports(t *testing.T) {
	g := isometry.Symmetric(2)
	c := Check{Group: g, Points: [][]float64{{0, 1}, {3, -1}}, Times: []float64{2, 5}, Bound: 0.5}
	r := c.Invariant(func(x []float64, t float64) float64 { return x[0] * t })
	if r.Holds() || r.Max != 8./6 || r.Time != 2 || r.Point[0] != 3 || r.Element != 1 || r.Exact || r.Evidence != 2 {
		t.Errorf("%+v", r)
	}
	want := "does not hold: violation 1.33, bound 0.5, at [3 -1], t = 2, element 1"
	if r.String() != want {
		t.Errorf("%v\nwant %s", r, want)
	}
	c.Bound = 6
	if r := c.Invariant(func(x []float64, t float64) float64 { return x[0] * t }); !r.Holds() || !strings.Contains(r.String(), "holds: largest violation 1.3,") {
		t.Errorf("%v", r)
	}
	for _, bad := range []float64{math.NaN()} {
		if r := c.Invariant(func(x []float64, t float64) float64 { return bad }); r.Holds() || !math.IsNaN(r.Max) || r.Point == nil {
			t.Errorf("%v everywhere: %+v", bad, r)
		}
	}
	zero := func(z, x []float64, _ float64) { z[0], z[1] = math.Copysign(0, x[0]-x[1]), 0 }
	c.Bound = 0
	if r := c.Equivariant(zero); r.Holds() {
		t.Errorf("the sign of a zero under a permutation: %v", r)
	}
	c.Group = isometry.Dihedral(1)
	if r := c.Equivariant(func(z, x []float64, _ float64) { clear(z) }); !r.Holds() {
		t.Errorf("a zero under a mirror: %v", r)
	}
	mustPanic(t, "a point has 2 numbers, want 3", func() { Check{Group: isometry.Symmetric(3), Points: c.Points}.Equivariant(zero) })
}
