package isometry

import "slices"

// findChain returns normal subgroups {e} = N₀ < N₁ < … = G of index 2 in the next, as ascending lists, and the elements in the
// order of the leaves of their tree; or nil, nil if |G| is no power of 2.
//
// Each step adds the first element z ∉ Nₖ that has order 2 in G/Nₖ and lies in its centre: then Nₖ ∪ zNₖ is normal in G.
func (g *Group) findChain() (chain [][]int, tree []int) {
	n := g.Order()
	if n&(n-1) != 0 {
		return nil, nil
	}
	in := make([]bool, n)
	in[0], chain, tree = true, [][]int{{0}}, []int{0}
	for len(tree) < n {
		z := 0
		for in[z] || !in[g.Mul(z, z)] || !g.centralModulo(z, in) {
			z++
		}
		for _, a := range slices.Clone(tree) {
			tree = append(tree, g.Mul(z, a))
			in[g.Mul(z, a)] = true
		}
		chain = append(chain, slices.Sorted(slices.Values(tree)))
	}
	return chain, tree
}

// Chain returns subgroups {e} = N₀ < N₁ < … = G, each of index 2 in the next and each normal in G; nil if there are none,
// that is if |G| is no power of 2.
func (g *Group) Chain() []Subgroup {
	var chain []Subgroup
	for _, elements := range g.chain {
		member := make([]bool, g.Order())
		for _, a := range elements {
			member[a] = true
		}
		chain = append(chain, g.collect(member))
	}
	return chain
}

// Tree returns the elements in the order of the leaves of the reduction tree: each aligned run of 2ᵏ of them is a coset of the
// k-th subgroup of [Group.Chain]. A sum that adds neighbours first, then neighbouring pairs, and so on, keeps its bits when
// its terms move, v'[g] = v[h⁻¹g] or v'[g] = v[gh]. It is nil if |G| is no power of 2: see [Group.Sum].
func (g *Group) Tree() []int { return slices.Clone(g.tree) }
