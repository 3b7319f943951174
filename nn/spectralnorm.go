package nn

import (
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A SpectralNorm divides a weight, as the matrix W of rows of its outputs, by an estimate of its largest singular value (Miyato et
// al., Spectral Normalization for Generative Adversarial Networks, 2018): with a vector u that is kept from step to step,
//
//	v = Wu/|Wu|,   u' = Wᵀv/|Wᵀv|,   σ = vᵀWu',   W/σ.
//
// In training u becomes u', one iteration of the power method a step, by all uses of the weight together. The derivative takes u'
// and v as given, as PyTorch's does. Of a group convolution W has the filters of one plane, as in the code of SP-GAN: its σ is that
// of the filters, not of the whole map.
type SpectralNorm struct {
	Weight *Param
	U      *Param // the buffer NAME_u, where NAME is the weight's
}

// NewSpectralNorm returns the norm of a weight of at least two axes.
func NewSpectralNorm(w *Param) *SpectralNorm {
	s := w.Value.Shape()
	if len(s) < 2 {
		panic(&autodiff.ShapeError{Op: "spectral norm", Shapes: []tensor.Shape{s}, Reason: "a weight has inputs and outputs"})
	}
	return &SpectralNorm{w, vector(w.Name+"_u", start{kind: normal}, s[len(s)-1])}
}

// Buffers returns u.
func (s *SpectralNorm) Buffers() []*Param { return []*Param{s.U} }

// Of returns W/σ, in the shape of the weight.
func (s *SpectralNorm) Of(c *Conditions) *autodiff.Node {
	shape := s.Weight.Value.Shape()
	outs := shape[len(shape)-1]
	rows := s.Weight.Len() / outs
	w := autodiff.Reshape(s.Weight.node, rows, outs)
	wu := autodiff.Linear(w, autodiff.Reshape(s.U.node, outs, 1), nil)
	v := autodiff.StopGradient(unit(autodiff.Reshape(wu, 1, rows)))
	wv := autodiff.BatchMatMul(v, w)
	u := autodiff.StopGradient(unit(wv))
	if updates := updating(c); updates != nil {
		updates.add(s.U, autodiff.Reshape(u, outs))
	}
	sigma := autodiff.Shift(autodiff.Sum(autodiff.Mul(wv, u)), tiny)
	inverse := autodiff.Div(autodiff.Fill(1), sigma)
	return autodiff.Mul(s.Weight.node, autodiff.Expand(inverse, shape...)).Named(s.Weight.Name)
}

// tiny keeps a weight of zeros finite.
const tiny = 1e-12

// unit returns x/|x|.
func unit(x *autodiff.Node) *autodiff.Node {
	length := autodiff.Sqrt(autodiff.Shift(autodiff.Sum(autodiff.Square(x)), tiny*tiny))
	return autodiff.Div(x, autodiff.Expand(length, x.Shape()...))
}

// A SpectralConv2D is a Conv2D whose weight has a SpectralNorm. Its weight starts orthogonal.
type SpectralConv2D struct {
	*Conv2D
	norm *SpectralNorm
	bias bool
}

// NewSpectralConv2D returns a convolution with size×size taps whose parameters are name.weight and, if there is a bias, name.bias,
// which starts at zero. It panics as NewConv2D does.
func NewSpectralConv2D(name string, in, out Field, size int, bias bool) *SpectralConv2D {
	c := NewConv2D(name, in, out, size)
	c.Weight.start, c.Bias.start = start{kind: orthogonal}, start{}
	return &SpectralConv2D{c, NewSpectralNorm(c.Weight), bias}
}

// Params returns the parameters.
func (c *SpectralConv2D) Params() []*Param {
	if c.bias {
		return c.Conv2D.Params()
	}
	return []*Param{c.Weight}
}

// Buffers returns those of the norm.
func (c *SpectralConv2D) Buffers() []*Param { return c.norm.Buffers() }

// Apply returns the convolution of x, (N, H, W, in) to (N, H, W, out).
func (c *SpectralConv2D) Apply(x *autodiff.Node, given *Conditions) *autodiff.Node {
	var bias *autodiff.Node
	if c.bias {
		bias = c.Bias.node
	}
	return c.by(given.products(), x, c.norm.Of(given), bias)
}

// A SpectralLinear is a Linear whose weight has a SpectralNorm.
type SpectralLinear struct {
	*Linear
	norm *SpectralNorm
}

// NewSpectralLinear returns a map of rows of in numbers to rows of out, with the parameters name.weight and name.bias.
func NewSpectralLinear(name string, in, out int) *SpectralLinear {
	l := NewLinear(name, in, out)
	return &SpectralLinear{l, NewSpectralNorm(l.Weight)}
}

// Buffers returns those of the norm.
func (l *SpectralLinear) Buffers() []*Param { return l.norm.Buffers() }

// Apply returns the map of x, (…, in) to (…, out).
func (l *SpectralLinear) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	return c.products().Linear(x, l.norm.Of(c), l.Bias.node).Named(l.name)
}
