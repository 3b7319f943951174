package nn

import "spdiff/autodiff"

// A TimeEmbedding turns times into vectors that residual blocks take: cosines and sines of the time at geometrically
// spaced frequencies from 1 down to about 1/10000, then Linear, SiLU, Linear.
type TimeEmbedding struct {
	Width  int // cosines and sines
	first  *Linear
	second *Linear
	name   string
}

// NewTimeEmbedding returns an embedding of times by width cosines and sines in vectors of out numbers.
func NewTimeEmbedding(name string, width, out int) *TimeEmbedding {
	return &TimeEmbedding{width, NewLinear(name+".0", width, out), NewLinear(name+".2", out, out), name}
}

// Params returns the parameters.
func (e *TimeEmbedding) Params() []*Param { return Chain{e.first, e.second}.Params() }

// Apply returns the embedding of times t, (N) to (N, out).
func (e *TimeEmbedding) Apply(t *autodiff.Node, c *Conditions) *autodiff.Node {
	h := e.first.Apply(autodiff.TimestepEmbedding(t, e.Width), c)
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
