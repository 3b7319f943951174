package autodiff

import (
	"fmt"
	"maps"
	"slices"

	"spdiff/tensor"
)

// simple are the operations that no other stands for: what a graph consists of after Simplify, besides inputs, variables and
// constants. The columns say what an operation computes and its attributes; shapes are those of arguments and result.
//
//	add sub mul div            x∘y, equal shapes
//	scale                      factor·x                        factor float32
//	shift                      x + addend                      addend float32
//	exp log sqrt sin cos tanh  of each number
//	sigmoid abs sign
//	clamp                      min(max(x, min), max)           min, max float32
//	leakyrelu                  x where x > 0, else slope·x     slope float32
//	softmax                    along the last axis
//	expand                     broadcast to the result's shape by numpy's rule
//	sumto                      sums to the result's shape, which broadcasts to x's
//	reshape                    in row-major order
//	transpose                  of the last two axes
//	slice                      numbers from…to−1 of the last axis    from, to int
//	concat                     along the last axis
//	gather                     rows of the last axis but one   rows []int32
//	batchmatmul                (…, m, k)·(…, k, n), equal leading axes
//	conv                       x (N, H, W, Cin) with w (height·width, Cin, Cout), taps row by row about the middle
//	                           one, no flip, stride 1, padded with zeros    height, width int, both odd
//
// Each has a counterpart in ONNX of the same meaning: Add, Sub, Mul, Div, Exp, Log, Sqrt, Sin, Cos, Tanh, Sigmoid, Abs, Sign,
// Clip, LeakyRelu, Softmax, Expand, ReduceSum, Reshape, Transpose, Slice, Concat, Gather, MatMul, and Conv, between two Transposes
// for the order of its axes.
var simple = []string{
	"add", "sub", "mul", "div", "scale", "shift", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "abs", "sign",
	"clamp", "leakyrelu", "softmax", "expand", "sumto", "reshape", "transpose", "slice", "concat", "gather", "batchmatmul", "conv",
}

// SimpleOps returns the names of the operations that a graph consists of after Simplify, besides "input", "variable" and
// "constant". The table in simplify.go says what each computes.
func SimpleOps() []string { return slices.Clone(simple) }

// Op returns the name of the operation, or "input", "variable" or "constant".
func (n *Node) Op() string { return n.op.name }

// Args returns the arguments of the operation. Inputs, variables and constants have none. Fused operations have others too, computed
// from these (packed weights, before a bias; statistics).
func (n *Node) Args() []*Node { return slices.Clone(n.args) }

// Attributes returns the numbers that the operation was made with, by name; what they refer to must not be modified.
func (n *Node) Attributes() map[string]any { return maps.Clone(n.op.attrs) }

// Value returns the tensor of a variable or a constant, itself and no copy, and nil for any other node.
func (n *Node) Value() *tensor.Tensor { return n.data }

// attributes are what an operation was made with besides its arguments, for readers of a graph.
type attributes map[string]any

// Simplify returns nodes with the values of outputs, up to rounding, whose graphs consist of the operations of SimpleOps.
// Inputs, variables and constants stay the same nodes; labels stay. The graph is for reading and running: derivatives are taken
// before. It panics with a *NoExpansionError where an operation is not simple and states nothing simpler, as the random mask of
// a dropout, which no network has outside training.
func Simplify(outputs ...*Node) []*Node {
	s := simplifier{}
	z := make([]*Node, len(outputs))
	for i, n := range outputs {
		z[i] = s.simplify(n)
	}
	return z
}

// A NoExpansionError is the panic value of Simplify for an operation that cannot be said in simple ones.
type NoExpansionError struct {
	Op    string // the operation
	Label string // its label, see Node.Named
}

// Error names the operation.
func (e *NoExpansionError) Error() string {
	return fmt.Sprintf("autodiff: simplify: operation %s %q is not simple, and there are no simpler ones for it", e.Op, e.Label)
}

// A simplifier remembers what became of each node.
type simplifier map[*Node]*Node

func (s simplifier) simplify(n *Node) *Node {
	if z, ok := s[n]; ok {
		return z
	}
	z := n
	switch {
	case n.kind != operation:
	case slices.Contains(simple, n.op.name):
		z = s.withSimpleArgs(n)
	case n.op.expand != nil:
		since := serial.Load()
		e := n.op.expand(n.args)
		if n.label != "" {
			e.spreadLabel(n.label, since)
		}
		z = s.simplify(e)
	default:
		panic(&NoExpansionError{n.op.name, n.label})
	}
	s[n] = z
	return z
}

// withSimpleArgs returns n, or its operation on what became of its arguments. Its own gradient would speak of the old ones.
func (s simplifier) withSimpleArgs(n *Node) *Node {
	args := make([]*Node, len(n.args))
	for i, a := range n.args {
		args[i] = s.simplify(a)
	}
	if slices.Equal(args, n.args) {
		return n
	}
	o := n.op
	o.grad = nil
	z := apply(o, args...)
	z.label = n.label
	return z
}
