// Package isometry has the finite groups of linear isometries of ℝⁿ: from generators, or by name, with their subgroups and
// representations.
//
// A [Group] is a table: elements are the numbers 0 … Order()−1, 0 the identity, each with an orthogonal n×n matrix.
// [Generate] closes a set of matrices under multiplication; what does not generate a finite group is an error that says
// which generator and why.
//
//	Trivial(n)              {e} on ℝⁿ
//	Cyclic(n), Dihedral(n)  turns of the plane by 2π/n; these and the mirrors
//	Symmetric(n)            all permutations of n coordinates
//	SignedPermutations(n)   and all changes of their signs: the symmetries of the cube
//	Product(g, h)           pairs of elements, on ℝᵐ⁺ⁿ
//	Grid(g, h, w, c)        a group of package group, on images
//
// # Numbers
//
// A matrix all of whose entries are −1, 0 or 1 is a signed permutation. It is kept as one: such elements multiply exactly,
// and [Group.Act] moves numbers without rounding. Groups of nothing else are [Group.Exact]. All others are told apart by
// distance. Two different elements of a group of at most [MaxOrder] elements are 0.0017 apart or more (‖A − B‖ ≥ 2√2 sin π/d
// for the order d > 2 of A⁻¹B, in the Frobenius norm, and at least 2 where A⁻¹B is of order 2), so a product within 10⁻⁸ of an
// element is that element, one farther than half that gap is another, and one between the two proves that the group is not
// finite, or larger than that, or its generators not accurate. [Cyclic] and [Dihedral] have correctly rounded entries and need
// no such care.
//
// # Sums over a group that are invariant to the last bit
//
// Say v holds a number for each element. A sum of v must keep its bits when an element h moves its terms: v'[g] = v[h⁻¹g],
// or v'[g] = v[gh]. A tree of additions does that if h maps it to itself up to exchanging the operands of additions.
//
// Subgroups {e} = N₀ < N₁ < … < G of index 2 in the next give a tree: the leaves under a node are a left coset gNₖ, its two
// children are the left cosets of Nₖ₋₁ in it. Multiplication from the left, gNₖ ↦ hgNₖ, carries nodes to nodes whatever the
// chain; a subnormal chain, which every chain of index 2 is, is enough. Multiplication from the right carries gNₖ to
// gNₖh⁻¹ = gh⁻¹(hNₖh⁻¹), which is a node for all h only if Nₖ is normal in the whole of G. Averages of functions, eq. 12 of
// the paper, move from the right. [Group.Chain] therefore is normal in G.
//
// Such a chain exists exactly if |G| is a power of 2: every group of such an order, taken by a normal subgroup, has an
// element of order 2 in its centre, which makes the next step. Where 3, or another odd number, divides |G|, [Group.Sum] adds
// in sorted order: the result is a function of the numbers alone, in whatever order they come. See [SortedSum].
//
// # Representations
//
// A [Representation] says how a group moves numbers that are not coordinates of ℝⁿ: channels of a feature map. [Group.Trivial]
// is the type of a scalar, [Group.Regular] that of a number for each element, [Group.OnCosets] has all that lies between;
// [DirectSum] joins channels, and [Tensor] puts them on a grid.
package isometry
