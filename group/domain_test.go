package group

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Every pixel has total weight 1; row i is Tree()[i] times row 0 (the tree starts with the identity), and row 0 ascends.
func TestDomain(t *testing.T) {
	eachAction(func(g Group, h, w int) {
		pixels, weight := g.Domain(h, w)
		total := make([]float32, h*w)
		for i, row := range pixels {
			if len(row) != len(weight) {
				t.Fatalf("%v on %d×%d: %d pixels, %d weights", g, h, w, len(row), len(weight))
			}
			inverse := g.Permutation(g.Inverse(g.Tree()[i]), h, w) // p ↦ Tree()[i]·p
			for d, p := range row {
				total[p] += weight[d]
				if p != inverse[pixels[0][d]] {
					t.Errorf("%v on %d×%d: pixels[%d][%d] = %d", g, h, w, i, d, p)
				}
				if i == 0 && d > 0 && p <= row[d-1] {
					t.Errorf("%v on %d×%d: the domain %v does not ascend", g, h, w, row)
				}
			}
		}
		for p, v := range total {
			if v != 1 {
				t.Errorf("%v on %d×%d: pixel %d counts %v times", g, h, w, p, v)
			}
		}
	})
}

// The law: reduced over d for each element, then over the elements by the tree, a sum is invariant to the last bit.
func TestDomainSumIsInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	eachAction(func(g Group, h, w int) {
		x := make([]float32, h*w)
		sum := func(z, x []float32) {
			pixels, weight := g.Domain(h, w)
			partial := make([]float32, len(pixels))
			for i, row := range pixels {
				for d, p := range row {
					partial[i] += float32(weight[d] * float32(math.Exp(float64(x[p]))))
				}
			}
			z[0] = treeSum(partial)
		}
		for range 20 {
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			if d := Check(g, sum, x, Images{1, h, w, 1}, Images{1, 1, 1, 1}); !d.Exact {
				t.Fatalf("%v on %d×%d: %v", g, h, w, d)
			}
		}
	})
}
