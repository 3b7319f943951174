package fd

import (
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
)

// grid returns side×side pixels under a group.
func grid(g group.Group, side int) *nn.Grid {
	to, err := nn.NewGrid(g, side, side)
	if err != nil {
		panic(err) // squares are turned and mirrored
	}
	return to
}

// A block is a convolution, a norm and SiLU.
type block struct {
	conv *nn.Conv2D
	norm *nn.GroupNorm
}

func newBlock(name string, in, out nn.Field, size, groups int) block {
	return block{nn.NewConv2D(name+".conv", in, out, size), nn.NewGroupNorm(name+".norm", out, groups)}
}

// Apply returns the block's value at x.
func (b block) Apply(x *autodiff.Node, c *nn.Conditions) *autodiff.Node {
	return b.norm.ApplySiLU(b.conv.Apply(x, c))
}

// Params returns the parameters.
func (b block) Params() []*nn.Param { return append(b.conv.Params(), b.norm.Params()...) }

// halve and double are the ways between grids. Both commute with the group.
var halve, double = nn.NewMeanPool(), nn.NewUpsample()

// overPixels returns the mean of x (N, H, W, C) over the pixels, (N, 1, 1, C): of g·x, it is g's move of the planes alone.
func overPixels(x *autodiff.Node, g group.Group) *autodiff.Node {
	s := x.Shape()
	mean := nn.NewGlobalPool(nn.Regulars(grid(g, s[1]), s[3])).Apply(x, nil)
	return autodiff.Reshape(mean, s[0], 1, 1, s[3])
}

// overGroup returns the mean of regular features x (N, …, C) over their planes, (N, C/|G|). Of g·x it has the bits of that of x.
func overGroup(x *autodiff.Node, g group.Group) *autodiff.Node {
	s := x.Shape()
	sum := autodiff.SumPlanes(autodiff.Reshape(x, s[0], s.Size()/s[0]), g.Order())
	return autodiff.Scale(sum, 1/float32(g.Order()))
}

// crossEntropy returns the mean over rows of −log p(y), p the softmax of logits (N, K), and y the number whose place in a row of
// chosen (N, K) is 1, the others being 0:
//
//	−log p(y) = log Σⱼ exp(lⱼ − l_y)
//
// No exponential overflows, for differences beyond ±80 are cut off.
func crossEntropy(logits, chosen *autodiff.Node) *autodiff.Node {
	s := logits.Shape()
	own := autodiff.SumTo(autodiff.Mul(logits, chosen), s[0], 1)
	d := autodiff.Clamp(autodiff.Sub(logits, autodiff.Expand(own, s...)), -80, 80)
	return autodiff.Mean(autodiff.Log(autodiff.SumTo(autodiff.Exp(d), s[0], 1)))
}
