package nn

import (
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Linear is the map z = xw + b on every row of x: on vectors, or on the pixels of scalar fields, where it commutes with
// every group.
type Linear struct {
	Weight, Bias *Param

	name string
}

// NewLinear returns a map of rows of in numbers to rows of out, with the parameters name.weight, stored as PyTorch's Linear
// has it, (out, in), and name.bias.
func NewLinear(name string, in, out int) *Linear {
	s := fanIn(in)
	return &Linear{matrix(name+".weight", s, in, out), vector(name+".bias", s, out), name}
}

// newFiLM returns the map of vectors of in numbers to a scale and then a shift for each channel of a plane of f, which stands in
// a file for all planes.
func newFiLM(name string, in int, f Field) *Linear {
	out := 2 * f.Plane()
	l := NewLinear(name, in, out)
	if n := f.Planes(); n > 1 {
		l.Weight.File = tensor.Shape{n * out, in}
		l.Weight.at = func(o, i, _ int) int { return i*out + o/n }
		l.Bias.File = tensor.Shape{n * out}
		l.Bias.at = func(o, _, _ int) int { return o / n }
	}
	return l
}

// Params returns the parameters.
func (l *Linear) Params() []*Param { return []*Param{l.Weight, l.Bias} }

// Apply returns the map of x, (…, in) to (…, out).
func (l *Linear) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	return c.products().Linear(x, l.Weight.node, l.Bias.node).Named(l.name)
}
