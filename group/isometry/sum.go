package isometry

import (
	"cmp"
	"math"
	"slices"
)

// Sum sets z to the sum over the group of the vectors v[a], one for each element a, number by number. Its bits do not change
// when an element h moves the terms, v'[g] = v[h⁻¹g] or v'[g] = v[gh], nor (but for the sign of a zero) does their negation
// do more than negate it. It adds by [Group.Tree], or where there is none by [SortedSum], whose result does not depend on the
// order at all. A result that is NaN is always the same NaN.
//
// z may be one of the v. It panics with a [*DimensionError] if the lengths differ or v has not |G| vectors.
func (g *Group) Sum(z []float32, v [][]float32) { sum(g, z, v) }

// Sum64 is [Group.Sum] in float64.
func (g *Group) Sum64(z []float64, v [][]float64) { sum(g, z, v) }

func sum[T float32 | float64](g *Group, z []T, v [][]T) {
	mustHave("Sum: v", len(v), g.Order())
	for _, x := range v {
		mustHave("Sum: a vector", len(x), len(z))
	}
	terms := make([]T, len(v))
	for i := range z {
		if g.tree == nil {
			for a := range v {
				terms[a] = v[a][i]
			}
			z[i] = SortedSum(terms)
			continue
		}
		for k, a := range g.tree {
			terms[k] = v[a][i]
		}
		z[i] = pairwise(terms)
	}
}

// pairwise sums 2ᵏ terms by the balanced tree over neighbours, and spoils them.
func pairwise[T float32 | float64](terms []T) T {
	for n := len(terms) / 2; n > 0; n /= 2 {
		for i := range n {
			terms[i] = terms[2*i] + terms[2*i+1]
		}
	}
	return canonical(terms[0])
}

// canonical returns x, and one NaN for all.
func canonical[T float32 | float64](x T) T {
	if x != x {
		return T(math.NaN())
	}
	return x
}

// SortedSum returns the sum of the terms in ascending order of magnitude, those that are each other's negatives left out in
// pairs: so it is a function of the numbers alone, whatever their order, and the sum of the negatives is the negative of the
// sum (but for the sign of a zero). It sorts the terms in place. Special values are those of any sum: −0 if all terms are −0,
// +0 for x + (−x), NaN (always the same one) for +∞ and −∞. The sum of none is +0.
func SortedSum[T float32 | float64](terms []T) T {
	if len(terms) == 0 {
		return 0
	}
	slices.SortFunc(terms, compareMagnitude)
	sum := T(math.Copysign(0, -1)) // −0 + x = x
	for len(terms) > 0 {
		x := terms[0]
		n, net := equals(terms)
		if x == 0 || x-x != 0 { // zeros, infinities, NaN
			net = 0
			for _, x := range terms[:n] {
				sum += x
			}
		} else if net != n && net != -n {
			sum += 0 // what x + (−x) is
		}
		for range max(net, -net) {
			if net < 0 {
				sum -= magnitude(x)
			} else {
				sum += magnitude(x)
			}
		}
		terms = terms[n:]
	}
	return canonical(sum)
}

// equals returns how many of the first terms have the magnitude of the very first, and how many more of these are positive
// than negative.
func equals[T float32 | float64](terms []T) (n, net int) {
	for n < len(terms) && magnitude(terms[n]) == magnitude(terms[0]) {
		if terms[n] > 0 {
			net++
		} else {
			net--
		}
		n++
	}
	return max(n, 1), net // 1 for a NaN
}

func magnitude[T float32 | float64](x T) T {
	if x < 0 {
		return -x
	}
	return x
}

// compareMagnitude orders by magnitude, NaN first.
func compareMagnitude[T float32 | float64](x, y T) int {
	return cmp.Compare(magnitude(x), magnitude(y))
}
