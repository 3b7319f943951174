package nn

import (
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Conv2D is the convolution z = b + w∗x with stride 1 and zero padding, so that the grid stays. Between scalar fields it
// commutes with the group exactly when its kernel is constant on the orbits of taps: it has one weight for each.
type Conv2D struct {
	In, Out      Field
	Weight, Bias *Param

	name   string
	kernel tensor.Kernel
}

// NewConv2D returns a convolution with size×size taps whose parameters are name.weight and name.bias. It panics with a
// *FieldError if in and out differ in their grids, or if size is even: such a kernel has no middle, and its output would
// lie half a pixel off the grid.
func NewConv2D(name string, in, out Field, size int) *Conv2D {
	if !in.Grid.same(out.Grid) {
		panic(&FieldError{name, in, out, "a convolution keeps the grid"})
	}
	if size < 1 || size%2 == 0 {
		panic(&FieldError{name, in, out, "a kernel has an odd number of taps across"})
	}
	k := in.Grid.taps(size)
	s := fanIn(in.Channels * size * size)
	weight := kernel(name+".weight", s, k, size, in.Channels, out.Channels)
	return &Conv2D{in, out, weight, vector(name+".bias", s, out.Channels), name, k}
}

// Params returns the parameters.
func (c *Conv2D) Params() []*Param { return []*Param{c.Weight, c.Bias} }

// Apply returns the convolution of x, (N, H, W, in) to (N, H, W, out).
func (c *Conv2D) Apply(x *autodiff.Node) *autodiff.Node {
	return autodiff.Conv(x, c.Weight.node, c.Bias.node, c.kernel).Named(c.name)
}

// endsAtZero makes the parameters start at zero: the ends of residual branches and of the network.
func endsAtZero(params []*Param) {
	for _, p := range params {
		p.start = start{kind: zeros}
	}
}

func (c *Conv2D) apply(x *autodiff.Node, _ conditions) *autodiff.Node { return c.Apply(x) }
