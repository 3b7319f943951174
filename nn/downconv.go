package nn

import (
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A DownConv2D is a convolution with stride 2 that halves the grid, its kernel of an even number of taps across:
//
//	z[p] = b + Σ_t w[t]·x[2p + t],    t from −(size/2 − 1) to size/2 in either direction,
//
// PyTorch's Conv2d(in, out, size, stride=2, padding=size/2−1). Between scalar fields it commutes with the group exactly when
// its kernel is constant on the orbits of taps: it has one weight for each, and sums the input over them first, by the tree.
//
// An odd kernel has its middle on a pixel, and no choice of every second pixel is symmetric on an even grid: such a layer is
// refused.
type DownConv2D struct {
	In, Out      Field
	Weight, Bias *Param

	name   string
	kernel tensor.Kernel
}

// NewDownConv2D returns a convolution with size×size taps whose parameters are name.weight and name.bias. It panics with a
// *FieldError if in has not twice the rows and columns of out under the same group, if size is odd, or if a field is not
// scalar.
func NewDownConv2D(name string, in, out Field, size int) *DownConv2D {
	fail := func(reason string) { panic(&FieldError{name, in, out, reason}) }
	switch {
	case !in.Grid.doubles(out.Grid):
		fail("a convolution with stride 2 halves the grid")
	case size < 2 || size%2 != 0:
		fail("with stride 2 a kernel has an even number of taps across, for its middle to be that of the grid")
	case in.Planes() > 1 || out.Planes() > 1:
		fail("with stride 2 fields are scalar; halve regular ones by the mean of 2×2 pixels")
	}
	k := in.Grid.taps(size)
	s := fanIn(in.Channels * size * size)
	return &DownConv2D{In: in, Out: out, Weight: kernel(name+".weight", s, k, size, in.Channels, out.Channels),
		Bias: vector(name+".bias", s, out.Channels), name: name, kernel: k}
}

// Params returns the parameters.
func (c *DownConv2D) Params() []*Param { return []*Param{c.Weight, c.Bias} }

// Apply returns the convolution of x, (N, H, W, in) to (N, H/2, W/2, out).
func (c *DownConv2D) Apply(x *autodiff.Node, given *Conditions) *autodiff.Node {
	sums := autodiff.TapSums2(x, c.kernel)
	w := autodiff.Reshape(c.Weight.node, len(c.kernel)*c.In.Channels, c.Out.Channels)
	return given.products().Linear(sums, w, c.Bias.node).Named(c.name)
}
