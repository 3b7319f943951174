package nn

import (
	"hash/fnv"

	"spdiff/autodiff"
)

// A ResBlock is the residual block of ADM, in which time and class modulate the middle:
//
//	h = Conv(R(SiLU(Norm(x))))
//	z = R(x)·S + Conv(Dropout(SiLU(Norm(h)·(1 + s) + b))),   (s, b) = Linear(SiLU(emb))
//
// R halves the grid by the mean of 2×2 pixels, or doubles it by repetition, or does nothing, as the fields of input and
// output demand; S is 1, or a map of channels where their number changes. The last convolution starts at zero.
type ResBlock struct {
	In, Out Field

	norm1, norm2 *GroupNorm
	conv1, conv2 *Conv2D
	film         *Linear
	skip         Layer // an empty Chain: the identity
	dropout      float64
	name         string
}

// A ResBlockConfig is what a ResBlock needs besides its fields.
type ResBlockConfig struct {
	Embedding int     // numbers in the embedding of time and class
	Groups    int     // of the channels of a plane, for GroupNorm
	Kernel    int     // taps across the kernels, odd
	Taps      Support // which of them there are
	Dropout   float64 // share of values to drop
}

// NewResBlock returns a residual block whose parameters' names start with name. It panics with a *FieldError if the grid
// of out is neither that of in, nor half or twice it.
func NewResBlock(name string, in, out Field, c ResBlockConfig) *ResBlock {
	from, to := in.Grid, out.Grid
	if !from.same(to) && !from.doubles(to) && !to.doubles(from) {
		panic(&FieldError{name, in, out, "a residual block keeps, halves or doubles the grid"})
	}
	middle := in
	middle.Grid = to
	r := &ResBlock{
		In: in, Out: out,
		norm1:   NewGroupNorm(name+".in_layers.0", in, c.Groups),
		conv1:   newConv2D(name+".in_layers.2", middle, out, c.Kernel, c.Taps),
		film:    newFiLM(name+".emb_layers.1", c.Embedding, out),
		norm2:   NewGroupNorm(name+".out_layers.0", out, c.Groups),
		conv2:   newConv2D(name+".out_layers.3", out, out, c.Kernel, c.Taps),
		skip:    Chain{},
		dropout: c.Dropout,
		name:    name,
	}
	if in.Channels != out.Channels {
		r.skip = newPointwise(name+".skip_connection", in, out, orderOf(in), orderOf(out), asConv2d)
	}
	endsAtZero(r.conv2)
	return r
}

// Params returns the parameters.
func (r *ResBlock) Params() []*Param {
	return Chain{r.norm1, r.conv1, r.film, r.norm2, r.conv2, r.skip}.Params()
}

// Apply returns the block's value at x (N, H, W, in), given c.Embedding and perhaps c.Dropout.
func (r *ResBlock) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	if c == nil || c.Embedding == nil {
		panic(&ConditionError{r.name, "Embedding"})
	}
	h := r.resample(r.norm1.ApplySiLU(x)).Named(r.name + ".in_layers")
	h = r.conv1.Apply(h, c)
	h = r.norm2.ApplyFiLM(h, r.film.Apply(c.Embedding, c))
	if c.Dropout != nil {
		h = autodiff.Dropout(h, c.Dropout, r.salt(), r.dropout).Named(r.name + ".out_layers.2")
	}
	h = r.conv2.Apply(h, c)
	return autodiff.Add(r.skip.Apply(r.resample(x), c), h).Named(r.name)
}

// resample takes x from the grid of the input to that of the output.
func (r *ResBlock) resample(x *autodiff.Node) *autodiff.Node {
	switch from, to := r.In.Grid, r.Out.Grid; {
	case from.doubles(to):
		return autodiff.MeanPool2(x)
	case to.doubles(from):
		return autodiff.Upsample2(x)
	}
	return x
}

// salt tells the dropouts of a network apart.
func (r *ResBlock) salt() uint32 {
	h := fnv.New32a()
	h.Write([]byte(r.name))
	return h.Sum32()
}
