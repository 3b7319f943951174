package autodiff

import (
	"sync/atomic"

	"spdiff/tensor"
)

// A Node is one value of a graph: an input, a variable, a constant, or an
// operation on other nodes. Its shape is known from the start. Nodes are never
// evaluated themselves; Compile turns them into a Program that is.
//
// A graph is built by one goroutine at a time.
type Node struct {
	op    op
	args  []*Node
	kind  kind
	data  *tensor.Tensor // of a variable or a constant
	id    uint64         // serial number; arguments have smaller ones
	label string
}

type kind uint8

const (
	operation kind = iota
	input          // set by the caller before each run
	variable       // lives outside the program and changes between runs
	constant       // lives outside the program and never changes
)

// An op is an operation: all that the package knows about it stands in this
// one struct, written down in one place.
//
// A result is a function of the arguments alone. Noise is one of a seed that is
// an input: what depends on variables and constants alone is evaluated by
// Prepare only.
//
// One of grad and expand is needed for a derivative; if both
// are nil, differentiating through the operation panics. An operation without
// a derivative (the mask of a dropout) says so by a grad that returns nils.
//
// A fused operation has a fused gradient: grad returns a node of another op,
// say "silu.grad". That op in turn states no grad but expand, which says the
// same in simpler operations; the second derivative is that of the expansion.
// The expansion is built only when such a derivative is asked for, and of it
// only what the derivative needs is ever run.
type op struct {
	// name is that of the operation in error messages, listings and the test
	// table, which demands a case for every name: a plain string literal.
	name string

	// shape is that of the result.
	shape tensor.Shape

	// bind is called once a workspace and returns the work that computes the
	// result z from the arguments x. The slices stay the same for the
	// workspace's life, so closures are made here and a run allocates nothing.
	// z holds anything at first; every element must be written.
	bind func(z []float32, x [][]float32) []tensor.Task

	// inplace is how many leading arguments z may share its memory with: one
	// of them that has z's size and is not needed afterwards. An elementwise
	// operation names all of its arguments.
	inplace int

	// view says that the result is the first argument's memory in another
	// shape: bind is nil, nothing is computed.
	view bool

	// scratch, if positive, is a length: bind then gets one more slice,
	// x[len(args)], of that length, for the operation's private use while it
	// runs. It is planned into the arena, and holds anything at first.
	scratch int

	// images, if positive, says that the operation goes image by image: bind
	// returns one task of images pieces. Piece i writes image i of the result. Of
	// an argument with images rows along the first of several axes it reads row i
	// alone. See schedule.
	images int

	// flops is the number of floating-point operations of a run, a fused
	// multiply-add counting as two; zero where memory traffic is all.
	flops int64

	// precision is that of its products; zero, float32, where it has none.
	precision tensor.Precision

	// grad returns the vector-Jacobian products: for the result z and the
	// gradient dz of a scalar by z, the gradients of that scalar by each
	// argument, nil where it is zero.
	grad func(z, dz *Node) []*Node

	// expand returns the same function of the arguments x in simpler
	// operations; nil for those that are simple, see Simplify. It stands in for
	// grad where grad is nil.
	expand func(x []*Node) *Node

	// attrs are what the operation was made with, for readers of a graph.
	attrs attributes
}

// serial numbers nodes in the order of their making, which is the order in
// which Compile runs them. Only the order matters, never the number.
var serial atomic.Uint64

// apply makes the node of operation o on args.
func apply(o op, args ...*Node) *Node {
	checkDims(o.name, o.shape)
	return &Node{op: o, args: args, id: serial.Add(1)}
}

// Input makes a value that the caller sets before each run, by Workspace.Input.
// It starts as zero. The name is for listings and messages.
func Input(name string, shape ...int) *Node {
	return source(input, name, shape, nil)
}

// Variable makes a node of the tensor t itself, not of a copy: an optimiser
// updates t in place between runs (and calls Workspace.Prepare afterwards).
func Variable(t *tensor.Tensor) *Node {
	return source(variable, "", t.Shape(), t)
}

// Constant makes a node of the tensor t, which must not change any more.
func Constant(t *tensor.Tensor) *Node {
	return source(constant, "", t.Shape(), t)
}

func source(k kind, label string, shape tensor.Shape, t *tensor.Tensor) *Node {
	o := op{name: k.String(), shape: append(tensor.Shape{}, shape...)}
	checkDims(o.name, o.shape)
	return &Node{op: o, kind: k, data: t, label: label, id: serial.Add(1)}
}

func (k kind) String() string {
	return [...]string{"operation", "input", "variable", "constant"}[k]
}

// Shape returns the shape of the value; it must not be modified. A scalar has
// the empty shape.
func (n *Node) Shape() tensor.Shape { return n.op.shape }

// Label returns the label that Named gave, or "".
func (n *Node) Label() string { return n.label }

// Named labels n, and everything that n is computed from up to nodes already
// labelled, and returns n. A layer that ends in
//
//	return y.Named("input_blocks.3.0.conv")
//
// so labels all that it made. Gradients inherit the label of what they are
// the gradient of, with a ∂ before it. Labels appear in Program.Ops and in the
// errors of Workspace.RunChecked; they decide nothing.
func (n *Node) Named(label string) *Node {
	n.label = label
	for _, a := range n.args {
		a.spreadLabel(label, 0)
	}
	return n
}

// spreadLabel labels n and what it is computed from, as far as it has no label
// yet and was made after the node numbered since.
func (n *Node) spreadLabel(label string, since uint64) {
	if n.label != "" || n.id <= since {
		return
	}
	n.label = label
	for _, a := range n.args {
		a.spreadLabel(label, since)
	}
}
