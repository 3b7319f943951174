package autodiff

import (
	"math"

	"spdiff/asm"
	"spdiff/tensor"
)

// Embedding returns rows of a table (K, D): for index (N), whole numbers from 0 to K−1, the rows (N, D). A run panics if a
// number is no such index. Building it panics with a *ShapeError if the shapes do not fit.
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
			return []tensor.Task{{N: 1, Do: func(_, _ int) {
				for i, v := range a[0] {
					at := checkIndex("embedding", v, k) * d
					copy(z[i*d:(i+1)*d], a[1][at:at+d])
				}
			}}}
		},
		grad: func(_, dz *Node) []*Node { return []*Node{nil, embeddingGrad(index, dz, k)} },
	}, index, table)
}

// embeddingGrad adds row i of dz to row index[i] of a table of k rows of zeros, i ascending.
func embeddingGrad(index, dz *Node, k int) *Node {
	d := dz.Shape()[1]
	return apply(op{
		name:  "embedding.grad",
		shape: tensor.Shape{k, d},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return []tensor.Task{{N: 1, Do: func(_, _ int) {
				clear(z)
				for i, v := range a[0] {
					at := checkIndex("embedding", v, k) * d
					asm.Add(z[at:at+d], z[at:at+d], a[1][i*d:(i+1)*d])
				}
			}}}
		},
		grad: func(_, dtable *Node) []*Node { return []*Node{nil, Embedding(index, dtable)} },
	}, index, dz)
}

// TimestepEmbedding returns (N, dim) for times t (N): cos(t·fᵢ) for i < dim/2, then sin(t·fᵢ), with frequencies
// fᵢ = 10000^(−i/(dim/2)) (Vaswani et al. 2017, in the order of the ADM code). dim must be even.
func TimestepEmbedding(t *Node, dim int) *Node {
	s := t.Shape()
	if len(s) != 1 || dim < 2 || dim%2 != 0 {
		panic(&ShapeError{"timestepembedding", []tensor.Shape{s, {dim}}, "the shapes must be (N) and an even number"})
	}
	half := dim / 2
	f := make([]float32, half)
	for i := range f {
		f[i] = float32(math.Exp(-math.Log(10000) * float64(i) / float64(half)))
	}
	arg := Mul(Expand(Reshape(t, s[0], 1), s[0], half), Expand(Constant(tensor.From(f, 1, half)), s[0], half))
	return Concat(Cos(arg), Sin(arg))
}
