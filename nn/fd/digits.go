package fd

import (
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
)

// The sizes of the digits' network.
const (
	digitSide    = 28
	digitClasses = 10
	digitDim     = 64
)

// A digitNet is the layers of the digits' network:
//
//	28×28 → 14×14 → 7×7 pixels, 4·8, 4·16 and 4·32 channels; the mean over pixels, 4·64 channels h
//	f = mean of h over the group              the features, 64
//	Wf + b                                    a logit for each class
//	a regular map of h                        a logit for each class and turn, 4·10
type digitNet struct {
	body   nn.Chain
	hidden *nn.Conv2D
	class  *nn.Linear
	turned *nn.Conv2D
}

func newDigitNet() *digitNet {
	g := group.C4
	full, half, quarter, point := grid(g, 28), grid(g, 14), grid(g, 7), grid(g, 1)
	return &digitNet{
		body: nn.Chain{
			newBlock("1", nn.Scalars(full, 1), nn.Regulars(full, 32), 5, 2),
			halve,
			newBlock("2", nn.Regulars(half, 32), nn.Regulars(half, 64), 3, 4),
			halve,
			newBlock("3", nn.Regulars(quarter, 64), nn.Regulars(quarter, 128), 3, 8),
			newBlock("4", nn.Regulars(quarter, 128), nn.Regulars(quarter, 128), 3, 8),
		},
		hidden: nn.NewConv2D("hidden", nn.Regulars(point, 128), nn.Regulars(point, 4*digitDim), 1),
		class:  nn.NewLinear("class", digitDim, digitClasses),
		turned: nn.NewConv2D("turned", nn.Regulars(point, 4*digitDim), nn.Regulars(point, 4*digitClasses), 1),
	}
}

// params returns all parameters, in the order of the file.
func (d *digitNet) params() []*nn.Param {
	all := append(d.body.Params(), d.hidden.Params()...)
	return append(append(all, d.class.Params()...), d.turned.Params()...)
}

// planes returns h of images x (N, 28, 28, 1), (N, 1, 1, 4·64): of a·x, it is a's move of the planes alone.
func (d *digitNet) planes(x *autodiff.Node) *autodiff.Node {
	x = d.body.Apply(autodiff.Shift(x, 1), nil) // paper is 0, as what lies off the image
	return autodiff.SiLU(d.hidden.Apply(overPixels(x, group.C4), nil))
}

// apply returns, of images x (N, 28, 28, 1), the features (N, 64), the classes' logits (N, 10), and those of classes and turns (N, 40):
// of class c and the turn group.C4.Halves()[k] at 10k + c.
func (d *digitNet) apply(x *autodiff.Node) (features, class, turned *autodiff.Node) {
	h := d.planes(x)
	features = overGroup(h, group.C4)
	turned = autodiff.Reshape(d.turned.Apply(h, nil), x.Shape()[0], 4*digitClasses)
	return features, d.class.Apply(features, nil), turned
}
