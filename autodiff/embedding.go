package autodiff

import (
	"fmt"

	"spdiff/asm"
	"spdiff/tensor"
)

// Embedding returns rows of a table (K, D): for index (N), whole numbers from 0 to K−1, the rows (N, D). The gradient by the
// table adds to each row, from +0, what the images with that index give, ascending.
//
// Building it panics with a *ShapeError if the shapes do not fit, and a run with an *IndexError if a number is no such index.
func Embedding(index, table *Node) *Node {
	s, ts := index.Shape(), table.Shape()
	if len(s) != 1 || len(ts) != 2 {
		panic(&ShapeError{"embedding", []tensor.Shape{s, ts}, "the shapes must be (N) and (K, D)"})
	}
	n, k, d := s[0], ts[0], ts[1]
	return apply(op{
		name:  "embedding",
		shape: tensor.Shape{n, d},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			index, table := a[0], a[1]
			return perRow(0, n, d, func(i int) {
				copy(row(z, i, d), row(table, indexOf("embedding", index[i], i, k), d))
			})
		},
		grad:   func(_, dz *Node) []*Node { return []*Node{nil, embeddingGrad(index, dz, k)} },
		expand: func(x []*Node) *Node { return BatchMatMul(oneHot(x[0], k), x[1]) },
	}, index, table)
}

// embeddingGrad adds row i of dz to row index[i] of a table of k rows of zeros, i ascending.
func embeddingGrad(index, dz *Node, k int) *Node {
	n, d := rows(dz.Shape())
	return apply(op{
		name:  "embedding.grad",
		shape: tensor.Shape{k, d},
		flops: int64(n * d),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			index, dz := a[0], a[1]
			return []tensor.Task{{N: 1, Do: func(_, _ int) {
				clear(z)
				for i, v := range index {
					zk := row(z, indexOf("embedding", v, i, k), d)
					asm.Add(zk, zk, row(dz, i, d))
				}
			}}}
		},
		grad:   func(_, dtable *Node) []*Node { return []*Node{nil, Embedding(index, dtable)} },
		expand: func(x []*Node) *Node { return BatchMatMul(Transpose(oneHot(x[0], k)), x[1]) },
	}, index, dz)
}

// An IndexError is the panic value of a run in which an index of Embedding or MovePixels is no whole number from 0 to Rows−1.
type IndexError struct {
	Op    string  // the operation
	Image int     // its place in the batch
	Index float32 // what was given
	Rows  int     // of the table, or permutations
}

// Error names the operation, the image, its index and what there is.
func (e *IndexError) Error() string {
	return fmt.Sprintf("autodiff: %s: image %d has the index %v; there are 0 to %d", e.Op, e.Image, e.Index, e.Rows-1)
}

// indexOf returns v as an index of one of k rows.
func indexOf(op string, v float32, image, k int) int {
	if !(v >= 0 && v < float32(k)) || v != float32(int(v)) {
		panic(&IndexError{op, image, v, k})
	}
	return int(v)
}
