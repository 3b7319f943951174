package onnx

import (
	"slices"

	"spdiff/autodiff"
)

// operations has for each of autodiff.SimpleOps what it becomes.
var operations map[string]func(t *translator, n *autodiff.Node) (Value, error)

func init() { // functions of the table look into it
	operations = map[string]func(t *translator, n *autodiff.Node) (Value, error){
		"add": pairwise("Add"), "sub": pairwise("Sub"), "mul": pairwise("Mul"), "div": pairwise("Div"),
		"scale": withNumber("Mul", "factor"), "shift": withNumber("Add", "addend"),
		"exp": plain("Exp"), "log": plain("Log"), "sqrt": plain("Sqrt"), "sin": plain("Sin"), "cos": plain("Cos"), "tanh": plain("Tanh"),
		"sigmoid": plain("Sigmoid"), "abs": plain("Abs"), "sign": plain("Sign"),
		"clamp":       (*translator).clamp,
		"leakyrelu":   (*translator).leakyReLU,
		"softmax":     plain("Softmax", Attribute{"axis", -1}),
		"expand":      (*translator).expand,
		"sumto":       (*translator).sumTo,
		"reshape":     (*translator).reshape,
		"transpose":   (*translator).transpose,
		"slice":       (*translator).slice,
		"concat":      plain("Concat", Attribute{"axis", -1}),
		"gather":      (*translator).gather,
		"batchmatmul": plain("MatMul"),
		"conv":        (*translator).conv,
	}
}

// plain is an operation that ONNX has just so.
func plain(op string, attributes ...Attribute) func(t *translator, n *autodiff.Node) (Value, error) {
	return func(t *translator, n *autodiff.Node) (Value, error) {
		args, err := t.values(n.Args()...)
		if err != nil {
			return "", err
		}
		return t.add(n, op, attributes, args...)
	}
}

// withNumber is an operation on x and a number that it was made with.
func withNumber(op, attribute string) func(t *translator, n *autodiff.Node) (Value, error) {
	return func(t *translator, n *autodiff.Node) (Value, error) {
		x, err := t.value(n.Args()[0])
		if err != nil {
			return "", err
		}
		return t.add(n, op, nil, x, t.graph.scalar(n.Attributes()[attribute].(float32)))
	}
}

// pairwise is an operation on two values of one shape. ONNX broadcasts by itself, so that what is expanded for it alone stays small.
func pairwise(op string) func(t *translator, n *autodiff.Node) (Value, error) {
	return func(t *translator, n *autodiff.Node) (Value, error) {
		args := n.Args()
		small := []*autodiff.Node{before(args[0]), before(args[1])}
		if !t.covers(small, n) {
			small[0] = args[0]
		}
		z, err := t.values(small...)
		if err != nil {
			return "", err
		}
		return t.add(n, op, nil, z...)
	}
}

// before returns what an expanded node was before.
func before(n *autodiff.Node) *autodiff.Node {
	for n.Op() == "expand" {
		n = n.Args()[0]
	}
	return n
}

// covers reports whether two nodes broadcast together to the shape of n.
func (t *translator) covers(args []*autodiff.Node, n *autodiff.Node) bool {
	want := t.match.dims(n)
	for i, d := range want {
		some := d == 1
		for _, a := range args {
			dims := t.match.dims(a)
			k := i - len(want) + len(dims)
			some = some || k >= 0 && dims[k] == d
		}
		if !some {
			return false
		}
	}
	return true
}

func (t *translator) clamp(n *autodiff.Node) (Value, error) {
	x, err := t.value(n.Args()[0])
	if err != nil {
		return "", err
	}
	a := n.Attributes()
	return t.add(n, "Clip", nil, x, t.graph.scalar(a["min"].(float32)), t.graph.scalar(a["max"].(float32)))
}

func (t *translator) leakyReLU(n *autodiff.Node) (Value, error) {
	x, err := t.value(n.Args()[0])
	if err != nil {
		return "", err
	}
	return t.add(n, "LeakyRelu", []Attribute{{"alpha", n.Attributes()["slope"].(float32)}}, x)
}

// expand repeats along axes of length 1; the batch must be there already.
func (t *translator) expand(n *autodiff.Node) (Value, error) {
	arg := n.Args()[0]
	from, to := t.match.dims(arg), t.match.dims(n)
	for i, d := range to {
		if d >= 0 {
			continue
		}
		if k := i - len(to) + len(from); k < 0 || from[k] != d {
			return "", batchError(n, "a value that no image changes is repeated for each")
		}
		to[i] = 1 // as it is
	}
	x, err := t.value(arg)
	if err != nil {
		return "", err
	}
	return t.add(n, "Expand", nil, x, t.graph.list(to...))
}

// sumTo sums over the axes that the result has not, or of length 1.
func (t *translator) sumTo(n *autodiff.Node) (Value, error) {
	arg := n.Args()[0]
	from, to := t.match.dims(arg), t.match.dims(n)
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
	x, err := t.value(arg)
	if err != nil {
		return "", err
	}
	z, err := t.add(n, "ReduceSum", []Attribute{{"keepdims", 1}}, x, t.graph.list(axes...))
	if err != nil || len(from) == len(to) {
		return z, err
	}
	return t.shaped(n, z)
}

func (t *translator) reshape(n *autodiff.Node) (Value, error) {
	x, err := t.value(n.Args()[0])
	if err != nil {
		return "", err
	}
	return t.shaped(n, x)
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
	return t.add(n, "Reshape", nil, x, t.graph.list(dims...))
}

func (t *translator) transpose(n *autodiff.Node) (Value, error) {
	axes := make([]int, len(n.Shape()))
	for i := range axes {
		axes[i] = i
	}
	k := len(axes)
	axes[k-2], axes[k-1] = k-1, k-2
	return plain("Transpose", Attribute{"perm", axes})(t, n)
}

func (t *translator) slice(n *autodiff.Node) (Value, error) {
	x, err := t.value(n.Args()[0])
	if err != nil {
		return "", err
	}
	a, g := n.Attributes(), t.graph
	return t.add(n, "Slice", nil, x, g.list(a["from"].(int)), g.list(a["to"].(int)), g.list(-1))
}

func (t *translator) gather(n *autodiff.Node) (Value, error) {
	x, err := t.value(n.Args()[0])
	if err != nil {
		return "", err
	}
	var rows []int
	for _, r := range n.Attributes()["rows"].([]int32) {
		rows = append(rows, int(r))
	}
	return t.add(n, "Gather", []Attribute{{"axis", len(n.Shape()) - 2}}, x, t.graph.list(rows...))
}

// conv is a Conv between Transposes: ONNX has channels before pixels, and weights (out, in, height, width).
func (t *translator) conv(n *autodiff.Node) (Value, error) {
	x, weights := n.Args()[0], n.Args()[1]
	if !t.static(weights) {
		return "", batchError(n, "its weights change from image to image")
	}
	v, err := t.value(x)
	if err != nil {
		return "", err
	}
	t.graph.Label = n.Label()
	a, s := n.Attributes(), weights.Shape()
	h, w := a["height"].(int), a["width"].(int)
	kernel := t.graph.Floats(n.Label()+".kernel", outFirst(evaluate(weights), s[0], s[1], s[2]), s[2], s[1], h, w)
	v = t.graph.Transpose(v, 0, 3, 1, 2)
	v = t.graph.Add("Conv", []Attribute{{"kernel_shape", []int{h, w}}, {"pads", []int{h / 2, w / 2, h / 2, w / 2}}}, v, kernel)
	return t.graph.Transpose(v, 0, 2, 3, 1), nil
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
