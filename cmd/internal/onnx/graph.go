package onnx

import "fmt"

// A Value is the name of a tensor in a graph.
type Value string

// A Graph is an ONNX graph in the making. Nodes stand in the order in which they were added, which is one in which they can run.
type Graph struct {
	Label string // what nodes that are added next belong to, the first part of their names

	inputs, outputs []port
	nodes           []node
	constants       []constant
	shared          map[string]Value // constants without a name
	taken           map[string]int   // how often a name was asked for
}

// A port is an input or an output.
type port struct {
	name string
	kind Type
	dims []int
}

// A node is an operation.
type node struct {
	op         string
	args       []Value
	attributes []Attribute
	name       string // its own, and that of its result
}

// An Attribute is a setting of an operation: an int, a float32 or a []int.
type Attribute struct {
	Name  string
	Value any
}

// Batch stands for the number of images among the dimensions of an input or an output.
const Batch = -1

// New returns an empty graph.
func New() *Graph { return &Graph{shared: map[string]Value{}, taken: map[string]int{}} }

// Input adds an input of the graph.
func (g *Graph) Input(name string, kind Type, dims ...int) Value {
	name = g.unique(name)
	g.inputs = append(g.inputs, port{name, kind, dims})
	return Value(name)
}

// Output makes a value an output of the graph under a name of its own.
func (g *Graph) Output(name string, v Value, kind Type, dims ...int) {
	name = g.unique(name)
	g.nodes = append(g.nodes, node{op: "Identity", args: []Value{v}, name: name})
	g.outputs = append(g.outputs, port{name, kind, dims})
}

// Add adds a node and returns its result, the first where there are several.
func (g *Graph) Add(op string, attributes []Attribute, args ...Value) Value {
	name := op
	if g.Label != "" {
		name = g.Label + "/" + op
	}
	name = g.unique(name)
	g.nodes = append(g.nodes, node{op, args, attributes, name})
	return Value(name)
}

// Do adds a node without attributes.
func (g *Graph) Do(op string, args ...Value) Value { return g.Add(op, nil, args...) }

// Reshape adds a Reshape; one dimension may be −1, which is what is left.
func (g *Graph) Reshape(x Value, dims ...int) Value { return g.Do("Reshape", x, g.list(dims...)) }

// Transpose adds a Transpose: axis i of the result is axis axes[i] of x.
func (g *Graph) Transpose(x Value, axes ...int) Value {
	return g.Add("Transpose", []Attribute{{"perm", axes}}, x)
}

// Gather adds a Gather along an axis.
func (g *Graph) Gather(x, places Value, axis int) Value {
	return g.Add("Gather", []Attribute{{"axis", axis}}, x, places)
}

// Sum adds a ReduceSum over axes.
func (g *Graph) Sum(x Value, keep bool, axes ...int) Value {
	return g.Add("ReduceSum", []Attribute{{"keepdims", number(keep)}}, x, g.list(axes...))
}

// Repeat gives each of the n images' numbers x (N) times times, side by side: (N·times).
func (g *Graph) Repeat(x Value, times int) Value {
	return g.Reshape(g.Do("Expand", g.Reshape(x, -1, 1), g.list(1, times)), -1)
}

// Cast adds a Cast to a type.
func (g *Graph) Cast(x Value, to Type) Value { return g.Add("Cast", []Attribute{{"to", int(to)}}, x) }

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unique returns the name, or one that begins so.
func (g *Graph) unique(name string) string {
	for {
		g.taken[name]++
		n := g.taken[name]
		if n == 1 {
			return name
		}
		name = fmt.Sprintf("%s_%d", name, n)
	}
}
