package metrics

import (
	"fmt"
	"math"

	"spdiff/tensor"
)

// A ShapeError says which arrays do not fit, and how. It is returned before any work is done.
type ShapeError struct {
	Op     string // what was to be computed
	Reason string
}

// Error names the operation and the reason.
func (e *ShapeError) Error() string { return "metrics: " + e.Op + ": " + e.Reason }

func misfit(op, format string, args ...any) error {
	return &ShapeError{op, fmt.Sprintf(format, args...)}
}

// A ValueError is a number that nothing can be computed from: a NaN, an infinity, or one beyond what a [Grid] holds. It is
// returned before any work is done.
type ValueError struct {
	Op          string
	Row, Column int // from 0
	Value       float64
	Limit       float64 // of the magnitude; infinite where any finite number would do
}

// Error names the operation, the place and the value, and says what would do.
func (e *ValueError) Error() string {
	where := fmt.Sprintf("metrics: %s: number %d of row %d is %v", e.Op, e.Column, e.Row, e.Value)
	if math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
		return where + "; only finite numbers can be measured"
	}
	return fmt.Sprintf("%s; the grid holds magnitudes up to %v: choose a coarser Grid, or scale the features", where, e.Limit)
}

// rows checks that x is a matrix of finite numbers, at least least rows of them, and returns its extents.
func rows(op string, x *tensor.Tensor, least int) (n, dim int, err error) {
	if x == nil || len(x.Shape()) < 2 {
		return 0, 0, misfit(op, "the rows are to be an array (N, D) or (N, H, W, C)")
	}
	n = x.Shape()[0]
	dim = x.Shape()[1:].Size()
	if n < least || dim < 1 {
		return 0, 0, misfit(op, "of shape %v; at least %d rows of at least 1 number are needed", x.Shape(), least)
	}
	return n, dim, finite(op, x.Data(), dim, math.Inf(1))
}

// finite checks that every number is finite and of magnitude limit at most.
func finite[T float32 | float64](op string, data []T, dim int, limit float64) error {
	for i, v := range data {
		if a := math.Abs(float64(v)); !(a <= limit) || math.IsInf(a, 0) {
			return &ValueError{op, i / dim, i % dim, float64(v), limit}
		}
	}
	return nil
}
