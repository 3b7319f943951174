package isometry

import "slices"

// A Representation is a homomorphism ρ of a group into the orthogonal maps of ℝᵈ, ρ(ab) = ρ(a)ρ(b): the type of a field,
// which says how the group moves d channels. Like a [Group] it never changes and is compared by ==.
type Representation struct {
	group  *Group
	dim    int
	blocks [][]linear // the summands: blocks[i][a] acts on the numbers after those of the blocks before
}

// Group returns the group that is represented.
func (r *Representation) Group() *Group { return r.group }

// Dim returns d, the number of channels.
func (r *Representation) Dim() int { return r.dim }

// Standard returns the representation of g by its own matrices, on ℝⁿ: the type of a vector.
func (g *Group) Standard() *Representation { return g.standard }

// Trivial returns the representation ρ(a) = 1 on ℝ: the type of a scalar.
func (g *Group) Trivial() *Representation {
	return &Representation{g, 1, [][]linear{slices.Repeat([]linear{stay(1)}, g.Order())}}
}

// Regular returns the representation on ℝ^|G|, a number for each element, that moves number b to place ab: (ρ(a)v)[b] =
// v[a⁻¹b].
func (g *Group) Regular() *Representation {
	maps := make([]linear, g.Order())
	for a := range maps {
		maps[a] = linear{perm: g.product[g.inverse[a]]}
	}
	return &Representation{g, g.Order(), [][]linear{maps}}
}

// OnCosets returns the representation on a number for each left coset of s, in the order of [Subgroup.LeftCosets], that moves
// the number of bS to abS: the trivial one for s = G, the regular one for s = {e}. It panics if s is no subgroup of g: with a
// [*DimensionError] or, where the orders agree, with a [*MixedError].
func (g *Group) OnCosets(s Subgroup) *Representation {
	mustHave("OnCosets: the subgroup's group", len(s.member), g.Order())
	mustShare("OnCosets", g, s.group)
	cosets, coset := s.LeftCosets(), make([]int32, g.Order())
	for i, c := range cosets {
		for _, a := range c {
			coset[a] = int32(i)
		}
	}
	maps := make([]linear, g.Order())
	for a := range maps {
		maps[a] = permute(len(cosets), func(i int) (int32, bool) { return coset[g.Mul(g.inverse[a], cosets[i][0])], false })
	}
	return &Representation{g, len(cosets), [][]linear{maps}}
}

// DirectSum returns r ⊕ … on the channels of all, one after another. It panics if there are none, and with a [*MixedError] if
// they are not of one group.
func DirectSum(r *Representation, more ...*Representation) *Representation {
	sum := &Representation{r.group, r.dim, slices.Clone(r.blocks)}
	for _, r := range more {
		mustShare("DirectSum", sum.group, r.group)
		sum.dim += r.dim
		sum.blocks = append(sum.blocks, r.blocks...)
	}
	return sum
}

// Tensor returns r ⊗ s, which moves number i·Dim(s) + j as r moves i and s moves j. For r the Standard of a [Grid] of one channel
// and s the type of its channels it is the action on fields of that type: (a·x)[p] = ρ(a)·x[a⁻¹p].
//
// It panics with a [*MixedError] if they are not of one group.
func Tensor(r, s *Representation) *Representation {
	mustShare("Tensor", r.group, s.group)
	maps := make([]linear, r.group.Order())
	for a := range maps {
		maps[a] = r.join(a).times(s.join(a))
	}
	return &Representation{r.group, r.dim * s.dim, [][]linear{maps}}
}

// A MixedError says that representations of different groups were joined.
type MixedError struct {
	Operation string
	First     *Group
	Other     *Group
}

// Error names the operation and both groups.
func (e *MixedError) Error() string {
	return "isometry: " + e.Operation + " of representations of different groups: " + e.First.String() + ", and " + e.Other.String()
}

func mustShare(operation string, g, h *Group) {
	if g != h {
		panic(&MixedError{operation, g, h})
	}
}

// join returns ρ(a) as one map.
func (r *Representation) join(a int) linear {
	m := r.blocks[0][a]
	for _, b := range r.blocks[1:] {
		m = m.sum(b[a])
	}
	return m
}

// Matrix returns ρ(a).
func (r *Representation) Matrix(a int) Matrix { return r.join(a).matrix() }

// Permutation returns how a moves numbers, (ρ(a)v)[i] = v[perm[i]], if it only moves them: no sums, no signs. Else ok is
// false.
func (r *Representation) Permutation(a int) (perm []int32, ok bool) {
	m := r.join(a)
	if !m.exact() || m.neg != nil {
		return nil, false
	}
	return slices.Clone(m.perm), true
}

// Character returns the trace of ρ(a).
func (r *Representation) Character(a int) float64 {
	trace := 0.0
	for i, row := range r.Matrix(a) {
		trace += row[i]
	}
	return trace
}

// Act sets z = ρ(a)·x for any number of vectors of ℝᵈ, one after another, in the way of [Group.Act].
//
// It panics with a [*DimensionError] if their lengths differ or are no multiple of d.
func (r *Representation) Act(z, x []float32, a int) { represent(r, z, x, a) }

// Act64 is [Representation.Act] in float64.
func (r *Representation) Act64(z, x []float64, a int) { represent(r, z, x, a) }

func represent[T float32 | float64](r *Representation, z, x []T, a int) {
	mustHave("Act: z", len(z), len(x))
	mustHave("Act: x", len(x), len(x)/r.dim*r.dim)
	for at := 0; at < len(x); {
		for _, b := range r.blocks {
			n := b[a].dim()
			act(z[at:at+n], x[at:at+n], b[a])
			at += n
		}
	}
}
