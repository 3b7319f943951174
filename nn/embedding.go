package nn

import "spdiff/autodiff"

// A TimeEmbedding turns times into vectors that residual blocks take: cosines and sines of the time at geometrically
// spaced frequencies from 1 down to about 1/10000, then Linear, SiLU, Linear.
type TimeEmbedding struct {
	Width  int // cosines and sines
	first  *Linear
	second *Linear
	labels *Param // (labels, Width), nil if there are none
	name   string
}

// NewTimeEmbedding returns an embedding of times by width cosines and sines in vectors of out numbers.
func NewTimeEmbedding(name string, width, out int) *TimeEmbedding {
	return &TimeEmbedding{width, NewLinear(name+".0", width, out), NewLinear(name+".2", out, out), nil, name}
}

// Params returns the parameters.
func (e *TimeEmbedding) Params() []*Param {
	all := Chain{e.first, e.second}.Params()
	if e.labels != nil {
		all = append(all, e.labels)
	}
	return all
}

// withLabels adds to the cosines and sines, before the first map, a linear map of n labels without bias, the parameter
// map_augment.weight, which starts at zero (Karras and others 2022, whose code calls it so). An ADM U-Net has no such map, and computes
// what this one does where it is told nothing.
func (e *TimeEmbedding) withLabels(n int) {
	e.labels = matrix("map_augment.weight", start{kind: zeros}, n, e.Width)
}

// Apply returns the embedding of times t, (N) to (N, out), and of c.Labels if there are any.
func (e *TimeEmbedding) Apply(t *autodiff.Node, c *Conditions) *autodiff.Node {
	waves := autodiff.TimestepEmbedding(t, e.Width)
	if e.labels != nil && c.Labels != nil {
		waves = autodiff.Add(waves, c.products().Linear(c.Labels, e.labels.node, nil).Named("map_augment")).Named("map_augment")
	}
	h := e.first.Apply(waves, c)
	return e.second.Apply(autodiff.SiLU(h).Named(e.name), c)
}

// An Embedding is a table with a row for each class.
type Embedding struct {
	Weight *Param
	name   string
}

// NewEmbedding returns a table of rows×length numbers, the parameter name.weight.
func NewEmbedding(name string, rows, length int) *Embedding {
	return &Embedding{vector(name+".weight", start{kind: normal}, rows, length), name}
}

// Params returns the parameter.
func (e *Embedding) Params() []*Param { return []*Param{e.Weight} }

// Apply returns the rows that y names, (N) to (N, length).
func (e *Embedding) Apply(y *autodiff.Node, _ *Conditions) *autodiff.Node {
	return autodiff.Embedding(y, e.Weight.node).Named(e.name)
}
