package isometry

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A chain exists exactly where |G| is a power of 2; its subgroups are normal in G, each of index 2 in the next, and the runs of
// the tree are their cosets, from both sides.
func TestChain(t *testing.T) {
	for name, g := range families() {
		chain, tree := g.Chain(), g.Tree()
		if power := g.Order()&(g.Order()-1) == 0; power != (chain != nil) || power != (tree != nil) {
			t.Errorf("%s: %d elements, chain of %d", name, g.Order(), len(chain))
		}
		for k, s := range chain {
			if s.Order() != 1<<k || !s.Normal() || k > 0 && slices.ContainsFunc(chain[k-1].elements, func(a int) bool { return !s.Contains(a) }) {
				t.Errorf("%s: subgroup %d of the chain is %v", name, k, s.elements)
			}
			for i := 0; i < len(tree); i += 1 << k {
				run := slices.Sorted(slices.Values(tree[i : i+1<<k]))
				is := func(c []int) bool { return slices.Equal(c, run) }
				if !slices.ContainsFunc(s.LeftCosets(), is) || !slices.ContainsFunc(s.RightCosets(), is) {
					t.Errorf("%s: leaves %d … of the tree, %v, are no coset of %v", name, i, run, s.elements)
				}
			}
		}
		if chain != nil && (chain[0].Order() != 1 || chain[len(chain)-1].Order() != g.Order()) {
			t.Errorf("%s: the chain is from %d to %d elements", name, chain[0].Order(), chain[len(chain)-1].Order())
		}
	}
}

// moved counts the random sums whose bits change when an element moves the terms, from the left and from the right.
func moved(g *Group, seed uint64, trials int, sum func(v []float64) float64) (left, right int) {
	r := rand.New(rand.NewPCG(seed, 2))
	v, w := make([]float64, g.Order()), make([]float64, g.Order())
	for range trials {
		for a := range v {
			v[a] = r.NormFloat64() * math.Exp(3*r.NormFloat64())
		}
		want, h := math.Float64bits(sum(slices.Clone(v))), r.IntN(g.Order())
		for a := range v {
			w[a] = v[g.Mul(g.Inverse(h), a)]
		}
		if math.Float64bits(sum(slices.Clone(w))) != want {
			left++
		}
		for a := range v {
			w[a] = v[g.Mul(a, h)]
		}
		if math.Float64bits(sum(slices.Clone(w))) != want {
			right++
		}
	}
	return left, right
}

// bySum is Group.Sum64 on numbers.
func bySum(g *Group) func(v []float64) float64 {
	return func(v []float64) float64 {
		z, rows := make([]float64, 1), make([][]float64, len(v))
		for a := range v {
			rows[a] = v[a : a+1]
		}
		g.Sum64(z, rows)
		return z[0]
	}
}

// A sum over any group keeps its bits, whichever way an element moves the terms. The plain order does not.
func TestSumIsInvariant(t *testing.T) {
	for name, g := range families() {
		if left, right := moved(g, 1, 500, bySum(g)); left+right > 0 {
			t.Errorf("%s: %d and %d of 500 sums change", name, left, right)
		}
		plain := func(v []float64) (sum float64) {
			for _, x := range v {
				sum += x
			}
			return sum
		}
		if left, right := moved(g, 1, 500, plain); g.Order() > 2 && (left == 0 || right == 0) {
			t.Errorf("%s: the test does not see that the plain order changes: %d and %d", name, left, right)
		}
	}
}

// A chain that is only subnormal, {e} < {e, s} < {e, r², s, sr²} < D4, gives sums that are invariant from the left, not from the
// right.
func TestSubnormalChainIsInvariantFromTheLeft(t *testing.T) {
	g := Dihedral(4)
	tree := []int{0, 4, 2, 6, 1, 7, 3, 5} // e s | r² sr² || r rs | r³ r³s, left cosets all
	for i := 0; i < 8; i += 2 {
		if g.Mul(tree[i], 4) != tree[i+1] {
			t.Fatalf("%d and %d are no left coset of {e, s}", tree[i], tree[i+1])
		}
	}
	left, right := moved(g, 2, 500, func(v []float64) float64 {
		terms := make([]float64, 8)
		for k, a := range tree {
			terms[k] = v[a]
		}
		return pairwise(terms)
	})
	if left != 0 || right == 0 {
		t.Errorf("%d sums change from the left, %d from the right", left, right)
	}
}

