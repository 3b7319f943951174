package theory

import (
	"math"
	"testing"

	"spdiff/group/isometry"
	"spdiff/sde"
)

// Eq. 7: where the density is invariant, Jᵀ s(Ax) = s(x), J the Jacobian matrix of x ↦ Ax, taken by differences, so that of A nothing
// is used but that it moves points.
func TestScoreThroughTheJacobian(t *testing.T) {
	for name, g := range groups() {
		any := random(g.Dim(), 4)
		if worst := throughJacobian(g, any.Orbit(g)); !(worst < 1e-8) {
			t.Errorf("%s: of an invariant density the two sides differ by %.3g", name, worst)
		}
		if worst := throughJacobian(g, any); worst < 1e-2 {
			t.Errorf("%s: of any density they differ by %.3g", name, worst)
		}
	}
}

// throughJacobian returns the largest |Jᵀ s(Ax) − s(x)|.
func throughJacobian(g *isometry.Group, m *Mixture) (worst float64) {
	n := g.Dim()
	at, after, ax := make([]float64, n), make([]float64, n), make([]float64, n)
	for a := range g.Order() {
		for _, x := range Points(n, 4, 1, 7) {
			g.Act64(ax, x, a)
			m.Score(after, ax)
			m.Score(at, x)
			for j := range n {
				back := 0.0
				for i := range n {
					partial := difference(func(x []float64) float64 {
						g.Act64(ax, x, a)
						return ax[i]
					}, x, j)
					back += partial * after[i]
				}
				worst = math.Max(worst, math.Abs(back-at[j]))
			}
		}
	}
	return worst
}

// Eq. 10: in an infinitesimal time a state moves from Ac to Ac' as likely as from c to c', to the last bit, if the drift is
// equivariant, and only then: the rates at which the chain of Evolve jumps from cell to cell.
func TestTransitionsAreEquivariant(t *testing.T) {
	for name, g := range map[string]*isometry.Group{"flip": isometry.SignedPermutations(1), "C4": isometry.Cyclic(4), "D4": isometry.Dihedral(4)} {
		for drift, want := range map[string]struct {
			field Field
			equal bool
		}{
			"of the VP-SDE": {Linear(sde.SongLinear, g.Dim()).Drift, true}, "to one side": {pull(0.5), false},
		} {
			grid := Grid{g.Dim(), 12, 3}
			c := newChain(Ito{g.Dim(), want.field, constant(0.7)}, grid)
			if err := c.now.set(c, 0.4); err != nil {
				t.Fatal(err)
			}
			if equal := c.commutes(g); equal != want.equal {
				t.Errorf("%s, the drift %s: that all rates are equal is %v", name, drift, equal)
			}
		}
	}
}

// commutes reports whether all jumps have the rates of those that the group makes of them.
func (c *chain) commutes(g *isometry.Group) bool {
	centres, ax := c.grid.Centres(), make([]float64, g.Dim())
	for a := range g.Order() {
		move := func(cell int) int {
			g.Act64(ax, centres[cell], a)
			return c.grid.Cell(ax)
		}
		for k, faces := range c.faces {
			for _, f := range faces {
				from, to := f.cell, f.cell+c.stride(k)
				if c.rate(from, to) != c.rate(move(from), move(to)) || c.rate(to, from) != c.rate(move(to), move(from)) {
					return false
				}
			}
		}
	}
	return true
}

// rate returns that of the jump from a cell to a neighbour.
func (c *chain) rate(from, to int) float64 {
	for k := range c.faces {
		switch to - from {
		case c.stride(k):
			return c.now.up[k][from]
		case -c.stride(k):
			return c.now.down[k][to]
		}
	}
	return math.NaN() // no neighbours
}
