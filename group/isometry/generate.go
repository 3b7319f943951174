package isometry

import (
	"fmt"
	"math"
	"slices"
)

// The bounds of what is equal. See the package's documentation.
const (
	orthogonal = 1e-12 // |⟨rows⟩ − δ| of a generator
	snapping   = 1e-12 // an entry this near to −1, 0 or 1 is that
	same       = 1e-8  // ‖A − B‖ of one element reached by two words: 2·MaxOrder steps, each of 10⁻¹² or less
)

// gap is the smallest distance of different elements, ‖A − B‖ ≥ 2√2 sin(π/MaxOrder).
var gap = 2 * math.Sqrt2 * math.Sin(math.Pi/MaxOrder)

// Generate returns the group of isometries of ℝⁿ, n = dim, that the matrices generate: all products of them. With no generators
// it is {e}. Elements are numbered by the length of their shortest word, 0 the identity.
//
// An element is the product of its word, so its entries have an error of about L·n·2⁻⁵³ for words of L letters, beside L
// times that of the generators; entries within 10⁻¹² of −1, 0 and 1 are set to these if all of the matrix are.
//
// The error is a [*GeneratorError] if a matrix is not n×n, not finite, not orthogonal to within 10⁻¹², or of infinite order (a
// turn by an irrational angle), and if the group has more than [MaxOrder] elements or is infinite: found after at most MaxOrder
// products a generator. It panics with an [*OrderError] if dim < 1.
func Generate(dim int, generators ...Matrix) (*Group, error) {
	mustMake("Generate: dim", dim, 1)
	c := closure{gens: make([]linear, len(generators)), left: make([][]int32, len(generators))}
	exact := true
	for k, m := range generators {
		reason := m.check(dim)
		if reason == "" {
			c.gens[k] = snap(m.clone())
			reason = c.gens[k].checkOrder()
		}
		if reason != "" {
			return nil, &GeneratorError{[]int{k}, reason}
		}
		exact = exact && c.gens[k].exact()
	}
	c.index = newIndex(exact, dim)
	if err := c.close(dim); err != nil {
		return nil, err
	}
	numbers := make([]int, len(generators))
	for k := range numbers {
		numbers[k] = int(c.left[k][0])
	}
	return assemble(dim, c.elements, numbers, c.left), nil
}

func (m Matrix) clone() Matrix {
	m = slices.Clone(m)
	for i := range m {
		m[i] = slices.Clone(m[i])
	}
	return m
}

// checkOrder returns the reason why a is of no order up to MaxOrder, or "".
func (a linear) checkOrder() string {
	if a.exact() {
		if k := a.cycles(); k > MaxOrder {
			return fmt.Sprintf("its order is %d or a multiple of that; groups of up to %d elements can be made", k, MaxOrder)
		}
		return ""
	}
	e := identity(a.dim())
	for k, p := 1, a; k <= MaxOrder; k, p = k+1, a.mul(p) {
		switch d := p.matrix().distance(e); {
		case d <= same:
			return ""
		case d < gap/2:
			return fmt.Sprintf("its power %d differs from the identity, by %.2g, but less than in any group of up to %d elements: "+
				"its angle is no such fraction of a turn, or its entries are not accurate", k, d, MaxOrder)
		}
	}
	return fmt.Sprintf("none of its powers up to %d is the identity: it generates an infinite group, or too large a one", MaxOrder)
}

// cycles returns the order of a signed permutation: the least common multiple of the lengths of its cycles, twice those whose
// signs multiply to −1. It stops above MaxOrder.
func (a linear) cycles() int {
	order := 1
	for i := range a.perm {
		length, neg := 1, a.signed(i)
		j := a.perm[i]
		for ; int(j) != i; j = a.perm[j] {
			length++
			neg = neg != a.signed(int(j))
		}
		if neg {
			length *= 2
		}
		if order = order / gcd(order, length) * length; order > MaxOrder {
			break
		}
	}
	return order
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// A closure is a set of elements on its way to be a group.
type closure struct {
	gens     []linear
	elements []linear
	words    []letter
	left     [][]int32 // left[k][b] is the number of gens[k]·b
	index    index
}

// close multiplies every element by every generator from the left, until nothing new comes.
func (c *closure) close(dim int) error {
	c.add(stay(dim), letter{})
	for b := 0; b < len(c.elements); b++ {
		for k := range c.gens {
			p := c.gens[k].mul(c.elements[b])
			a, d := c.index.find(p, c.elements)
			switch {
			case a < 0 && len(c.elements) == MaxOrder:
				return &GeneratorError{c.all(), fmt.Sprintf("they generate more than %d elements", MaxOrder)}
			case a < 0:
				a = len(c.elements)
				c.add(p, letter{k, b})
			case d > same:
				return &GeneratorError{c.letters(k, a, b), fmt.Sprintf("two of their products differ, by %.2g, but less than in "+
					"any group of up to %d elements: the group is infinite, or their entries are not accurate", d, MaxOrder)}
			}
			c.left[k] = append(c.left[k], int32(a))
		}
	}
	return nil
}

func (c *closure) add(a linear, word letter) {
	c.index.add(a, len(c.elements))
	c.elements = append(c.elements, a)
	c.words = append(c.words, word)
}

func (c *closure) all() []int {
	all := make([]int, len(c.gens))
	for k := range all {
		all[k] = k
	}
	return all
}

// letters returns the numbers of the generators in the words of k·b and a, ascending.
func (c *closure) letters(k, a, b int) []int {
	set := []int{k}
	for _, e := range []int{a, b} {
		for ; e != 0; e = c.words[e].rest {
			set = append(set, c.words[e].generator)
		}
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// A GeneratorError says that matrices do not generate a finite group of isometries.
type GeneratorError struct {
	Generators []int  // the numbers of those at fault, from 0
	Reason     string // what is wrong with them
}

// Error names the generators and the reason.
func (e *GeneratorError) Error() string {
	if len(e.Generators) == 1 {
		return fmt.Sprintf("isometry: generator %d: %s", e.Generators[0], e.Reason)
	}
	return fmt.Sprintf("isometry: generators %v: %s", e.Generators, e.Reason)
}
