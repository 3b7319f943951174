package inception

import (
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A builder makes the network's graph.
type builder map[string]folded

func (b builder) conv(x *autodiff.Node, name string, _ int, w window) *autodiff.Node {
	pad := tensor.Padding{}
	if w.same {
		pad = tensor.Padding{Top: w.h / 2, Left: w.w / 2, Bottom: w.h / 2, Right: w.w / 2}
	}
	f := b[name]
	z := autodiff.ConvWindowReLU(x, autodiff.Constant(f.weight), autodiff.Constant(f.bias), w.h, w.w, w.stride, pad)
	return z.Named(name)
}

// meanConv takes the means after the product, of fewer channels: a mean of what is affine in x is the same of the mean of x.
func (b builder) meanConv(x *autodiff.Node, name string, _ int) *autodiff.Node {
	f := b[name]
	z := autodiff.ConvWindow(x, autodiff.Constant(f.weight), autodiff.Constant(f.bias), 1, 1, 1, tensor.Padding{})
	return autodiff.ReLU(autodiff.MeanPool3(z)).Named(name)
}

func (b builder) max(x *autodiff.Node, stride int, pad bool) *autodiff.Node {
	return autodiff.MaxPool3(x, autodiff.Pool{Stride: stride, Pad: pad})
}

func (b builder) join(x ...*autodiff.Node) *autodiff.Node { return autodiff.Concat(x...) }

// MultiplyAdds is how many multiply-adds the features of an image take.
const MultiplyAdds = 5_711_168_096

// side is that of the network's input, in pixels.
const side = 299

// graph returns the input (batch, 299, 299, 3) and the features (batch, 2048): the means over the pixels of the last block.
func graph(weights map[string]folded, batch int) (in, out *autodiff.Node) {
	in = autodiff.Input("images", batch, side, side, 3)
	z := network(builder(weights), in)
	s := z.Shape()
	sum := autodiff.SumTo(z, batch, 1, 1, Dim)
	return in, autodiff.Reshape(autodiff.Scale(sum, 1/float32(s[1]*s[2])), batch, Dim)
}
