package isometry

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// A Matrix is a list of rows.
type Matrix [][]float64

// identity returns the n×n unit matrix.
func identity(n int) Matrix {
	m := zeros(n)
	for i := range m {
		m[i][i] = 1
	}
	return m
}

func zeros(n int) Matrix {
	m := make(Matrix, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// Blocks returns the block-diagonal matrix of square blocks: Blocks(Rotation(1, 5), Matrix{{1}}) is a turn about the third
// axis of ℝ³. It panics with a [*DimensionError] if a block is not square.
func Blocks(blocks ...Matrix) Matrix {
	n := 0
	for _, b := range blocks {
		for _, row := range b {
			mustHave("Blocks: a row of a block", len(row), len(b))
		}
		n += len(b)
	}
	m, at := zeros(n), 0
	for _, b := range blocks {
		for i, row := range b {
			copy(m[at+i][at:], row)
		}
		at += len(b)
	}
	return m
}

// mul returns a·b. It is written out because its bits are those of the elements, the same on every machine; gonum's sums run in
// another order where it has assembly. Where only a size is asked for, or a bound, gonum is asked.
func (a Matrix) mul(b Matrix) Matrix {
	c := zeros(len(a))
	for i, row := range a {
		for j := range c[i] {
			sum := 0.0
			for k, v := range row {
				sum += float64(v * b[k][j])
			}
			c[i][j] = sum
		}
	}
	return c
}

// distance returns the Frobenius norm of a − b.
func (a Matrix) distance(b Matrix) float64 {
	rows := make([]float64, len(a))
	for i, row := range a {
		rows[i] = floats.Distance(row, b[i], 2)
	}
	return floats.Norm(rows, 2)
}

// check returns the reason why m is no orthogonal n×n matrix, or "".
func (m Matrix) check(n int) string {
	if reason := m.checkEntries(n); reason != "" {
		return reason
	}
	return m.checkOrthogonal()
}

// checkEntries returns the reason why m is no n×n matrix of finite numbers, or "".
func (m Matrix) checkEntries(n int) string {
	if len(m) != n {
		return fmt.Sprintf("it has %d rows; the space has dimension %d", len(m), n)
	}
	for i, row := range m {
		if len(row) != n {
			return fmt.Sprintf("row %d has %d numbers; a %d×%d matrix is needed", i, len(row), n, n)
		}
		if j := slices.IndexFunc(row, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }); j >= 0 {
			return fmt.Sprintf("its entry %d, %d is %v", i, j, row[j])
		}
	}
	return ""
}

// checkOrthogonal returns the reason why m is not orthogonal: two rows whose product is not what it should be.
func (m Matrix) checkOrthogonal() string {
	for i := range m {
		for j := range i + 1 {
			dot, want := floats.Dot(m[i], m[j]), 0.0
			if i == j {
				want = 1
			}
			if !(math.Abs(dot-want) <= orthogonal) {
				return fmt.Sprintf("it is no isometry: the product of its rows %d and %d is %.15g, not %v to within %.0e", j, i, dot, want, orthogonal)
			}
		}
	}
	return ""
}

// A DimensionError says that something has not as many numbers as it must have.
type DimensionError struct {
	What      string // the argument
	Got, Want int
}

// Error names the argument, its size and the one it must have.
func (e *DimensionError) Error() string {
	return fmt.Sprintf("isometry: %s has %d numbers, want %d", e.What, e.Got, e.Want)
}

// mustHave panics with a [*DimensionError] if got is not want.
func mustHave(what string, got, want int) {
	if got != want {
		panic(&DimensionError{what, got, want})
	}
}
