package autodiff

import (
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// matrixShape splits the shape of a batch of matrices, by the last two axes.
func matrixShape(op string, x *Node) (batch tensor.Shape, m, n int) {
	checkRank(op, x, 2)
	s := x.Shape()
	lead := len(s) - 2
	return s[:lead:lead], s[lead], s[lead+1]
}

// Transpose swaps the last two axes of x. It panics with a *ShapeError if x has
// fewer.
func Transpose(x *Node) *Node {
	batch, m, n := matrixShape("transpose", x)
	return apply(op{
		name:  "transpose",
		shape: append(batch, n, m),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x := a[0]
			strips := (n + tile - 1) / tile
			return []tensor.Task{{N: size(batch) * strips, Do: func(i, _ int) {
				b, from := i/strips*m*n, i%strips*tile
				transposeStrip(z[b:b+m*n], x[b:b+m*n], m, n, from, min(from+tile, n))
			}}}
		},
		grad: func(_, dz *Node) []*Node { return []*Node{Transpose(dz)} },
	}, x)
}

// tile is the side of the squares in which a matrix is transposed: 32 rows of
// 128 bytes on either side stay in the first-level cache.
const tile = 32

// transposeStrip writes rows from…to of z, the transpose of the m×n matrix x.
func transposeStrip(z, x []float32, m, n, from, to int) {
	for at := 0; at < m; at += tile {
		for j := from; j < to; j++ {
			for i := at; i < min(at+tile, m); i++ {
				z[j*m+i] = x[i*n+j]
			}
		}
	}
}

// BatchMatMul multiplies matrices: (…, m, k) by (…, k, n) to (…, m, n), with
// equal leading axes. Each element is one chain of fused multiply-adds over k,
// ascending, from +0. It panics with a *ShapeError if the shapes do not fit.
//
// It serves derivatives of fused operations and small matrices; a layer's
// product with a weight is another operation, with packed weights.
func BatchMatMul(x, y *Node) *Node {
	batch, m, k := matrixShape("batchmatmul", x)
	batchY, kY, n := matrixShape("batchmatmul", y)
	if !slices.Equal(batch, batchY) || k != kY {
		panic(&ShapeError{"batchmatmul", []tensor.Shape{x.Shape(), y.Shape()}, "the shapes must be (…, m, k) and (…, k, n)"})
	}
	return apply(op{
		name:  "batchmatmul",
		shape: append(batch, m, n),
		flops: 2 * int64(size(batch)*m) * int64(k) * int64(n),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x, y := a[0], a[1]
			return perRow(0, size(batch)*m, n*k, func(i int) {
				b := i / m * k * n
				vectorMatrix(z[i*n:(i+1)*n], x[i*k:(i+1)*k], y[b:b+k*n])
			})
		},
		grad: func(_, dz *Node) []*Node {
			return []*Node{BatchMatMul(dz, Transpose(y)), BatchMatMul(Transpose(x), dz)}
		},
	}, x, y)
}

// vectorMatrix computes the row z = x·y.
func vectorMatrix(z, x, y []float32) {
	clear(z)
	for i, a := range x {
		asm.AddScaled(z, a, y[i*len(z):(i+1)*len(z)], z)
	}
}
