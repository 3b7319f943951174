package isometry

import "slices"

// A Subgroup is a set of elements of a group that is a group itself. It comes from a [Group]; the zero value is none.
type Subgroup struct {
	group    *Group
	elements []int // ascending
	member   []bool
}

// Subgroup returns the subgroup that the elements generate: {e} for none.
func (g *Group) Subgroup(generators ...int) Subgroup {
	member := make([]bool, g.Order())
	member[0] = true
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		for _, k := range generators {
			if a := g.Mul(k, queue[0]); !member[a] {
				member[a] = true
				queue = append(queue, a)
			}
		}
	}
	return g.collect(member)
}

// collect returns the subgroup with these members.
func (g *Group) collect(member []bool) Subgroup {
	s := Subgroup{group: g, member: member}
	for a, in := range member {
		if in {
			s.elements = append(s.elements, a)
		}
	}
	return s
}

// Whole returns g as a subgroup of itself.
func (g *Group) Whole() Subgroup { return g.collect(slices.Repeat([]bool{true}, g.Order())) }

// Centre returns the elements that commute with all, Z(G).
func (g *Group) Centre() Subgroup {
	member := make([]bool, g.Order())
	for a := range member {
		member[a] = g.centralModulo(a, nil)
	}
	return g.collect(member)
}

// centralModulo reports whether ab and ba differ by no more than an element of n, a normal subgroup, for all b. A nil n is {e}.
func (g *Group) centralModulo(a int, n []bool) bool {
	for b := range g.Order() {
		ab, ba := g.Mul(a, b), g.Mul(b, a)
		if ab != ba && (n == nil || !n[g.Mul(ab, g.inverse[ba])]) {
			return false
		}
	}
	return true
}

// Conjugate returns bab⁻¹.
func (g *Group) Conjugate(a, b int) int { return g.Mul(g.Mul(b, a), g.inverse[b]) }

// ConjugacyClasses returns the sets {bab⁻¹}, each ascending, ascending by their first elements. Together they hold each element
// once; a normal subgroup is a union of some of them.
func (g *Group) ConjugacyClasses() [][]int {
	seen := make([]bool, g.Order())
	var classes [][]int
	for a := range seen {
		if seen[a] {
			continue
		}
		var class []int
		for b := range g.Order() {
			if c := g.Conjugate(a, b); !seen[c] {
				seen[c] = true
				class = append(class, c)
			}
		}
		slices.Sort(class)
		classes = append(classes, class)
	}
	return classes
}

// Elements returns the elements, ascending, by their numbers in the group.
func (s Subgroup) Elements() []int { return slices.Clone(s.elements) }

// Order returns the number of elements.
func (s Subgroup) Order() int { return len(s.elements) }

// Index returns the number of its cosets, |G|/|S|.
func (s Subgroup) Index() int { return len(s.member) / len(s.elements) }

// Contains reports whether a is in s.
func (s Subgroup) Contains(a int) bool { return s.member[a] }

// Normal reports whether bSb⁻¹ = S for all b of the group: whether its left cosets are its right ones.
func (s Subgroup) Normal() bool {
	for _, a := range s.elements {
		for b := range s.member {
			if !s.member[s.group.Conjugate(a, b)] {
				return false
			}
		}
	}
	return true
}

// LeftCosets returns the sets aS, each ascending, ascending by their first elements; s itself is the first.
func (s Subgroup) LeftCosets() [][]int { return s.cosets(s.group.Mul) }

// RightCosets returns the sets Sa, in the way of [Subgroup.LeftCosets].
func (s Subgroup) RightCosets() [][]int {
	return s.cosets(func(a, b int) int { return s.group.Mul(b, a) })
}

func (s Subgroup) cosets(mul func(a, b int) int) [][]int {
	seen := make([]bool, len(s.member))
	var cosets [][]int
	for a := range seen {
		if seen[a] {
			continue
		}
		coset := make([]int, len(s.elements))
		for i, b := range s.elements {
			coset[i] = mul(a, b)
			seen[coset[i]] = true
		}
		slices.Sort(coset)
		cosets = append(cosets, coset)
	}
	return cosets
}

// Group returns s as a group of its own: its element i is element Elements()[i] of the group that s is in.
func (s Subgroup) Group() *Group {
	g, number := s.group, make([]int, len(s.member))
	for i, a := range s.elements {
		number[a] = i
	}
	elements := make([]linear, len(s.elements))
	var generators []int
	var left [][]int32
	reached := g.Subgroup()
	for i, a := range s.elements {
		elements[i] = g.elements[a]
		if reached.member[a] {
			continue
		}
		generators = append(generators, i)
		left = append(left, table(len(s.elements), func(b int) int { return number[g.Mul(a, s.elements[b])] }))
		reached = g.Subgroup(append(reached.elements, a)...)
	}
	return assemble(g.dim, elements, generators, left)
}
