package autodiff

import "spdiff/tensor"

// In makes products in a precision: In(tensor.BF16).Conv(x, w, bias, k). The functions of this package with the same names as its
// methods are those of In(tensor.Float32). Gradients of a convolution or a linear map, of every order, are products in its precision; so is
// the first gradient of attention, but further ones are made of simple operations in float32. A precision that does not exist is a panic with
// a *tensor.ConvError, of attention with a *ShapeError.
type In tensor.Precision

// shape returns that of a convolution of images x to so many channels, plain.
func (p In) shape(x tensor.Shape, cout int) tensor.ConvShape {
	return tensor.ConvShape{N: x[0], H: x[1], W: x[2], Cin: x[3], Cout: cout, Precision: tensor.Precision(p)}
}
