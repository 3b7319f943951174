package autodiff

import "spdiff/tensor"

// Linear returns z = x·w + bias, x (…, k), w (k, n), bias (n) or nil, z (…, n): each element one chain that starts from the
// bias. It panics with a *ShapeError if the shapes do not fit.
func Linear(x, w, bias *Node) *Node { return In(tensor.Float32).Linear(x, w, bias) }

// Linear is the function Linear with products in precision p.
func (p In) Linear(x, w, bias *Node) *Node {
	checkRank("linear", x, 1)
	s, ws := x.Shape(), w.Shape()
	m, k := rows(s)
	if len(ws) != 2 || ws[0] != k {
		panic(&ShapeError{"linear", []tensor.Shape{s, ws}, "the shapes must be (…, k) and (k, n)"})
	}
	plan := tensor.NewConv(p.shape(tensor.Shape{1, 1, m, k}, ws[1]), tensor.Dense(1, 1))
	simple := func(x, w *Node) *Node { return Reshape(BatchMatMul(Reshape(x, m, k), w), withLast(s, ws[1])...) }
	return newBilinear("linear", plan, plan.Transpose(), s, ws, simple).forward(x, w, bias)
}
