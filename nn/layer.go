package nn

import (
	"slices"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Layer makes a part of a graph: it maps feature maps, or vectors, to others, by parameters that are its own.
type Layer interface {
	// Apply returns the layer's value at x. It computes nothing, and labels what it makes with the layer's name. It panics
	// with a *autodiff.ShapeError if x is not of the layer's shape, and with a *ConditionError if c has not what it needs.
	Apply(x *autodiff.Node, c *Conditions) *autodiff.Node

	// Params returns the parameters, those closer to the input first.
	Params() []*Param
}

// Conditions are what layers take besides x, the same for all pixels of an image. A layer looks only at what it needs; nil
// has none of them.
type Conditions struct {
	Time      *autodiff.Node // (N); a UNet needs it
	Class     *autodiff.Node // (N), whole numbers from 0; a UNet with classes needs it
	Labels    *autodiff.Node // (N, UNetConfig.Labels), how the images were moved; nil: they are as they are, which is what zeros say
	Embedding *autodiff.Node // (N, E), SiLU of the embedding of time and class; a ResBlock needs it. A ClassNorm needs a code
	Element   *autodiff.Node // (N), an element of the group for each image; Symmetrise needs it
	Dropout   *autodiff.Node // (N, 2), the key of autodiff.Dropout; nil: nothing is dropped, as is right outside training
	Updates   *Updates       // of buffers; nil: layers act by their buffers, as is right outside training

	Precision tensor.Precision // of all products, and of their gradients
}

// products makes products in the precision that the conditions say.
func (c *Conditions) products() autodiff.In {
	if c == nil {
		return autodiff.In(tensor.Float32)
	}
	return autodiff.In(c.Precision)
}

// A ConditionError is the panic value of a layer that was not given what it needs.
type ConditionError struct {
	Layer     string
	Condition string // the field of Conditions
}

// Error names the layer and the condition.
func (e *ConditionError) Error() string {
	return "nn: layer " + e.Layer + " needs Conditions." + e.Condition
}

// A Chain applies its layers one after the other.
type Chain []Layer

// Apply returns the value of the last layer, each applied to that before, the first to x.
func (l Chain) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	for _, layer := range l {
		x = layer.Apply(x, c)
	}
	return x
}

// Params returns the parameters of all layers in turn.
func (l Chain) Params() []*Param {
	var all [][]*Param
	for _, layer := range l {
		all = append(all, layer.Params())
	}
	return slices.Concat(all...)
}

// Count returns how many numbers a layer trains, a weight that is tied counting once.
func Count(l Layer) int {
	n := 0
	for _, p := range l.Params() {
		n += p.Len()
	}
	return n
}

// endsAtZero makes the parameters of a layer start at zero: the ends of residual branches and of the network.
func endsAtZero(l Layer) {
	for _, p := range l.Params() {
		p.start = start{kind: zeros}
	}
}
