package nn

import "spdiff/autodiff"

// A function is a layer without parameters.
type function func(x *autodiff.Node, c *Conditions) *autodiff.Node

// Apply returns the function of x.
func (f function) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node { return f(x, c) }

// Params returns none.
func (f function) Params() []*Param { return nil }

// NewLeakyReLU returns the layer that keeps what is positive and multiplies the rest by slope; 0 is the rectifier.
func NewLeakyReLU(slope float32) Layer {
	return function(func(x *autodiff.Node, _ *Conditions) *autodiff.Node { return autodiff.LeakyReLU(x, slope) })
}

// NewUpsample returns the layer that doubles the grid by repetition.
func NewUpsample() Layer {
	return function(func(x *autodiff.Node, _ *Conditions) *autodiff.Node { return autodiff.Upsample2(x) })
}

// NewMeanPool returns the layer that halves the grid by the mean of 2×2 pixels. Sides must be even: over an odd one pools of 2×2
// leave out a line, and no choice of the line commutes with the group.
func NewMeanPool() Layer {
	return function(func(x *autodiff.Node, _ *Conditions) *autodiff.Node { return autodiff.MeanPool2(x) })
}

// NewMaxPool returns the layer that halves the grid by the maximum of 2×2 pixels. Sides must be even.
func NewMaxPool() Layer {
	return function(func(x *autodiff.Node, _ *Conditions) *autodiff.Node { return autodiff.MaxPool2(x) })
}

// NewGroupPool returns the layer that takes the largest number of each channel over all planes: a regular field becomes a scalar one,
// (N, H, W, C) to (N, H, W, C/|G|). A scalar field stays as it is.
func NewGroupPool(in Field) Layer {
	mustDivide("group pool", in, in)
	return function(func(x *autodiff.Node, _ *Conditions) *autodiff.Node { return autodiff.MaxPlanes(x, in.Planes()) })
}

// NewGlobalPool returns the layer that takes the mean over all pixels, (N, H, W, C) to (N, C), by the orbits of the group: of scalar
// fields it is invariant to the last bit.
func NewGlobalPool(in Field) Layer {
	return function(func(x *autodiff.Node, _ *Conditions) *autodiff.Node {
		return autodiff.Scale(autodiff.SumPixels(x, in.Grid.pixels()), 1/float32(in.Grid.h*in.Grid.w))
	})
}

// NewSymmetrise returns the layer that moves each image of a scalar field by an element of the group of its own, Conditions.Element:
// the symmetrisation of SP-GAN (Birrell et al., Structure-preserving GANs, 2022, section 4.1). If the elements are uniform and
// independent of the images, the distribution of the result is invariant; and (x, a·k) gives what (x, k) gives, moved by a.
func NewSymmetrise(in Field) Layer {
	if in.Planes() > 1 {
		panic(&FieldError{"symmetrise", in, in, "what is moved are scalar channels"})
	}
	g := in.Grid
	var moves [][]int32
	for a := range g.group.Order() {
		moves = append(moves, g.group.Permutation(a, g.h, g.w))
	}
	return function(func(x *autodiff.Node, c *Conditions) *autodiff.Node {
		if c == nil || c.Element == nil {
			panic(&ConditionError{"symmetrise", "Element"})
		}
		return autodiff.MovePixels(x, c.Element, moves)
	})
}
