package fd

import (
	"context"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// The sizes of the cells' network.
const (
	cellSide = 64
	cellDim  = 64
)

// A cellNet is the layers of the cells' autoencoder:
//
//	64×64 → 32×32 → 16×16 → 8×8 pixels, 8·2, 8·8, 8·16 and 8·32 channels, then 8·64: h
//	f = mean of h over pixels and group, whitened     the features, 64
//	a linear map of h                           the code, 8×8 pixels of 8·1 channels
//	8×8 → … → 64×64, 8·16, 8·8, 8·4               the decoder
//
// The encoder has no norms, so that f knows how much stain there is.
type cellNet struct {
	encoder nn.Chain
	whiten  *nn.Linear
	code    *nn.Conv2D
	decoder nn.Chain
}

func newCellNet() *cellNet {
	g := group.D4
	a, b, c, d := grid(g, 64), grid(g, 32), grid(g, 16), grid(g, 8)
	code := nn.Regulars(d, 8)
	return &cellNet{
		encoder: nn.Chain{
			rough{nn.NewConv2D("1", nn.Scalars(a, 3), nn.Regulars(a, 16), 5)}, halve,
			rough{nn.NewConv2D("2", nn.Regulars(b, 16), nn.Regulars(b, 64), 3)}, halve,
			rough{nn.NewConv2D("3", nn.Regulars(c, 64), nn.Regulars(c, 128), 3)}, halve,
			rough{nn.NewConv2D("4", nn.Regulars(d, 128), nn.Regulars(d, 256), 3)},
			rough{nn.NewConv2D("hidden", nn.Regulars(d, 256), nn.Regulars(d, 8*cellDim), 1)},
		},
		whiten: nn.NewLinear("whiten", cellDim, cellDim),
		code:   nn.NewConv2D("code", nn.Regulars(d, 8*cellDim), code, 1),
		decoder: nn.Chain{
			newBlock("5", code, nn.Regulars(d, 128), 3, 4), double,
			newBlock("6", nn.Regulars(c, 128), nn.Regulars(c, 64), 3, 2), double,
			newBlock("7", nn.Regulars(b, 64), nn.Regulars(b, 32), 3, 1), double,
			nn.NewConv2D("out", nn.Regulars(a, 32), nn.Scalars(a, 3), 3),
		},
	}
}

// A rough is a convolution and SiLU, without a norm. gain keeps the size of the numbers. The first weights have a third of the variance that
// would keep that of normal numbers, and SiLU leaves 0.36 of their mean square.
type rough struct{ *nn.Conv2D }

const gain = 2.5

// Apply returns the layer's value at x.
func (r rough) Apply(x *autodiff.Node, c *nn.Conditions) *autodiff.Node {
	return autodiff.SiLU(autodiff.Scale(r.Conv2D.Apply(x, c), gain))
}

// dark returns 1 − x: light that is swallowed, 0 where there is nothing, as what lies off the image.
func dark(x *autodiff.Node) *autodiff.Node { return autodiff.Shift(autodiff.Neg(x), 1) }

// hidden returns h of images x.
func (n *cellNet) hidden(x *autodiff.Node) *autodiff.Node { return n.encoder.Apply(dark(x), nil) }

// pooled returns the means over the pixels of images x, plane by plane.
func (n *cellNet) pooled(x *autodiff.Node) *autodiff.Node { return overPixels(n.hidden(x), group.D4) }

// means returns f of images x, before it is whitened.
func (n *cellNet) means(x *autodiff.Node) *autodiff.Node { return overGroup(n.pooled(x), group.D4) }

// features returns f of images x.
func (n *cellNet) features(x *autodiff.Node) *autodiff.Node { return n.whiten.Apply(n.means(x), nil) }

// planes returns f of images x before the mean over the group, (N·8, 64): a row for each plane of an image, all whitened by the same map.
func (n *cellNet) planes(x *autodiff.Node) *autodiff.Node {
	return n.whiten.Apply(autodiff.Reshape(n.pooled(x), x.Shape()[0]*group.D4.Order(), cellDim), nil)
}

// params returns what the features depend on.
func (n *cellNet) params() []*nn.Param { return append(n.encoder.Params(), n.whiten.Params()...) }

// CellsTraining is the training that the cells' weights come from.
func CellsTraining() Training { return Training{Seed: 1, Batch: 16, Steps: 1_000, Rate: 2e-3} }

// TrainCells trains the cells' autoencoder on images 64×64×3, by the mean squared error of what the decoder makes of the code, then
// whitens the features by the first 2,048 images, and returns the encoder's weights. For each and the errors see [TrainDigits].
func TrainCells(ctx context.Context, images Images, t Training, each func(step int, loss float64)) (*safetensors.File, error) {
	n := newCellNet()
	x := autodiff.Input("images", t.Batch, cellSide, cellSide, 3)
	z := n.decoder.Apply(n.code.Apply(n.hidden(x), nil), nil)
	params := append(append(n.encoder.Params(), n.code.Params()...), n.decoder.Params()...)
	if err := train(ctx, task{params: params, x: x, loss: autodiff.MSE(z, dark(x))}, images, t, each); err != nil {
		return nil, err
	}
	x = autodiff.Input("images", inOneRun, cellSide, cellSide, 3)
	if err := whiten(ctx, images, x, n.means(x), n.whiten); err != nil {
		return nil, err
	}
	return weights(n.params()), nil
}
