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
	t := &translator{graph: g, match: match{}, done: map[*autodiff.Node]Value{}, steady: map[*autodiff.Node]bool{}}
	if err := t.match.add(z, other); err != nil {
		return "", err
	}
	for i, n := range inputs {
		t.done[n] = args[i]
	}
	label := g.Label
	defer func() { g.Label = label }()
	return t.value(z)
}

// A translator is an Apply under way.
type translator struct {
	graph  *Graph
	match  match
	done   map[*autodiff.Node]Value
	steady map[*autodiff.Node]bool // see static
}

// value returns the value of a node, which is added if it is not there yet.
func (t *translator) value(n *autodiff.Node) (Value, error) {
	if v, ok := t.done[n]; ok {
		return v, nil
	}
	v, err := t.translate(n)
	if err != nil {
		return "", err
	}
	t.done[n] = v
	return v, nil
}

func (t *translator) translate(n *autodiff.Node) (Value, error) {
	if t.static(n) {
		return t.graph.Floats(constantName(n), evaluate(n), n.Shape()...), nil
	}
	return operations[n.Op()](t, n)
}

// values returns the values of nodes.
func (t *translator) values(nodes ...*autodiff.Node) ([]Value, error) {
	z := make([]Value, len(nodes))
	for i, n := range nodes {
		v, err := t.value(n)
		if err != nil {
			return nil, err
		}
		z[i] = v
	}
	return z, nil
}

// add adds an operation of the node's label.
func (t *translator) add(n *autodiff.Node, op string, attributes []Attribute, args ...Value) (Value, error) {
	t.graph.Label = n.Label()
	return t.graph.Add(op, attributes, args...), nil
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
