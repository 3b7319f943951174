package isometry

import (
	"slices"
	"testing"
)

// subgroups returns those that one or two elements generate.
func subgroups(g *Group) []Subgroup {
	var all []Subgroup
	for a := range g.Order() {
		for b := range a + 1 {
			s := g.Subgroup(a, b)
			if !slices.ContainsFunc(all, func(o Subgroup) bool { return slices.Equal(o.elements, s.elements) }) {
				all = append(all, s)
			}
		}
	}
	return all
}

// A subgroup is closed, and its cosets are what they are called: equal parts of the group, Lagrange's theorem.
func TestSubgroupsAndCosets(t *testing.T) {
	for name, g := range families() {
		if g.Order() > 50 {
			continue
		}
		for _, s := range subgroups(g) {
			for _, a := range s.elements {
				for _, b := range s.elements {
					if !s.Contains(g.Mul(a, g.Inverse(b))) {
						t.Fatalf("%s: %v holds %d and %d but not %d·%d⁻¹", name, s.elements, a, b, a, b)
					}
				}
			}
			left, right := s.LeftCosets(), s.RightCosets()
			checkCosets(t, g, s, left, func(a, b int) int { return g.Mul(a, b) })
			checkCosets(t, g, s, right, func(a, b int) int { return g.Mul(b, a) })
			same := slices.EqualFunc(left, right, slices.Equal[[]int])
			if s.Normal() != same {
				t.Errorf("%s: %v: normal is %v; left and right cosets are equal: %v", name, s.elements, s.Normal(), same)
			}
			if s.Index() == 2 && !same {
				t.Errorf("%s: %v has index 2 and is not normal", name, s.elements)
			}
		}
	}
}

func checkCosets(t *testing.T, g *Group, s Subgroup, cosets [][]int, mul func(a, b int) int) {
	t.Helper()
	var all []int
	for _, c := range cosets {
		for _, b := range s.elements {
			if !slices.Contains(c, mul(c[0], b)) {
				t.Fatalf("%v of %v is not a coset of %v", c, g, s.elements)
			}
		}
		all = append(all, c...)
	}
	slices.Sort(all)
	if len(cosets) != s.Index() || s.Index()*s.Order() != g.Order() || !slices.Equal(all, g.Whole().Elements()) || cosets[0][0] != 0 {
		t.Fatalf("%v of %v has the cosets %v", s.elements, g, cosets)
	}
}

// Classes are the orbits of conjugation: the centre's elements alone, each size a divisor of |G|, as many as |G|·P(ab = ba).
func TestConjugacyClasses(t *testing.T) {
	for name, g := range families() {
		commuting, seen := 0, 0
		for a := range g.Order() {
			for b := range g.Order() {
				if g.Mul(a, b) == g.Mul(b, a) {
					commuting++
				}
			}
		}
		classes := g.ConjugacyClasses()
		for _, c := range classes {
			seen += len(c)
			if g.Order()%len(c) != 0 || (len(c) == 1) != g.Centre().Contains(c[0]) {
				t.Errorf("%s: the class %v", name, c)
			}
			for _, a := range c {
				if g.ElementOrder(a) != g.ElementOrder(c[0]) {
					t.Errorf("%s: the class %v has elements of different orders", name, c)
				}
			}
		}
		if seen != g.Order() || len(classes)*g.Order() != commuting {
			t.Errorf("%s: %d classes of %d elements in all; %d pairs commute", name, len(classes), seen, commuting)
		}
	}
}

// A5 is simple; D4 has normal and other subgroups; the quaternions have normal ones alone though they do not commute.
func TestKnownSubgroups(t *testing.T) {
	for _, s := range subgroups(icosahedron()) {
		if s.Normal() && s.Order() != 1 && s.Order() != 60 {
			t.Errorf("A5 has a normal subgroup of %d elements", s.Order())
		}
	}
	if d4 := Dihedral(4); d4.Subgroup(4).Normal() || !d4.Subgroup(2).Normal() || len(subgroups(d4)) != 10 {
		t.Errorf("D4 has %d subgroups", len(subgroups(d4)))
	}
	for _, s := range subgroups(quaternions()) {
		if !s.Normal() {
			t.Errorf("Q8 has the subgroup %v, not normal", s.elements)
		}
	}
	if s := Symmetric(4).Subgroup(); s.Order() != 1 || !s.Normal() || s.Index() != 24 {
		t.Errorf("no element generates %v", s.elements)
	}
}

// A subgroup as a group of its own has the products and matrices it had.
func TestSubgroupAsGroup(t *testing.T) {
	for name, g := range families() {
		if g.Order() > 24 {
			continue
		}
		for _, s := range subgroups(g) {
			h, e := s.Group(), s.Elements()
			for a := range h.Order() {
				if h.Matrix(a).distance(g.Matrix(e[a])) != 0 {
					t.Fatalf("%s: element %d of %v has another matrix", name, a, e)
				}
				for b := range h.Order() {
					if e[h.Mul(a, b)] != g.Mul(e[a], e[b]) {
						t.Fatalf("%s: %d·%d in %v is %d", name, a, b, e, h.Mul(a, b))
					}
				}
			}
		}
	}
}
