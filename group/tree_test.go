package group

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// treeSum is the balanced tree over neighbours; len(v) is a power of two.
func treeSum(v []float32) float32 {
	if len(v) == 1 {
		return v[0]
	}
	m := len(v) / 2
	return treeSum(v[:m]) + treeSum(v[m:])
}

// draw fills v with normal numbers of widely different sizes.
func draw(rng *rand.Rand, v []float32) {
	for i := range v {
		v[i] = float32(rng.NormFloat64() * math.Exp(2*rng.NormFloat64()))
	}
}

// sumOf is the tree sum of v[move(g)] over the elements g in the given order.
func sumOf(order []int, v []float32, move func(g int) int) float32 {
	leaves := make([]float32, len(order))
	for i, g := range order {
		leaves[i] = v[move(g)]
	}
	return treeSum(leaves)
}

// Each subgroup of the chain is a group, of index 2 in the next, and normal in the whole; the first is {e}, the last all.
func TestChain(t *testing.T) {
	for _, g := range All() {
		chain := g.Chain()
		if len(chain[0]) != 1 || len(chain[len(chain)-1]) != g.Order() {
			t.Errorf("%v: the chain goes from %v to %v", g, chain[0], chain[len(chain)-1])
		}
		for k, n := range chain {
			if len(n) != 1<<k || !slices.IsSorted(n) {
				t.Errorf("%v: N%d = %v", g, k, n)
			}
			if k > 0 && slices.ContainsFunc(chain[k-1], func(a int) bool { return !slices.Contains(n, a) }) {
				t.Errorf("%v: N%d = %v does not contain N%d = %v", g, k, n, k-1, chain[k-1])
			}
			for _, a := range n {
				for _, b := range n {
					if !slices.Contains(n, g.Mul(a, b)) {
						t.Errorf("%v: N%d = %v lacks the product of %d and %d", g, k, n, a, b)
					}
				}
				for b := range g.Order() {
					if !slices.Contains(n, g.Mul(g.Mul(b, a), g.Inverse(b))) {
						t.Errorf("%v: N%d = %v is not normal: conjugation of %d by %d leaves it", g, k, n, a, b)
					}
				}
			}
		}
	}
}

// An aligned run of 2ᵏ elements of the tree is a coset of the k-th subgroup.
func TestTreeIsMadeOfCosets(t *testing.T) {
	for _, g := range All() {
		tree := g.Tree()
		for _, n := range g.Chain() {
			for run := range slices.Chunk(tree, len(n)) {
				for _, a := range run {
					if !slices.Contains(n, g.Mul(g.Inverse(run[0]), a)) {
						t.Errorf("%v: %v in the tree is no coset of %v", g, run, n)
					}
				}
			}
		}
	}
}

// The law: the tree sum of g ↦ v[h⁻¹g], and of g ↦ v[gh], has the bits of that of v, for every h.
func TestTreeSumIsInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, g := range All() {
		v := make([]float32, g.Order())
		for range 5000 {
			draw(rng, v)
			want := sumOf(g.Tree(), v, func(a int) int { return a })
			for h := range g.Order() {
				left := sumOf(g.Tree(), v, func(a int) int { return g.Mul(g.Inverse(h), a) })
				right := sumOf(g.Tree(), v, func(a int) int { return g.Mul(a, h) })
				if math.Float32bits(left) != math.Float32bits(want) || math.Float32bits(right) != math.Float32bits(want) {
					t.Fatalf("%v: the sum %x becomes %x (from the left) and %x (from the right) under %s",
						g, want, left, right, g.ElementName(h))
				}
			}
		}
	}
}

// The twin that breaks the law: in the plain order 0 … n−1 many sums change their bits, so the test above can fail.
func TestPlainOrderIsNotInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, g := range []Group{C4, D4} {
		plain := make([]int, g.Order())
		for a := range plain {
			plain[a] = a
		}
		v := make([]float32, g.Order())
		const draws = 5000
		changed := 0
		for range draws {
			draw(rng, v)
			want := sumOf(plain, v, func(a int) int { return a })
			for h := range g.Order() {
				if sumOf(plain, v, func(a int) int { return g.Mul(g.Inverse(h), a) }) != want {
					changed++
					break
				}
			}
		}
		t.Logf("%v: the plain order changes %.0f %% of the sums", g, 100*float64(changed)/draws)
		if changed < 3*draws/10 {
			t.Errorf("%v: the plain order changed only %d of %d sums", g, changed, draws)
		}
	}
}

// Halves are of the same tree, and the second half is the first times an element of order 2 that commutes with all.
func TestHalves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for _, g := range All() {
		halves, n := g.Halves(), g.Order()/2
		v := make([]float32, g.Order())
		for range 1000 {
			draw(rng, v)
			folded := make([]float32, len(halves))
			for i, a := range halves {
				folded[i] = v[a]
			}
			for m := n; m > 0; m /= 2 {
				for i := range m {
					folded[i] += folded[m+i]
				}
			}
			if want := sumOf(g.Tree(), v, func(a int) int { return a }); math.Float32bits(folded[0]) != math.Float32bits(want) {
				t.Fatalf("%v: by halves the sum is %x, by the tree %x", g, folded[0], want)
			}
		}
		for i, a := range halves[:n] {
			if m := halves[n]; halves[n+i] != g.Mul(m, a) || g.Mul(a, m) != g.Mul(m, a) || g.Mul(m, m) != 0 {
				t.Errorf("%v: %s in the second half is not %s·%s, or that does not commute", g, g.ElementName(halves[n+i]), g.ElementName(m), g.ElementName(a))
			}
		}
	}
}
