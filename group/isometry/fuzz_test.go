package isometry

import (
	"math"
	"testing"

	"spdiff/group"
)

// FuzzGroups makes groups of any numbers and matrices: what comes is a group, or an error; panics are the documented ones.
func FuzzGroups(f *testing.F) {
	f.Add(uint8(0), 4, 1, 0.0, -1.0, 1.0, 0.0)
	f.Add(uint8(3), 20, math.MaxInt, 1.0, 0.0, 0.0, -1.0)
	f.Add(uint8(7), -3, 0, math.NaN(), math.Inf(1), 1e308, 1e-308)
	f.Add(uint8(6), 3, 7, 0.6, -0.8, 0.8, 0.6)
	f.Fuzz(func(t *testing.T, kind uint8, n, k int, a, b, c, d float64) {
		var g *Group
		if !documented(func() { g = anyGroup(kind, n, k, Matrix{{a, b}, {c, d}}) }) || g == nil {
			return
		}
		if g.Order() > 200 { // whose laws take long
			return
		}
		x := make([]float64, 2*g.Dim())
		for i := range x {
			x[i] = float64(i + 1)
		}
		y, back := make([]float64, len(x)), make([]float64, len(x))
		for e := range g.Order() {
			g.Act64(y, x, e)
			g.Act64(back, y, g.Inverse(e))
			for i, v := range back {
				if !(math.Abs(v-x[i]) <= 1e-7*float64(len(x))) {
					t.Fatalf("%v: element %d and its inverse make %v of %v", g, e, v, x[i])
				}
			}
		}
		s := g.Subgroup(((k % g.Order()) + g.Order()) % g.Order())
		if s.Order()*s.Index() != g.Order() || s.Group().Order() != s.Order() || g.OnCosets(s).Dim() != s.Index() {
			t.Errorf("%v: a subgroup of %d elements, index %d", g, s.Order(), s.Index())
		}
		documented(func() { g.OnCosets(Cyclic(g.Order()).Whole()) })
		documented(func() { g.Act64(y[:k&1], x, 0) })
	})
}

// anyGroup makes a group of one of the families, or the one that a matrix generates.
func anyGroup(kind uint8, n, k int, m Matrix) *Group {
	switch kind % 9 {
	case 0:
		return Cyclic(n)
	case 1:
		return Dihedral(n)
	case 2:
		return Symmetric(n)
	case 3:
		return SignedPermutations(n)
	case 4:
		return Trivial(n % 1000)
	case 5:
		return Product(Cyclic(n%8), Dihedral(k%8))
	case 6:
		return Grid(group.All()[int(kind)%7], n%12, k%12, k%3)
	case 7:
		g, _ := Generate(n%4, m, Rotation(k, n))
		return g
	}
	g, _ := Generate(2, m)
	return g
}

// documented runs f and reports whether it ends, or panics with an error of these packages; any other panic goes on.
func documented(f func()) (ended bool) {
	defer func() {
		switch p := recover().(type) {
		case nil, *OrderError, *DimensionError, *MixedError, *group.ActionError:
		default:
			panic(p)
		}
	}()
	f()
	return true
}
