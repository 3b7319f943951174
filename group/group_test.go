package group

import (
	"slices"
	"testing"
)

// The axioms, over all triples of all groups.
func TestAxioms(t *testing.T) {
	for _, g := range All() {
		n := g.Order()
		for a := range n {
			if g.Mul(0, a) != a || g.Mul(a, 0) != a {
				t.Errorf("%v: 0 is not the identity for %s", g, g.ElementName(a))
			}
			if i := g.Inverse(a); g.Mul(a, i) != 0 || g.Mul(i, a) != 0 {
				t.Errorf("%v: %s is not the inverse of %s", g, g.ElementName(i), g.ElementName(a))
			}
			for b := range n {
				for c := range n {
					if g.Mul(g.Mul(a, b), c) != g.Mul(a, g.Mul(b, c)) {
						t.Errorf("%v: (%d·%d)·%d ≠ %d·(%d·%d)", g, a, b, c, a, b, c)
					}
				}
			}
		}
	}
}

func TestOrders(t *testing.T) {
	for g, want := range map[Group]int{C1: 1, H: 2, V: 2, C2: 2, D2: 4, C4: 4, D4: 8} {
		if g.Order() != want {
			t.Errorf("%v has %d elements, want %d", g, g.Order(), want)
		}
	}
}

// A name is a word: its letters, the last acting first, multiply to the element.
func TestElementNames(t *testing.T) {
	letters := map[rune]matrix{'e': one, 'r': turn, 's': mirror, 'h': mirror, 'v': flip}
	for _, g := range All() {
		for a := range g.Order() {
			product, last := one, one
			for _, letter := range g.ElementName(a) {
				if m, ok := letters[letter]; ok {
					last = m
					product = product.mul(last)
					continue
				}
				for range letter - '1' { // an exponent: the letter before it once more for each unit above 1
					product = product.mul(last)
				}
			}
			if got := g.table().elements[a].matrix; got != product {
				t.Errorf("%v: element %d is called %s but is %v", g, a, g.ElementName(a), got)
			}
		}
	}
}

func TestZeroIsC1(t *testing.T) {
	var g Group
	if g != C1 || g.Order() != 1 || g.Name() != "C1" || g.Mul(0, 0) != 0 || !slices.Equal(g.Tree(), []int{0}) {
		t.Errorf("the zero value is %v of order %d", g, g.Order())
	}
}

// What a method returns is the caller's: writing to it changes no group.
func TestResultsAreCopies(t *testing.T) {
	D4.Tree()[0] = 7
	D4.Chain()[0][0] = 7
	D4.Chain()[1] = nil
	if D4.Tree()[0] != 0 || D4.Chain()[0][0] != 0 || D4.Chain()[1] == nil {
		t.Error("a caller can change D4")
	}
}

func TestDefineRefusesWhatIsNoGroup(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("{e, r} was taken for a group")
		}
	}()
	define("half a circle", steps{1}, element{"e", one}, element{"r", turn})
}
