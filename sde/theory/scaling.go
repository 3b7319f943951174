package theory

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate"
)

// Example1 is what [Scaling] finds.
type Example1 struct {
	Equal Report    // every shell has the same mass; Element is the number of the shell that has the most
	Mass  []float64 // of the shells kⁱ ≤ |x| < kⁱ⁺¹, i = −n … n−1
	Total float64   // of all of them
}

// Scaling checks Example 1 on a density p on ℝ: no density is invariant under scaling x ↦ kx. Invariance would give every shell
// kⁱ ≤ |x| < kⁱ⁺¹ the same mass m (eq. 6). Of 2n shells, m ≤ 1/2n; and so m = 0 for all of them, since n is any number.
//
// It integrates p over the shells −n … n−1 and compares their masses: a violation is the difference of the largest and the least,
// over the total. If all are 0 there is nothing to compare. A shell of mass m, of which there is one for every
// density that is not all at 0, is a violation of at least m − 1/2n. What has equal masses, like p(x) = 1/|x|, is no density:
// its Total grows with n without bound.
//
// The integrals are by Simpson's rule, 64 intervals of ln |x| a shell on either side. It panics with a [*ScaleError] if k is not
// greater than 1 (for k < 1 take 1/k, which generates the same group), n is not from 1 to 2²⁰, or n·ln k is more than 700, where kⁿ is
// near the largest float64.
func Scaling(density func(x float64) float64, k float64, n int, bound float64) Example1 {
	if !(k > 1) || math.IsInf(k, 1) || n < 1 || n > 1<<20 || float64(n)*math.Log(k) > 700 {
		panic(&ScaleError{k, n})
	}
	e := Example1{Equal: Report{Bound: bound}}
	for i := -n; i < n; i++ {
		e.Mass = append(e.Mass, shell(density, float64(i)*math.Log(k), float64(i+1)*math.Log(k)))
		e.Total += e.Mass[i+n]
	}
	most, least := 0, 0
	for i, m := range e.Mass {
		if !(m <= e.Mass[most]) {
			most = i
		}
		if m < e.Mass[least] {
			least = i
		}
	}
	e.Equal.Evidence = len(e.Mass)
	if e.Mass[most] == 0 && e.Mass[least] == 0 {
		e.Equal.Evidence, e.Equal.Why = 0, "all masses are 0"
	}
	edge := []float64{math.Pow(k, float64(most-n))}
	e.Equal.unequal = e.Mass[most] != e.Mass[least]
	if e.Equal.unequal {
		e.Equal.see((e.Mass[most]-e.Mass[least])/e.Total, place{point: edge, element: most - n})
	}
	e.Equal = e.Equal.done()
	return e
}

// shell returns the integral of the density over eᵃ ≤ |x| < eᵇ, as ∫ (p(eˢ) + p(−eˢ)) eˢ ds.
func shell(density func(x float64) float64, a, b float64) float64 {
	s, f := floats.Span(make([]float64, 65), a, b), make([]float64, 65)
	for j := range s {
		x := math.Exp(s[j])
		f[j] = (density(x) + density(-x)) * x
	}
	return integrate.Simpsons(s, f)
}

// A ScaleError says that a scaling cannot be checked.
type ScaleError struct {
	K float64
	N int
}

// Error names both numbers and says what they must be.
func (e *ScaleError) Error() string {
	return fmt.Sprintf("theory: Scaling by %v over %d shells: the factor k must be finite and greater than 1, "+
		"the number n of shells from 1 to 2²⁰, and n·ln k at most 700", e.K, e.N)
}
