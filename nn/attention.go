package nn

import (
	"fmt"

	"spdiff/autodiff"
)

// An Attention lets every pixel look at every other (Vaswani et al. 2017), in heads of d channels, as a residual:
//
//	z = x + P·concat_heads(softmax(q·kᵀ/√d)·v),   (q, k, v) = Q·Norm(x)
//
// The rows of Q are ordered head by head: q, k, v of the first head, of the second, and so on (ADM's QKVAttentionLegacy).
// There are no positions in it, so it commutes with any permutation of pixels; to the last bit it commutes with the group,
// because sums over pixels reduce over a fundamental domain first and combine the images of that by the group's tree. Of a
// regular field, each head is in one plane, and the group permutes the heads.
type Attention struct {
	In   Field
	Head int // channels of a head, d

	norm *GroupNorm
	qkv  Layer
	proj Layer
	name string
}

// NewAttention returns attention with heads of head channels, after a GroupNorm of the given number of groups. Its parameters' names
// start with name. It panics with a *FieldError if head or groups do not divide the channels of a plane.
func NewAttention(name string, in Field, head, groups int) *Attention {
	mustDivide(name, in, in)
	if head < 1 || in.Plane()%head != 0 {
		panic(&FieldError{name, in, in, fmt.Sprintf("the %d channels of a plane are no multiple of a head's %d", in.Plane(), head)})
	}
	wide := in
	wide.Channels *= 3
	heads, three := orderOf(in), orderOf(wide)
	heads.apart, three.apart = true, true
	a := &Attention{in, head, NewGroupNorm(name+".norm", in, groups),
		newPointwise(name+".qkv", in, wide, orderOf(in), three, asConv1d),
		newPointwise(name+".proj_out", in, in, heads, orderOf(in), asConv1d), name}
	endsAtZero(a.proj)
	return a
}

// Params returns the parameters.
func (a *Attention) Params() []*Param { return Chain{a.norm, a.qkv, a.proj}.Params() }

// Apply returns attention among the pixels of each image of x (N, H, W, C).
func (a *Attention) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	s, d := x.Shape(), a.In.Grid.domain()
	h := Chain{a.norm, a.qkv}.Apply(x, c)
	h = autodiff.Reshape(h, s[0], s[1]*s[2], 3*s[3]) // in each plane, head by head
	h = c.products().Attention(h, a.Head, autodiff.Keys{Pixels: d.keys, Weight: d.weight}).Named(a.name)
	h = a.proj.Apply(autodiff.Reshape(h, s...), c)
	return autodiff.Add(x, h).Named(a.name)
}
