package autodiff

import (
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// Softmax returns exp(x − m)/Σ exp(x − m) along the last axis, m the maximum of
// the row: z = e·(1/Σe), the sum by asm.Sum. It panics with a *ShapeError if x
// is a scalar.
//
// The gradient is z·(dz − Σ dz·z).
func Softmax(x *Node) *Node {
	checkRank("softmax", x, 1)
	n, length := rows(x.Shape())
	return apply(op{
		name:    "softmax",
		shape:   x.Shape(),
		inplace: 1,
		flops:   5 * int64(size(x.Shape())),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x := a[0]
			return perRow(0, n, length, func(i int) {
				softmaxRow(z[i*length:(i+1)*length], x[i*length:(i+1)*length])
			})
		},
		grad: func(z, dz *Node) []*Node {
			one := slices.Clone(x.Shape())
			one[len(one)-1] = 1
			mean := Expand(SumTo(Mul(dz, z), one...), x.Shape()...)
			return []*Node{Mul(z, Sub(dz, mean))}
		},
	}, x)
}

func softmaxRow(z, x []float32) {
	asm.Shift(z, -asm.Max(x), x)
	asm.Exp(z, z)
	asm.Scale(z, 1/asm.Sum(z), z)
}
