package autodiff

import (
	"slices"

	"spdiff/tensor"
)

// Reshape gives x another shape of the same size; elements keep their
// row-major order and nothing is copied. It panics with a *ShapeError if the
// sizes differ.
func Reshape(x *Node, shape ...int) *Node {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	checkDims("reshape", shape)
	if size(x.Shape()) != size(shape) {
		panic(&ShapeError{"reshape", []tensor.Shape{x.Shape(), shape}, "the sizes must be equal"})
	}
	return apply(op{
		name:  "reshape",
		shape: slices.Clone(shape),
		view:  true,
		grad:  func(_, dz *Node) []*Node { return []*Node{Reshape(dz, x.Shape()...)} },
	}, x)
}

// StopGradient returns x, through which no gradient flows.
func StopGradient(x *Node) *Node {
	return apply(op{
		name:   "stopgradient",
		shape:  x.Shape(),
		view:   true,
		grad:   func(_, _ *Node) []*Node { return []*Node{nil} },
		expand: func(x []*Node) *Node { return x[0] },
	}, x)
}
