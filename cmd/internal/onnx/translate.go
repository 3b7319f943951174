package onnx

import (
	"slices"

	"spdiff/autodiff"
)

// Apply adds a graph of autodiff: build makes it for n images and returns its inputs and its result; args take the place of the
// inputs. It returns the result, or a *BatchError if build does not make the same graph for any number of images. It panics with an
// *autodiff.NoExpansionError if an operation cannot be said in simple ones.
func (g *Graph) Apply(build func(n int) (inputs []*autodiff.Node, z *autodiff.Node), args ...Value) (Value, error) {
	inputs, z := build(first)
	_, other := build(second)
	z, other = autodiff.Simplify(z)[0], autodiff.Simplify(other)[0]
	t := &translator{graph: g, match: match{}, done: map[*autodiff.Node]made{}, wide: map[*autodiff.Node]Value{}, steady: map[*autodiff.Node]bool{}}
	if err := t.match.add(z, other); err != nil {
		return "", err
	}
	for i, n := range inputs {
		t.done[n] = made{args[i], t.match.dims(n)}
	}
	label := g.Label
	defer func() { g.Label = label }()
	return t.whole(z)
}

// A translator is an Apply under way.
type translator struct {
	graph  *Graph
	match  match
	done   map[*autodiff.Node]made
	wide   map[*autodiff.Node]Value // see whole
	steady map[*autodiff.Node]bool  // see static
}

// What was made of a node: a value that broadcasts to the node's, and its dimensions. Operations on each number take values as small
// as they are, for ONNX broadcasts by itself.
type made struct {
	value Value
	dims  []int
}

// value returns what is made of a node, now if it was not before.
func (t *translator) value(n *autodiff.Node) (made, error) {
	if v, ok := t.done[n]; ok {
		return v, nil
	}
	v, err := t.translate(n)
	if err == nil {
		t.done[n] = v
	}
	return v, err
}

func (t *translator) translate(n *autodiff.Node) (made, error) {
	switch {
	case t.static(n):
		return made{t.graph.Floats(constantName(n), evaluate(n), n.Shape()...), t.match.dims(n)}, nil
	case n.Op() == "expand":
		return t.value(n.Args()[0])
	case elementwise[n.Op()] != nil:
		return t.small(n)
	}
	args, err := t.wholes(operands(n))
	if err != nil {
		return made{}, err
	}
	t.graph.Label = n.Label()
	v, err := operations[n.Op()](t, n, args)
	return made{v, t.match.dims(n)}, err
}

// operands are the arguments that are values in the graph: the weights of a convolution are not.
func operands(n *autodiff.Node) []*autodiff.Node {
	if n.Op() == "conv" {
		return n.Args()[:1]
	}
	return n.Args()
}

// small makes an operation on each number.
func (t *translator) small(n *autodiff.Node) (made, error) {
	var args []Value
	var dims []int
	for _, a := range n.Args() {
		v, err := t.value(a)
		if err != nil {
			return made{}, err
		}
		args, dims = append(args, v.value), broadcast(dims, v.dims)
	}
	t.graph.Label = n.Label()
	return made{elementwise[n.Op()](t.graph, n.Attributes(), args), dims}, nil
}

// broadcast returns the shape that two shapes broadcast to.
func broadcast(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	z := slices.Clone(a)
	for i, d := range b {
		if k := len(a) - len(b) + i; z[k] == 1 {
			z[k] = d
		}
	}
	return z
}

// wholes returns the values of nodes in their full shapes.
func (t *translator) wholes(nodes []*autodiff.Node) (z []Value, err error) {
	for _, n := range nodes {
		v, err := t.whole(n)
		if err != nil {
			return nil, err
		}
		z = append(z, v)
	}
	return z, nil
}

// whole returns the value of a node in its full shape.
func (t *translator) whole(n *autodiff.Node) (Value, error) {
	if v, ok := t.wide[n]; ok {
		return v, nil
	}
	v, err := t.value(n)
	if err != nil {
		return "", err
	}
	z := v.value
	if to := t.match.dims(n); !slices.Equal(v.dims, to) {
		if z, err = t.expand(n, v, to); err != nil {
			return "", err
		}
	}
	t.wide[n] = z
	return z, nil
}

// expand repeats a value along axes of length 1; the batch must be there already.
func (t *translator) expand(n *autodiff.Node, v made, to []int) (Value, error) {
	for i, d := range to {
		if d >= 0 {
			continue
		}
		if k := i - len(to) + len(v.dims); k < 0 || v.dims[k] != d {
			return "", batchError(n, "a value that is the same for all images is repeated for each")
		}
		to[i] = 1 // as it is
	}
	t.graph.Label = n.Label()
	return t.graph.Do("Expand", v.value, t.graph.list(to...)), nil
}

// static reports whether a node is a function of weights and constants alone, as large for any batch: evaluated now, for good.
func (t *translator) static(n *autodiff.Node) bool {
	if known, ok := t.steady[n]; ok {
		return known
	}
	z := n.Op() != "input" && t.match.free(n)
	for _, a := range n.Args() {
		z = z && t.static(a)
	}
	t.steady[n] = z
	return z
}

// evaluate returns the numbers of a node that no input changes.
func evaluate(n *autodiff.Node) []float32 {
	if t := n.Value(); t != nil {
		return t.Data()
	}
	w := autodiff.Compile(n).NewWorkspace()
	w.Prepare()
	w.Run()
	return slices.Clone(w.Output(n))
}

// constantName returns a name for a constant: a parameter has its own.
func constantName(n *autodiff.Node) string {
	switch {
	case n.Op() == "variable":
		return n.Label()
	case n.Op() == "constant" || n.Label() == "":
		return ""
	}
	return n.Label() + ".constant"
}
