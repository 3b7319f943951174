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
// its orbits, so that the statistics of x and of g·x have the same bits. Of a regular field, groups are of the channels of a
// plane, each over all planes, and all planes have the same γ and β.
type GroupNorm struct {
	In         Field
	Groups     int // of the channels of a plane
	Gain, Bias *Param

	name string
}

// NewGroupNorm returns a norm with the parameters name.weight (γ, first 1) and name.bias (β, first 0). It panics with a
// *FieldError if groups does not divide the channels of a plane.
func NewGroupNorm(name string, in Field, groups int) *GroupNorm {
	mustDivide(name, in, in)
	if groups < 1 || in.Plane()%groups != 0 {
		panic(&FieldError{name, in, in, fmt.Sprintf("the %d channels of a plane are no multiple of %d groups", in.Plane(), groups)})
	}
	o := orderOf(in)
	return &GroupNorm{in, groups, planeVector(name+".weight", start{kind: ones}, o), planeVector(name+".bias", start{}, o), name}
}

// Params returns the parameters.
func (n *GroupNorm) Params() []*Param { return []*Param{n.Gain, n.Bias} }

// Apply returns the norm of x (N, H, W, C).
func (n *GroupNorm) Apply(x *autodiff.Node, _ *Conditions) *autodiff.Node {
	return n.apply(x, nil, false)
}

// ApplySiLU returns SiLU(z).
func (n *GroupNorm) ApplySiLU(x *autodiff.Node) *autodiff.Node { return n.apply(x, nil, true) }

// ApplyFiLM returns SiLU(z·(1 + s) + b), where a row of film (N, 2C) is s and b, one number for each of the C channels of a plane
// (Perez et al., FiLM, 2018).
func (n *GroupNorm) ApplyFiLM(x, film *autodiff.Node) *autodiff.Node { return n.apply(x, film, true) }

func (n *GroupNorm) apply(x, film *autodiff.Node, silu bool) *autodiff.Node {
	var scale, shift *autodiff.Node
	if c := n.In.Plane(); film != nil {
		scale, shift = everyPlane(autodiff.Slice(film, 0, c), n.In), everyPlane(autodiff.Slice(film, c, 2*c), n.In)
	}
	norm := autodiff.Norm{Groups: n.Groups, Planes: n.In.Planes(), Eps: 1e-5, Orbits: n.In.Grid.pixels(), SiLU: silu}
	return autodiff.GroupNorm(x, everyPlane(n.Gain.node, n.In), everyPlane(n.Bias.node, n.In), scale, shift, norm).Named(n.name)
}
