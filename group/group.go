package group

import "slices"

// A Group is a finite group of symmetries of the plane. It is a value: groups are compared with ==, and the zero value is
// [C1]. Its elements are the numbers 0 … Order()−1; 0 is the identity.
//
// Methods that take an element panic with an index out of range if it is none.
type Group struct{ t *table }

// A table holds all that is known of a group. It is complete when made and never changes.
type table struct {
	name     string
	elements []element
	product  [][]int // product[a][b] = a·b
	inverse  []int
	chain    [][]int
	tree     []int
}

// An element is a symmetry and its name.
type element struct {
	name   string
	matrix matrix
}

// The groups. Each line lists the elements, and the numbers of the elements that step by step extend {e} to the whole
// group: see [Group.Chain].
var (
	C1 = Group{}
	H  = define("H", steps{1}, element{"e", one}, element{"h", mirror})
	V  = define("V", steps{1}, element{"e", one}, element{"v", flip})
	C2 = define("C2", steps{1}, element{"e", one}, element{"r2", half})
	D2 = define("D2", steps{3, 1}, element{"e", one}, element{"h", mirror}, element{"v", flip}, element{"r2", half})
	C4 = define("C4", steps{2, 1}, turns("", one)...)
	D4 = define("D4", steps{2, 1, 4}, append(turns("", one), turns("s", mirror)...)...)
)

var trivial = define("C1", nil, element{"e", one}).t

// All returns the groups of this package, smaller ones first.
func All() []Group { return []Group{C1, H, V, C2, D2, C4, D4} }

// turns returns a, ar, ar², ar³.
func turns(name string, a matrix) []element {
	first := name
	if first == "" {
		first = "e"
	}
	ar := a.mul(turn)
	return []element{{first, a}, {name + "r", ar}, {name + "r2", a.mul(half)}, {name + "r3", ar.mul(half)}}
}

// steps are elements c₁, c₂, …: each cₖ₊₁ extends a subgroup Nₖ to Nₖ₊₁ = Nₖ ∪ cₖ₊₁Nₖ, starting from {e}.
type steps []int

// define makes a group of its elements, the identity first, and its chain. The Cayley table, the inverses and the tree
// follow. It panics if the elements are not closed under multiplication.
func define(name string, extend steps, elements ...element) Group {
	t := &table{name: name, elements: elements, inverse: make([]int, len(elements)), tree: []int{0}, chain: [][]int{{0}}}
	for a := range elements {
		row := make([]int, len(elements))
		for b := range elements {
			row[b] = t.find(elements[a].matrix.mul(elements[b].matrix))
			if row[b] == 0 {
				t.inverse[a] = b
			}
		}
		t.product = append(t.product, row)
	}
	for _, c := range extend {
		for _, g := range slices.Clone(t.tree) {
			t.tree = append(t.tree, t.product[c][g])
		}
		t.chain = append(t.chain, slices.Sorted(slices.Values(t.tree)))
	}
	return Group{t}
}

// find returns the number of the element with matrix m.
func (t *table) find(m matrix) int {
	i := slices.IndexFunc(t.elements, func(e element) bool { return e.matrix == m })
	if i < 0 {
		panic("group: the elements of " + t.name + " are not closed under multiplication")
	}
	return i
}

// table returns g's table: that of C1 for the zero value.
func (g Group) table() *table {
	if g.t == nil {
		return trivial
	}
	return g.t
}

// Order returns the number of elements, |G|.
func (g Group) Order() int { return len(g.table().elements) }

// Mul returns the product ab: first b acts, then a.
func (g Group) Mul(a, b int) int { return g.table().product[a][b] }

// Inverse returns a⁻¹.
func (g Group) Inverse(a int) int { return g.table().inverse[a] }

// Name returns the name of the group, as [Parse] takes it: "C4".
func (g Group) Name() string { return g.table().name }

// ElementName returns the name of element a: e the identity, r the quarter turn, s and h the left-right mirror, v the
// top-bottom mirror; products as words, "sr2" = s·r².
func (g Group) ElementName(a int) string { return g.table().elements[a].name }

// Chain returns subgroups {e} = N₀ < N₁ < … = G, each of index 2 in the next and each normal in G, as ascending lists of
// elements.
func (g Group) Chain() [][]int {
	chain := slices.Clone(g.table().chain)
	for i := range chain {
		chain[i] = slices.Clone(chain[i])
	}
	return chain
}

// Tree returns the elements in the order of the leaves of the reduction tree: each aligned run of 2ᵏ of them is a coset
// of the k-th subgroup of [Group.Chain]. A sum over elements that adds neighbours first, then neighbouring pairs, and so
// on, has the same bits when all its terms are moved by an element, v'[g] = v[h⁻¹g] or v'[g] = v[gh].
func (g Group) Tree() []int { return slices.Clone(g.table().tree) }

// Halves returns the elements in the order in which the same tree is summed by adding the second half to the
// first, then in the first the second quarter to the first, and so on. It is [Group.Tree] with the bits of each place reversed. The
// second half is the first times an element n = n⁻¹ that commutes with all, in the same order.
func (g Group) Halves() []int {
	tree := g.table().tree
	halves := make([]int, len(tree))
	for i, a := range tree {
		at := 0
		for n, b := len(tree), i; n > 1; n /= 2 {
			at, b = 2*at+b%2, b/2
		}
		halves[at] = a
	}
	return halves
}
