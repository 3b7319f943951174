package inception

import "spdiff/tensor"

// A Parameter is a tensor that a file of weights must have.
type Parameter struct {
	Name  string       // as "Mixed_5b.branch1x1.conv.weight"
	Shape tensor.Shape // (out, in, h, w) of a convolution; (out) of what its normalisation has
}

// Parameters lists what a file of weights must have, in the order of the network.
func Parameters() []Parameter {
	var all []Parameter
	for _, c := range convolutions() {
		all = append(all, Parameter{c.name + ".conv.weight", tensor.Shape{c.out, c.in, c.h, c.w}})
		for _, n := range normalisation {
			all = append(all, Parameter{c.name + ".bn." + n, tensor.Shape{c.out}})
		}
	}
	return all
}

// normalisation are a batch normalisation's tensors.
var normalisation = [...]string{"weight", "bias", "running_mean", "running_var"}

// A convolution is one of the network's.
type convolution struct {
	name    string
	in, out int
	window
}

// convolutions lists those of the network, in its order.
func convolutions() []convolution {
	var l lister
	network(&l, 3)
	return l
}

// A lister notes the convolutions; a feature map is its number of channels.
type lister []convolution

func (l *lister) conv(x int, name string, channels int, w window) int {
	*l = append(*l, convolution{name, x, channels, w})
	return channels
}

func (l *lister) meanConv(x int, name string, channels int) int {
	return l.conv(x, name, channels, same(1, 1))
}

func (l *lister) max(x, _ int, _ bool) int { return x }

func (l *lister) join(x ...int) int {
	sum := 0
	for _, c := range x {
		sum += c
	}
	return sum
}
