package nn

import "spdiff/autodiff"

// A BatchNorm normalises each channel of a plane over the pixels of all images of a batch, and over all planes of a regular field:
//
//	z = (x − μ)/√(σ² + 10⁻³)
//
// (Ioffe and Szegedy, Batch Normalization, 2015). In training μ and σ² are those of the batch, and the running ones follow them,
// m ← 0.9·m + 0.1·μ; outside they are the running ones, so that no image depends on others. Sums over pixels follow the orbits of
// the group, those over planes its tree: an image and its transforms give a batch the same statistics, to the last bit.
type BatchNorm struct {
	In             Field
	Mean, Variance *Param // buffers: the running statistics of the channels of a plane
	Gain, Bias     *Param // nil: there are none

	name string
}

const (
	normEps  = 1e-3 // SP-GAN's
	normRate = 0.1  // how much of a batch's statistics goes into the running ones
)

// NewBatchNorm returns a norm without parameters, whose buffers are name.running_mean and name.running_var.
func NewBatchNorm(name string, in Field) *BatchNorm {
	mustDivide(name, in, in)
	c := in.Plane()
	return &BatchNorm{In: in, Mean: vector(name+".running_mean", start{}, c), Variance: vector(name+".running_var", start{kind: ones}, c), name: name}
}

// NewAffineBatchNorm returns a norm that then scales and shifts each channel of a plane, by name.weight, first 1, and name.bias.
func NewAffineBatchNorm(name string, in Field) *BatchNorm {
	n := NewBatchNorm(name, in)
	o := orderOf(in)
	n.Gain, n.Bias = planeVector(name+".weight", start{kind: ones}, o), planeVector(name+".bias", start{}, o)
	return n
}

// Params returns the parameters.
func (n *BatchNorm) Params() []*Param {
	if n.Gain == nil {
		return nil
	}
	return []*Param{n.Gain, n.Bias}
}

// Buffers returns the running statistics.
func (n *BatchNorm) Buffers() []*Param { return []*Param{n.Mean, n.Variance} }

// Apply returns the norm of x (N, H, W, C).
func (n *BatchNorm) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	images := x.Shape()[0]
	if n.Gain == nil {
		return n.modulated(x, nil, nil, c).Named(n.name)
	}
	wide := func(p *Param) *autodiff.Node { return autodiff.Expand(p.node, images, n.In.Plane()) }
	return n.modulated(x, wide(n.Gain), wide(n.Bias), c).Named(n.name)
}

// modulated returns the norm of x times gain plus bias, (N, channels of a plane) each, or nil.
func (n *BatchNorm) modulated(x, gain, bias *autodiff.Node, c *Conditions) *autodiff.Node {
	mean, variance := n.Mean.node, n.Variance.node
	if u := updating(c); u != nil {
		mean, variance = n.statistics(x)
		u.add(n.Mean, towards(n.Mean.node, mean))
		u.add(n.Variance, towards(n.Variance.node, variance))
	}
	images, plane := x.Shape()[0], n.In.Plane()
	scale := autodiff.Expand(autodiff.Rsqrt(autodiff.Shift(variance, normEps)), images, plane)
	if gain != nil {
		scale = autodiff.Mul(scale, gain)
	}
	shift := autodiff.Neg(autodiff.Mul(autodiff.Expand(mean, images, plane), scale))
	if bias != nil {
		shift = autodiff.Add(shift, bias)
	}
	return autodiff.Affine(x, everyPlane(scale, n.In), everyPlane(shift, n.In))
}

// statistics returns the means and the variances of a batch.
func (n *BatchNorm) statistics(x *autodiff.Node) (mean, variance *autodiff.Node) {
	s, orbits := x.Shape(), n.In.Grid.pixels()
	count := float32(s[0] * s[1] * s[2] * n.In.Planes())
	average := func(sums *autodiff.Node) *autodiff.Node {
		return autodiff.Scale(autodiff.SumTo(autodiff.SumPlanes(sums, n.In.Planes()), n.In.Plane()), 1/count)
	}
	mean = average(autodiff.SumPixels(x, orbits))
	wide := everyPlane(autodiff.Expand(mean, s[0], n.In.Plane()), n.In)
	return mean, average(autodiff.SquarePixels(x, wide, orbits))
}

// towards returns the running statistic after a step.
func towards(running, batch *autodiff.Node) *autodiff.Node {
	return autodiff.StopGradient(autodiff.Add(autodiff.Scale(running, 1-normRate), autodiff.Scale(batch, normRate)))
}

// A ClassNorm is a BatchNorm that a code of each image modulates, its class and its noise:
//
//	z = (1 + γ(code))·BatchNorm(x) + β(code),
//
// γ and β linear maps with a SpectralNorm, whose results all planes share (de Vries et al., Modulating early visual processing by
// language, 2017, as in SP-GAN).
type ClassNorm struct {
	Norm        *BatchNorm
	gamma, beta *SpectralLinear
}

// NewClassNorm returns a norm modulated by codes of length numbers, Conditions.Embedding.
func NewClassNorm(name string, in Field, length int) *ClassNorm {
	n := &ClassNorm{NewBatchNorm(name+".norm", in), NewSpectralLinear(name+".gamma", length, in.Plane()), NewSpectralLinear(name+".beta", length, in.Plane())}
	for _, l := range []*SpectralLinear{n.gamma, n.beta} {
		l.Weight.start, l.Bias.start = start{kind: orthogonal}, start{}
	}
	return n
}

// Params returns the parameters.
func (n *ClassNorm) Params() []*Param { return Chain{n.gamma, n.beta}.Params() }

// Buffers returns those of the norm and of the maps.
func (n *ClassNorm) Buffers() []*Param { return Chain{n.Norm, n.gamma, n.beta}.Buffers() }

// Apply returns the norm of x (N, H, W, C), given c.Embedding.
func (n *ClassNorm) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	if c == nil || c.Embedding == nil {
		panic(&ConditionError{n.Norm.name, "Embedding"})
	}
	gain := autodiff.Shift(n.gamma.Apply(c.Embedding, c), 1)
	return n.Norm.modulated(x, gain, n.beta.Apply(c.Embedding, c), c).Named(n.Norm.name)
}
