package nn

import (
	"fmt"

	"spdiff/autodiff"
)

// A GroupNorm normalises the channels of each image in groups, then scales and shifts each channel:
//
//	z = γ·(x − μ)/√(σ² + 10⁻⁵) + β
//
// with mean μ and variance σ² over the pixels of one image and the channels of one group (Wu and He, Group Normalization,
// 2018). "Groups" are the paper's word for sets of channels; the symmetry group is another matter: sums over pixels follow
// its orbits, so that the statistics of x and of g·x have the same bits.
type GroupNorm struct {
	In         Field
	Groups     int // of channels
	Gain, Bias *Param

	name string
}

// NewGroupNorm returns a norm with the parameters name.weight (γ, first 1) and name.bias (β, first 0). It panics with a
// *FieldError if groups does not divide the channels.
func NewGroupNorm(name string, in Field, groups int) *GroupNorm {
	if groups < 1 || in.Channels%groups != 0 {
		panic(&FieldError{name, in, in, fmt.Sprintf("the channels are no multiple of %d groups", groups)})
	}
	c := in.Channels
	return &GroupNorm{in, groups, vector(name+".weight", start{kind: ones}, c), vector(name+".bias", start{}, c), name}
}

// Params returns the parameters.
func (n *GroupNorm) Params() []*Param { return []*Param{n.Gain, n.Bias} }

// Apply returns the norm of x (N, H, W, C).
func (n *GroupNorm) Apply(x *autodiff.Node) *autodiff.Node { return n.apply(x, nil, false) }

// ApplySiLU returns SiLU(z).
func (n *GroupNorm) ApplySiLU(x *autodiff.Node) *autodiff.Node { return n.apply(x, nil, true) }

// ApplyFiLM returns SiLU(z·(1 + s) + b), where a row of film (N, 2C) is s and b, one number a channel (Perez et al., FiLM,
// 2018).
func (n *GroupNorm) ApplyFiLM(x, film *autodiff.Node) *autodiff.Node { return n.apply(x, film, true) }

func (n *GroupNorm) apply(x, film *autodiff.Node, silu bool) *autodiff.Node {
	var scale, shift *autodiff.Node
	if c := n.In.Channels; film != nil {
		scale, shift = autodiff.Slice(film, 0, c), autodiff.Slice(film, c, 2*c)
	}
	norm := autodiff.Norm{Groups: n.Groups, Eps: 1e-5, Orbits: n.In.Grid.pixels(), SiLU: silu}
	return autodiff.GroupNorm(x, n.Gain.node, n.Bias.node, scale, shift, norm).Named(n.name)
}
