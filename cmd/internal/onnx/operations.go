package onnx

import (
	"slices"

	"spdiff/autodiff"
)

// elementwise has, for those of autodiff.SimpleOps that take each number by itself, or two of the same place, what it becomes.
var elementwise = map[string]func(g *Graph, attributes map[string]any, args []Value) Value{
	"add": each("Add"), "sub": each("Sub"), "mul": each("Mul"), "div": each("Div"),
	"scale": with("Mul", "factor"), "shift": with("Add", "addend"), "clamp": with("Clip", "min", "max"),
	"exp": each("Exp"), "log": each("Log"), "sqrt": each("Sqrt"), "sin": each("Sin"), "cos": each("Cos"), "tanh": each("Tanh"),
	"sigmoid": each("Sigmoid"), "abs": each("Abs"), "sign": each("Sign"),
	"leakyrelu": func(g *Graph, a map[string]any, args []Value) Value {
		return g.Add("LeakyRelu", []Attribute{{"alpha", a["slope"].(float32)}}, args...)
	},
}

// each is an operation that ONNX has just so.
func each(op string) func(g *Graph, _ map[string]any, args []Value) Value {
	return func(g *Graph, _ map[string]any, args []Value) Value { return g.Do(op, args...) }
}

// with is an operation that takes numbers, which were attributes, as arguments.
func with(op string, names ...string) func(g *Graph, attributes map[string]any, args []Value) Value {
	return func(g *Graph, attributes map[string]any, args []Value) Value {
		for _, name := range names {
			args = append(args, g.scalar(attributes[name].(float32)))
		}
		return g.Do(op, args...)
	}
}

// operations has the others, but for expand, which is nothing: see made.
var operations = map[string]func(t *translator, n *autodiff.Node, args []Value) (Value, error){
	"softmax":     plain("Softmax", Attribute{"axis", -1}),
	"concat":      plain("Concat", Attribute{"axis", -1}),
	"batchmatmul": plain("MatMul"),
	"reshape":     func(t *translator, n *autodiff.Node, args []Value) (Value, error) { return t.shaped(n, args[0]) },
	"sumto":       (*translator).sumTo,
	"transpose":   (*translator).transpose,
	"slice":       (*translator).slice,
	"gather":      (*translator).gather,
	"conv":        (*translator).conv,
}

// plain is an operation that ONNX has just so.
func plain(op string, attributes ...Attribute) func(t *translator, n *autodiff.Node, args []Value) (Value, error) {
	return func(t *translator, _ *autodiff.Node, args []Value) (Value, error) {
		return t.graph.Add(op, attributes, args...), nil
	}
}

// sumTo sums over the axes that the result lacks, or has with length 1.
func (t *translator) sumTo(n *autodiff.Node, args []Value) (Value, error) {
	from, to := t.match.dims(n.Args()[0]), t.match.dims(n)
	var axes []int
	for i, d := range from {
		k := i - len(from) + len(to)
		if k >= 0 && to[k] == d {
			continue
		}
		if d < 0 {
			return "", batchError(n, "it is a sum over images")
		}
		axes = append(axes, i)
	}
	z := t.graph.Sum(args[0], true, axes...)
	if len(from) == len(to) {
		return z, nil
	}
	return t.shaped(n, z)
}

// shaped gives x the shape of n.
func (t *translator) shaped(n *autodiff.Node, x Value) (Value, error) {
	dims, batches := t.match.dims(n), 0
	for i, d := range dims {
		if d < 0 {
			dims[i] = -1 // what is left
			batches++
		}
	}
	if batches > 1 {
		return "", batchError(n, "two of its axes do")
	}
	return t.graph.Reshape(x, dims...), nil
}

func (t *translator) transpose(n *autodiff.Node, args []Value) (Value, error) {
	axes := make([]int, len(n.Shape()))
	for i := range axes {
		axes[i] = i
	}
	k := len(axes)
	axes[k-2], axes[k-1] = k-1, k-2
	return t.graph.Transpose(args[0], axes...), nil
}

func (t *translator) slice(n *autodiff.Node, args []Value) (Value, error) {
	a, g := n.Attributes(), t.graph
	return g.Do("Slice", args[0], g.list(a["from"].(int)), g.list(a["to"].(int)), g.list(-1)), nil
}

func (t *translator) gather(n *autodiff.Node, args []Value) (Value, error) {
	var rows []int
	for _, r := range n.Attributes()["rows"].([]int32) {
		rows = append(rows, int(r))
	}
	return t.graph.Gather(args[0], t.graph.list(rows...), len(n.Shape())-2), nil
}

// conv is a Conv between Transposes: ONNX has channels before pixels, and weights (out, in, height, width).
func (t *translator) conv(n *autodiff.Node, args []Value) (Value, error) {
	weights, g := n.Args()[1], t.graph
	if !t.static(weights) {
		return "", batchError(n, "its weights are not constant")
	}
	a, s := n.Attributes(), weights.Shape()
	h, w := a["height"].(int), a["width"].(int)
	kernel := g.Floats(n.Label()+".kernel", outFirst(evaluate(weights), s[0], s[1], s[2]), s[2], s[1], h, w)
	attributes := []Attribute{{"kernel_shape", []int{h, w}}, {"pads", []int{h / 2, w / 2, h / 2, w / 2}}}
	return g.Transpose(g.Add("Conv", attributes, g.Transpose(args[0], 0, 3, 1, 2), kernel), 0, 2, 3, 1), nil
}

// outFirst returns weights (taps, in, out) as (out, in, taps).
func outFirst(w []float32, taps, in, out int) []float32 {
	z := make([]float32, 0, len(w))
	for o := range out {
		for i := range in {
			for tap := range taps {
				z = append(z, w[(tap*in+i)*out+o])
			}
		}
	}
	return slices.Clip(z)
}
