package nn

import "spdiff/autodiff"

// branches add what two chains make of x: a residual block.
type branches struct{ path, skip Chain }

// Params returns the parameters.
func (b *branches) Params() []*Param { return Chain{b.path, b.skip}.Params() }

// Buffers returns the buffers.
func (b *branches) Buffers() []*Param { return Chain{b.path, b.skip}.Buffers() }

// Apply returns the block's value at x.
func (b *branches) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	return autodiff.Add(b.skip.Apply(x, c), b.path.Apply(x, c))
}