// The sum is the sum: exact for whole numbers, near for others, for vectors and in both widths.
func TestSumIsTheSum(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for name, g := range families() {
		v, w := make([][]float64, g.Order()), make([][]float32, g.Order())
		want := make([]float64, 3)
		for a := range v {
			for i := range want {
				x := float64(r.IntN(2001) - 1000)
				v[a], w[a] = append(v[a], x), append(w[a], float32(x))
				want[i] += x
			}
		}
		z, y := make([]float64, 3), w[0]
		g.Sum64(z, v)
		g.Sum(y, w) // into one of the terms
		for i := range z {
			if z[i] != want[i] || float64(y[i]) != want[i] {
				t.Errorf("%s: the sum is %v and %v, want %v", name, z, y, want)
			}
		}
	}
}

// checkSortedSum checks what SortedSum promises about any terms.
func checkSortedSum(t *testing.T, terms []float64, seed uint64) {
	t.Helper()
	want := SortedSum(slices.Clone(terms))
	shuffled := slices.Clone(terms)
	rand.New(rand.NewPCG(seed, 4)).Shuffle(len(terms), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got := SortedSum(slices.Clone(shuffled)); math.Float64bits(got) != math.Float64bits(want) {
		t.Errorf("the sum of %v is %v, in another order %v", terms, want, got)
	}
	plain, scale := 0.0, 0.0
	for i, x := range terms {
		shuffled[i] = -x
		plain += x
		scale += math.Abs(x)
	}
	if got := SortedSum(shuffled); got != -want && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("the sum of %v is %v, of its negative %v", terms, want, got)
	}
	if !(math.Abs(want-plain) <= 1e-13*scale) && scale < math.MaxFloat64 {
		t.Errorf("the sum of %v is %v, in plain order %v", terms, want, plain)
	}
}

func TestSortedSum(t *testing.T) {
	inf, zero := math.Inf(1), math.Copysign(0, -1)
	for _, c := range []struct {
		terms []float64
		want  float64
	}{
		{nil, 0}, {[]float64{zero}, zero}, {[]float64{zero, zero}, zero}, {[]float64{zero, 0}, 0}, {[]float64{zero, zero, 0}, 0},
		{[]float64{1, -1}, 0}, {[]float64{1, -1, zero}, 0}, {[]float64{1e-30, 1, -1}, 1e-30}, {[]float64{1, 1, -1}, 1}, {[]float64{-1, 1, -1}, -1},
		{[]float64{3, 1, 2}, 6}, {[]float64{inf, 1, inf}, inf}, {[]float64{-inf, 1}, -inf}, {[]float64{inf, -inf}, math.NaN()},
		{[]float64{math.NaN(), 1}, math.NaN()}, {[]float64{math.Float64frombits(0xfff8000000000123), math.NaN()}, math.NaN()},
		{[]float64{math.MaxFloat64, math.MaxFloat64, -math.MaxFloat64}, math.MaxFloat64}, {[]float64{1, 0x1p-53, 0x1p-53}, 1 + 0x1p-52},
	} {
		if got := SortedSum(slices.Clone(c.terms)); math.Float64bits(got) != math.Float64bits(c.want) {
			t.Errorf("the sum of %v is %v, want %v", c.terms, got, c.want)
		}
		checkSortedSum(t, c.terms, 1)
	}
	r := rand.New(rand.NewPCG(5, 5))
	for seed := range uint64(2000) {
		terms := make([]float64, r.IntN(12))
		for i := range terms {
			terms[i] = math.Ldexp(float64(r.IntN(9)-4), r.IntN(120)-60)
			if i > 0 && r.IntN(3) == 0 {
				terms[i] = -terms[r.IntN(i)]
			}
		}
		checkSortedSum(t, terms, seed)
	}
}

func FuzzSortedSum(f *testing.F) {
	f.Add(1.0, -1.0, 0.5, 0.5, uint64(1))
	f.Add(math.Inf(1), math.NaN(), -0.0, 1e308, uint64(2))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, seed uint64) {
		checkSortedSum(t, []float64{a, b, c, d, -a, b, a}, seed)
	})
}

// All sums of NaN are one NaN, by the tree as well.
func TestSumsOfNaN(t *testing.T) {
	odd := math.Float64frombits(0xfff8000000000123)
	for _, g := range []*Group{Cyclic(4), Cyclic(3)} {
		v := slices.Repeat([]float64{1}, g.Order())
		v[1] = odd
		if got := bySum(g)(v); math.Float64bits(got) != math.Float64bits(math.NaN()) {
			t.Errorf("%v: %x", g, math.Float64bits(got))
		}
	}
}
