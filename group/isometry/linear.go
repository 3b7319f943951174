package isometry

import (
	"encoding/binary"
	"math"
)

// A linear is an orthogonal map of ℝⁿ, in one of two forms.
type linear struct {
	perm []int32 // a signed permutation: (Ax)[i] = ±x[perm[i]],
	neg  []bool  // − where this is true; nil where it nowhere is

	dense Matrix // any other; then perm is nil
}

func (a linear) dim() int { return max(len(a.perm), len(a.dense)) }

// exact reports whether a moves numbers without rounding.
func (a linear) exact() bool { return a.dense == nil }

// signed reports whether a changes the sign of a number.
func (a linear) signed(i int) bool { return a.neg != nil && a.neg[i] }

// snap returns the map of m: a signed permutation if every entry is within the bound of −1, 0 or 1.
func snap(m Matrix) linear {
	a := linear{perm: make([]int32, len(m))}
	neg := make([]bool, len(m))
	for i, row := range m {
		ones := 0
		for j, v := range row {
			switch {
			case math.Abs(math.Abs(v)-1) <= snapping:
				a.perm[i], neg[i] = int32(j), v < 0
				ones++
			case math.Abs(v) > snapping:
				return linear{dense: m}
			}
		}
		if ones != 1 {
			return linear{dense: m}
		}
		if neg[i] {
			a.neg = neg
		}
	}
	return a
}

// matrix returns a as a matrix that shares nothing with it.
func (a linear) matrix() Matrix {
	m := zeros(a.dim())
	for i := range m {
		switch {
		case !a.exact():
			copy(m[i], a.dense[i])
		case a.signed(i):
			m[i][a.perm[i]] = -1
		default:
			m[i][a.perm[i]] = 1
		}
	}
	return m
}

// mul returns ab: first b acts. It is exact if both are.
func (a linear) mul(b linear) linear {
	if !a.exact() || !b.exact() {
		return snap(a.matrix().mul(b.matrix()))
	}
	return permute(len(a.perm), func(i int) (int32, bool) {
		j := a.perm[i]
		return b.perm[j], a.signed(i) != b.signed(int(j))
	})
}

// permute returns the signed permutation of n numbers whose i-th one comes from where from says, with that sign.
func permute(n int, from func(i int) (j int32, neg bool)) linear {
	c := linear{perm: make([]int32, n)}
	for i := range c.perm {
		j, neg := from(i)
		c.perm[i] = j
		if neg && c.neg == nil {
			c.neg = make([]bool, n)
		}
		if neg {
			c.neg[i] = true
		}
	}
	return c
}

// stay returns the identity of ℝⁿ.
func stay(n int) linear {
	return permute(n, func(i int) (int32, bool) { return int32(i), false })
}

// key returns a string that tells signed permutations apart.
func (a linear) key() string {
	k := make([]byte, 0, 4*len(a.perm))
	for i, p := range a.perm {
		v := uint32(p) << 1
		if a.signed(i) {
			v |= 1
		}
		k = binary.LittleEndian.AppendUint32(k, v)
	}
	return string(k)
}

// sum returns the map of ℝᵐ⁺ⁿ that is a on the first m numbers and b on the others.
func (a linear) sum(b linear) linear {
	if !a.exact() || !b.exact() {
		return linear{dense: Blocks(a.matrix(), b.matrix())}
	}
	m := len(a.perm)
	return permute(m+len(b.perm), func(i int) (int32, bool) {
		if i < m {
			return a.perm[i], a.signed(i)
		}
		return int32(m) + b.perm[i-m], b.signed(i - m)
	})
}

// times returns the tensor product: number i·n + j is moved by a as to i, by b as to j.
func (a linear) times(b linear) linear {
	n := b.dim()
	if a.exact() && b.exact() {
		return permute(len(a.perm)*n, func(k int) (int32, bool) {
			return a.perm[k/n]*int32(n) + b.perm[k%n], a.signed(k/n) != b.signed(k%n)
		})
	}
	ma, mb, m := a.matrix(), b.matrix(), zeros(a.dim()*n)
	for i, row := range m {
		for j := range row {
			row[j] = ma[i/n][j/n] * mb[i%n][j%n]
		}
	}
	return linear{dense: m}
}

// act sets z = a·x: numbers moved, or chains of float64 products and sums over ascending columns, rounded to T once.
func act[T float32 | float64](z, x []T, a linear) {
	for i, j := range a.perm {
		if a.signed(i) {
			z[i] = -x[j]
		} else {
			z[i] = x[j]
		}
	}
	for i, row := range a.dense {
		sum := 0.0
		for j, v := range row {
			sum += float64(v * float64(x[j]))
		}
		z[i] = T(sum)
	}
}
