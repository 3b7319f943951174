package autodiff

import (
	"math"

	"spdiff/tensor"
)

// Cases beyond one piece of work, whose last piece is cut short. Derivatives
// are those of the small cases.
func init() {
	const rows, length = 45, 701 // several times chunk
	big := arg{shape: tensor.Shape{rows, length}}
	column := arg{shape: tensor.Shape{rows, 1}}
	each := func(n int, f func(i int) float64) []float64 {
		z := make([]float64, n)
		for i := range z {
			z[i] = f(i)
		}
		return z
	}
	addCases(
		opCase{
			name: "exp/chunks", order: -1, args: []arg{big},
			build: func(x []*Node) *Node { return Exp(x[0]) },
			want: func(x [][]float64) []float64 {
				return each(rows*length, func(i int) float64 { return math.Exp(x[0][i]) })
			},
		},
		opCase{
			name: "sub/chunks", order: -1, args: []arg{big, big},
			build: func(x []*Node) *Node { return Sub(x[0], x[1]) },
			want: func(x [][]float64) []float64 {
				return each(rows*length, func(i int) float64 { return x[0][i] - x[1][i] })
			},
		},
		opCase{
			name: "expand/chunks", order: -1, args: []arg{column},
			build: func(x []*Node) *Node { return Expand(x[0], rows, length) },
			want: func(x [][]float64) []float64 {
				return each(rows*length, func(i int) float64 { return x[0][i/length] })
			},
		},
		opCase{
			name: "expand/chunks of copies", order: -1, args: []arg{{shape: tensor.Shape{length}}},
			build: func(x []*Node) *Node { return Expand(x[0], rows, length) },
			want: func(x [][]float64) []float64 {
				return each(rows*length, func(i int) float64 { return x[0][i%length] })
			},
		},
		opCase{
			name: "sumto/chunks", order: -1, args: []arg{big}, tol: 1e-5,
			build: func(x []*Node) *Node { return SumTo(x[0], rows, 1) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, rows)
				for i, v := range x[0] {
					z[i/length] += v
				}
				return z
			},
		},
		opCase{
			name: "sumto/chunks over images", order: -1, args: []arg{{shape: tensor.Shape{3, 2, chunk + 7}}}, tol: 1e-5,
			build: func(x []*Node) *Node { return SumTo(x[0], chunk+7) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, chunk+7)
				for i, v := range x[0] {
					z[i%len(z)] += v
				}
				return z
			},
		},
		opCase{
			name: "softmax/chunks", order: -1, args: []arg{big},
			build: func(x []*Node) *Node { return Softmax(x[0]) },
			want:  func(x [][]float64) []float64 { return softmax(x[0], length) },
		},
		opCase{
			name: "concat/chunks", covers: []string{"slice"}, order: -1, args: []arg{column, big},
			build: func(x []*Node) *Node { return Slice(Concat(x...), 0, length) },
			want: func(x [][]float64) []float64 {
				return each(rows*length, func(i int) float64 {
					if i%length == 0 {
						return x[0][i/length]
					}
					return x[1][i-1]
				})
			},
		},
		opCase{
			name: "batchmatmul/chunks", order: -1, args: []arg{big, {shape: tensor.Shape{length, 3}}}, tol: 1e-5,
			build: func(x []*Node) *Node { return BatchMatMul(x[0], x[1]) },
			want:  func(x [][]float64) []float64 { return product(x[0], x[1], 1, rows, length, 3) },
		},
		opCase{
			name: "transpose/chunks", order: -1, args: []arg{big},
			build: func(x []*Node) *Node { return Transpose(x[0]) },
			want:  func(x [][]float64) []float64 { return transposed(x[0], 1, rows, length) },
		},
	)
}
