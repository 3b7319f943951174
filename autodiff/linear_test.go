package autodiff

import (
	"testing"

	"spdiff/tensor"
)

func init() {
	addCases(
		opCase{
			name:  "product/linear",
			args:  []arg{{shape: tensor.Shape{2, 3, 4}}, {shape: tensor.Shape{4, 5}}, {shape: tensor.Shape{5}}},
			build: func(x []*Node) *Node { return Linear(x[0], x[1], x[2]) },
			want:  slowConv(1, 1, 6, 4, 5, tensor.Dense(1, 1)),
			tol:   1e-5,
		},
		opCase{
			name:  "product/linear of a vector",
			args:  []arg{{shape: tensor.Shape{4}}, {shape: tensor.Shape{4, 3}}},
			build: func(x []*Node) *Node { return Linear(x[0], x[1], nil) },
			want:  slowConv(1, 1, 1, 4, 3, tensor.Dense(1, 1)),
			tol:   1e-5,
		},
	)
}

func TestLinearErrors(t *testing.T) {
	x := Input("x", 2, 4)
	wantShapeError(t, func() { Linear(x, Zeros(3, 5), nil) }, "autodiff: linear of 2×4 and 3×5: the shapes must be (…, k) and (k, n)")
	wantShapeError(t, func() { Linear(x, Zeros(4), nil) }, "autodiff: linear of 2×4 and 4: the shapes must be (…, k) and (k, n)")
	wantShapeError(t, func() { Linear(x, Zeros(4, 5), Zeros(4)) }, "autodiff: linear of 2×4 and 4×5 and 4: the bias must have 5 elements")
	wantShapeError(t, func() { Linear(Input("s"), Zeros(4, 5), nil) }, "autodiff: linear of scalar: 1 or more dimensions are needed")
}
