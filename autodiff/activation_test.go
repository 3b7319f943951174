package autodiff

import (
	"math"

	"spdiff/tensor"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func init() {
	addCases(
		unaryCase("sigmoid", -4, 4, Sigmoid, sigmoid),
		unaryCase("tanh", -3, 3, Tanh, math.Tanh),
		opCase{
			name: "silu", covers: []string{"silu.grad"},
			args:  []arg{{shape: tensor.Shape{4, 5}, lo: -4, hi: 4}},
			build: func(x []*Node) *Node { return SiLU(x[0]) },
			want:  each(func(x float64) float64 { return x * sigmoid(x) }),
		},
		opCase{
			name:  "silu.grad",
			args:  []arg{{shape: tensor.Shape{9}, lo: -4, hi: 4}, {shape: tensor.Shape{9}}},
			build: func(x []*Node) *Node { return siluGrad(x[0], x[1]) },
			want: each2(func(x, dz float64) float64 {
				s := sigmoid(x)
				return dz * s * (1 + x*(1-s))
			}),
		},
		kinkedCase("leakyrelu", func(x *Node) *Node { return LeakyReLU(x, 0.25) }, func(x float64) float64 { return max(x, 0.25*x) }, "leakyrelu.grad"),
		kinkedCase("relu", ReLU, func(x float64) float64 { return max(x, 0) }),
	)
}
