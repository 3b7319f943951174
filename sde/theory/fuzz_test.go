package theory

import (
	"context"
	"math"
	"testing"

	"spdiff/group/isometry"
	"spdiff/sde"
)

// FuzzChecks runs every check with any points, times, bounds, mixtures and grids: panics are the documented ones, and what has a
// NaN or no evidence does not hold.
func FuzzChecks(f *testing.F) {
	f.Add(uint8(0), 3, 1.0, 0.5, 0.3, 1e-9, 1.0)
	f.Add(uint8(1), 0, math.Inf(1), 0.0, math.NaN(), 0.0, 1e-6)
	f.Add(uint8(2), 5, 5e-324, 1e308, 1.0, -1.0, 1e300)
	f.Add(uint8(3), -1, 1e6, -1.0, 2.0, math.Inf(1), 0.0)
	f.Fuzz(func(t *testing.T, kind uint8, n int, scale, x, time, bound, variance float64) {
		g := []*isometry.Group{isometry.Dihedral(4), isometry.Cyclic(3), isometry.Trivial(1), isometry.SignedPermutations(1)}[kind%4]
		c := Check{Group: g, Times: []float64{0, time}, Bound: bound}
		var m *Mixture
		if !documented(func() {
			c.Points = Points(g.Dim(), n%6, scale, uint64(kind))
			m = NewMixture(Component{1, append([]float64{x}, make([]float64, g.Dim()-1)...), variance}).Orbit(g)
		}) {
			return
		}
		e, p := Evolution{m, sde.PaperCosine}, Linear(sde.SongLinear, g.Dim())
		l, q, k, a := c.Lemma1(e.LogDensity, e.Score), c.Proposition1(p.Drift, e.Score), c.Corollary1(p.Drift), c.Averages(e.Score)
		for _, r := range []Report{l.Density, l.Score, l.Gradient, q.Drift, q.Current, k.Linear, k.Drift, a.Average, a.Given, a.Fixed} {
			if r.Holds() && (r.Why != "" || r.Evidence < 2 || math.IsNaN(r.Max)) || r.String() == "" {
				t.Errorf("%v: %+v", r, r)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		documented(func() { c.Trajectories(ctx, p, c.Times, Seeded(1)) })
		documented(func() { c.Sample(make([]float64, max(n%50, 0))) })
		documented(func() { Scaling(func(v float64) float64 { return x }, scale, n%50, bound) })
		grid := Grid{Dim: int(kind % 4), Cells: n % 20, Radius: scale}
		documented(func() { grid.Cell([]float64{x}) })
		documented(func() {
			density, steps := grid.Fill(m.Density), 0
			stop := func(t float64) float64 {
				if steps++; steps > 100 {
					cancel()
				}
				return 1
			}
			Ito{g.Dim(), p.Drift, stop}.Evolve(ctx, grid, density, c.Times, nil)
		})
	})
}

// documented runs f and reports whether it ends, or panics with an error of this package; any other panic goes on.
func documented(f func()) (ended bool) {
	defer func() {
		switch p := recover().(type) {
		case nil, *DimensionError, *GridError, *ComponentError, *ScaleError:
		default:
			panic(p)
		}
	}()
	f()
	return true
}
