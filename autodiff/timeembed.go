package autodiff

import (
	"fmt"

	"spdiff/tensor"
	"spdiff/tensor/elementary"
)

// TimestepEmbedding describes times by waves of many lengths (Vaswani et al., 2017, in the order of the ADM code), (N) to
// (N, dim):
//
//	z_n = (cos(f₀·t_n), …, cos(f_{h−1}·t_n), sin(f₀·t_n), …, sin(f_{h−1}·t_n)),   f_i = 10000^(−i/h),   h = dim/2.
//
// The frequencies are computed in float64, with the same bits on every machine, and rounded once. It panics with a *ShapeError
// if t has not one axis, or dim is not positive and even.
func TimestepEmbedding(t *Node, dim int) *Node {
	s := t.Shape()
	if len(s) != 1 || dim < 2 || dim%2 != 0 {
		panic(&ShapeError{"timestepembedding", []tensor.Shape{s}, fmt.Sprintf("the times must be (N), and the dimensions, here %d, an even number", dim)})
	}
	n, h := s[0], dim/2
	f := tensor.New(1, h)
	for i := range h {
		f.Data()[i] = float32(elementary.Exp(-elementary.Log(10000) * float64(i) / float64(h)))
	}
	phase := Mul(Expand(Reshape(t, n, 1), n, h), Expand(Constant(f), n, h))
	return Concat(Cos(phase), Sin(phase))
}
