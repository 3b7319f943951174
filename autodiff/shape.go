package autodiff

import (
	"fmt"
	"slices"
	"strings"

	"spdiff/tensor"
)

// A ShapeError is the panic value of an operation whose arguments do not fit
// together. It is raised when the graph is built.
type ShapeError struct {
	Op     string         // the operation
	Shapes []tensor.Shape // the shapes at fault: of the arguments, then any asked for
	Reason string         // what does not fit, and what would
}

// Error names the operation, the shapes and the rule that they break.
func (e *ShapeError) Error() string {
	shapes := make([]string, len(e.Shapes))
	for i, s := range e.Shapes {
		shapes[i] = s.String()
	}
	if len(shapes) == 0 {
		shapes = []string{"nothing"}
	}
	return fmt.Sprintf("autodiff: %s of %s: %s", e.Op, strings.Join(shapes, " and "), e.Reason)
}

// checkDims panics unless every dimension is positive.
func checkDims(op string, s tensor.Shape) {
	for _, d := range s {
		if d <= 0 {
			panic(&ShapeError{op, []tensor.Shape{s}, "every dimension must be positive"})
		}
	}
}

// checkSame panics unless x and y have the same shape.
func checkSame(op string, x, y *Node) {
	if !slices.Equal(x.Shape(), y.Shape()) {
		panic(&ShapeError{op, []tensor.Shape{x.Shape(), y.Shape()}, "the shapes must be equal; Expand broadcasts"})
	}
}

// checkRank panics unless x has at least rank dimensions.
func checkRank(op string, x *Node, rank int) {
	if len(x.Shape()) < rank {
		panic(&ShapeError{op, []tensor.Shape{x.Shape()}, fmt.Sprintf("%d or more dimensions are needed", rank)})
	}
}

// size returns the number of elements of a tensor of shape s, 1 for a scalar.
func size(s tensor.Shape) int { return s.Size() }

// rows returns the matrix shape of a tensor whose last axis is a row: how many
// rows, and how long each. A scalar is one row of one.
func rows(s tensor.Shape) (n, length int) {
	if len(s) == 0 {
		return 1, 1
	}
	length = s[len(s)-1]
	return size(s) / length, length
}
