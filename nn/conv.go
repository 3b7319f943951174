package nn

import (
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Conv2D is the convolution z = b + w∗x with stride 1 and zero padding, so that the grid stays. Between scalar fields it
// commutes with the group exactly when its kernel is constant on the orbits of taps: it has one weight for each. From or to
// regular fields the group moves planes with the taps, and any filter will do: into one output plane, each input plane has
// the weights of a plain kernel between the channels of two planes; the group gives those of the other output planes.
type Conv2D struct {
	In, Out      Field
	Weight, Bias *Param

	name   string
	kernel tensor.Kernel // between scalar fields
	planes *planeKernel  // else
}

// NewConv2D returns a convolution with size×size taps whose parameters are name.weight and name.bias. It panics with a
// *FieldError if in and out differ in their grids, or if size is even: such a kernel has no middle, and its output would
// lie half a pixel off the grid.
func NewConv2D(name string, in, out Field, size int) *Conv2D {
	return newConv2D(name, in, out, size, Square)
}

// newConv2D returns one whose kernel has the taps of a support, which must be Square from or to regular fields.
func newConv2D(name string, in, out Field, size int, taps Support) *Conv2D {
	checkConv2D(name, in, out, size)
	if taps != Square && (in.Planes() > 1 || out.Planes() > 1 || size != pinwheelSize || !taps.fits(in.Grid.group, size)) {
		panic(&FieldError{name, in, out, "a pinwheel is of 5×5 taps, between scalar channels under a group without mirrors"})
	}
	if in.Planes() > 1 || out.Planes() > 1 {
		return newPlaneConv(name, in, out, orderOf(in), orderOf(out), size, asConv2d)
	}
	k := taps.taps(in.Grid.group, size)
	s := fanIn(in.Channels * count(k))
	weight := kernel(name+".weight", s, k, size, in.Channels, out.Channels)
	return &Conv2D{In: in, Out: out, Weight: weight, Bias: vector(name+".bias", s, out.Channels), name: name, kernel: k}
}

func checkConv2D(name string, in, out Field, size int) {
	if !in.Grid.same(out.Grid) {
		panic(&FieldError{name, in, out, "a convolution keeps the grid"})
	}
	if size < 1 || size%2 == 0 {
		panic(&FieldError{name, in, out, "a kernel has an odd number of taps across"})
	}
	mustDivide(name, in, out)
}

// newPlaneConv returns a convolution from or to regular fields, whose channels stand in a file in the orders from and to.
func newPlaneConv(name string, in, out Field, from, to channelOrder, size int, as stored) *Conv2D {
	k, s := newPlaneKernel(in, out, size), fanIn(in.Channels*size*size)
	return &Conv2D{In: in, Out: out, Weight: k.weight(name+".weight", s, size, from, to, as),
		Bias: planeVector(name+".bias", s, to), name: name, planes: k}
}

// Params returns the parameters.
func (c *Conv2D) Params() []*Param { return []*Param{c.Weight, c.Bias} }

// Apply returns the convolution of x, (N, H, W, in) to (N, H, W, out).
func (c *Conv2D) Apply(x *autodiff.Node, given *Conditions) *autodiff.Node {
	return c.by(given.products(), x, c.Weight.node, c.Bias.node)
}

// by returns the convolution of x by a weight and a bias that stand for those of the layer; bias may be nil.
func (c *Conv2D) by(in autodiff.In, x, weight, bias *autodiff.Node) *autodiff.Node {
	if c.planes != nil {
		return c.planes.apply(in, x, weight, bias).Named(c.name)
	}
	return in.Conv(x, weight, bias, c.kernel).Named(c.name)
}

// newPointwise returns a map that takes each pixel by itself, stored as the layer that PyTorch has in its place: a Linear, or
// between regular fields a Conv2D with one tap.
func newPointwise(name string, in, out Field, from, to channelOrder, as stored) Layer {
	if in.Planes() > 1 || out.Planes() > 1 {
		return newPlaneConv(name, in, out, from, to, 1, as)
	}
	l := NewLinear(name, in.Channels, out.Channels)
	l.Weight.File = as.shape(out.Channels, in.Channels, 1)
	return l
}
