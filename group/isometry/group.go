package isometry

import (
	"fmt"
	"slices"
)

// MaxOrder is the largest number of elements of a group: 7!. The Cayley table of such a group takes 102 MB.
const MaxOrder = 5040

// A Group is a finite group of linear isometries of ℝⁿ. Its elements are the numbers 0 … Order()−1; 0 is the identity.
//
// A Group never changes. It is a value in the sense of ==: two pointers are equal if they are the same group from the same
// call, and elements of different groups, even of isomorphic ones, have nothing to do with each other.
//
// Methods that take an element panic with an index out of range if it is none.
type Group struct {
	dim        int
	elements   []linear
	generators []int
	words      []letter
	product    [][]int32 // product[a][b] = a·b
	inverse    []int
	order      []int
	chain      [][]int // {e} = N₀ < N₁ < … = G, or nil
	tree       []int
	standard   *Representation
}

// A letter says that an element is the product of a generator and an element with a shorter word.
type letter struct{ generator, rest int }

// assemble makes the group of elements, 0 the identity, given its generators (as elements) and what multiplication by each
// of them from the left does: left[k][b] = generators[k]·b.
func assemble(dim int, elements []linear, generators []int, left [][]int32) *Group {
	g := &Group{dim: dim, elements: elements, generators: generators}
	g.standard = &Representation{g, dim, [][]linear{elements}}
	g.fillTable(left)
	n := len(elements)
	g.inverse, g.order = make([]int, n), make([]int, n)
	for a, row := range g.product {
		g.inverse[a] = slices.Index(row, 0)
		g.order[a] = 1
		for b := a; b != 0; b = int(row[b]) {
			g.order[a]++
		}
	}
	g.chain, g.tree = g.findChain()
	return g
}

// fillTable walks the elements by words of growing length. A row of the table is that of the rest of the word, moved by its
// first letter.
func (g *Group) fillTable(left [][]int32) {
	n := len(g.elements)
	g.words, g.product = make([]letter, n), make([][]int32, n)
	g.product[0] = make([]int32, n)
	for b := range n {
		g.product[0][b] = int32(b)
	}
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		rest := queue[0]
		for k := range left {
			a := left[k][rest]
			if g.product[a] != nil {
				continue
			}
			g.words[a] = letter{k, rest}
			g.product[a] = make([]int32, n)
			for b, c := range g.product[rest] {
				g.product[a][b] = left[k][c]
			}
			queue = append(queue, int(a))
		}
	}
}

// Dim returns n, the dimension of the space ℝⁿ that g acts on.
func (g *Group) Dim() int { return g.dim }

// Order returns the number of elements, |G|.
func (g *Group) Order() int { return len(g.elements) }

// Mul returns the product ab: first b acts, then a.
func (g *Group) Mul(a, b int) int { return int(g.product[a][b]) }

// Inverse returns a⁻¹.
func (g *Group) Inverse(a int) int { return g.inverse[a] }

// ElementOrder returns the smallest k ≥ 1 with aᵏ = e.
func (g *Group) ElementOrder(a int) int { return g.order[a] }

// Commutative reports whether ab = ba for all elements.
func (g *Group) Commutative() bool {
	for a, row := range g.product {
		for b := range a {
			if row[b] != g.product[b][a] {
				return false
			}
		}
	}
	return true
}

// Exact reports whether every element is a signed permutation of coordinates, so that [Group.Act] never rounds.
func (g *Group) Exact() bool {
	return !slices.ContainsFunc(g.elements, func(a linear) bool { return !a.exact() })
}

// Matrix returns the orthogonal matrix of a.
func (g *Group) Matrix(a int) Matrix { return g.elements[a].matrix() }

// Generators returns the elements that g was made of, in the order given to [Generate].
func (g *Group) Generators() []int { return slices.Clone(g.generators) }

// Word returns the shortest list of numbers into [Group.Generators] whose product is a, the last one acting first; the first
// such list found. That of the identity is empty.
func (g *Group) Word(a int) []int {
	var word []int
	for ; a != 0; a = g.words[a].rest {
		word = append(word, g.words[a].generator)
	}
	return word
}

// Find returns the element whose matrix is m, or within 10⁻⁸ of it in the Frobenius norm.
func (g *Group) Find(m Matrix) (a int, ok bool) {
	if m.checkEntries(g.dim) != "" {
		return 0, false
	}
	for a, e := range g.elements {
		if e.matrix().distance(m) <= same {
			return a, true
		}
	}
	return 0, false
}

// String says what g is: "8 isometries of ℝ^2".
func (g *Group) String() string {
	if g.Order() == 1 {
		return fmt.Sprintf("the identity of ℝ^%d", g.dim)
	}
	return fmt.Sprintf("%d isometries of ℝ^%d", g.Order(), g.dim)
}

// Act sets z = A·x for the matrix A of element a. x holds any number of vectors of ℝⁿ, one after another. A signed permutation
// moves the numbers, signs changed, with no rounding; any other matrix sums over columns in ascending order in float64 and
// rounds once. z and x must not overlap.
//
// It panics with a [*DimensionError] if their lengths differ or are no multiple of n.
func (g *Group) Act(z, x []float32, a int) { g.standard.Act(z, x, a) }

// Act64 is [Group.Act] in float64.
func (g *Group) Act64(z, x []float64, a int) { g.standard.Act64(z, x, a) }
