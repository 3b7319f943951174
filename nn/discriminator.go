package nn

import (
	"fmt"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Discriminator judges images and their classes, (N, H, W, Out) to (N, 1): the one of SP-GAN. It is invariant to the last bit,
// D(a·x, y) = D(x, y): group convolutions and pools commute with the group, the largest number over planes does not see it, and the
// mean over pixels goes by its orbits.
//
// SP-GAN's own pools 7×7 pixels by 2×2, which leaves out a line and with it the invariance; here the mean over all 7×7 pixels follows
// at once.
type Discriminator struct {
	Config GANConfig

	stages Chain
	head   *ProjectionHead
}

// NewDiscriminator makes the network with all parameters zero: Init, or SetWeights, come next. It returns the error of c.Validate.
func NewDiscriminator(c GANConfig) (*Discriminator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	_, halvings := c.halvings()
	grids, err := ganGrids(c, halvings+1)
	if err != nil {
		return nil, err
	}
	d := &Discriminator{Config: c.Clone()}
	last := Scalars(grids[0], c.Out)
	for i, channels := range c.Critic {
		name := fmt.Sprintf("stages.%d", i)
		out := Regulars(grids[i], c.plane(channels)*c.Group.Order())
		if c.Residual {
			d.stages = append(d.stages, newDownBlock(name, last, out))
		} else {
			d.stages = append(d.stages, NewSpectralConv2D(name+".conv", last, out, 3, true), NewLeakyReLU(0.2))
		}
		if i < halvings && !c.Residual {
			d.stages = append(d.stages, NewMeanPool())
		}
		last = out
		if i < halvings {
			last.Grid = grids[i+1]
		}
	}
	if c.Residual {
		d.stages = append(d.stages, NewLeakyReLU(0))
	}
	scalars := Scalars(last.Grid, last.Plane())
	d.stages = append(d.stages, NewGroupPool(last), NewGlobalPool(scalars))
	d.head = NewProjectionHead("head", scalars.Channels, c.Classes, c.Residual)
	return d, nil
}

// Init gives parameters and buffers their first values, which depend on the seed alone.
func (d *Discriminator) Init(seed uint64) { initAll(d, seed) }

// Params returns the parameters.
func (d *Discriminator) Params() []*Param { return Chain{d.stages, d.head}.Params() }

// Buffers returns the buffers.
func (d *Discriminator) Buffers() []*Param { return Chain{d.stages, d.head}.Buffers() }

// Apply returns D (N, 1) of images x (N, H, W, Out), given c.Class if there are classes.
func (d *Discriminator) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	n := d.Config
	if s := x.Shape(); len(s) != 4 || s[1] != n.ImageHeight || s[2] != n.ImageWidth || s[3] != n.Out {
		panic(&autodiff.ShapeError{Op: "discriminator", Shapes: []tensor.Shape{s},
			Reason: fmt.Sprintf("images must be (N, %d, %d, %d)", n.ImageHeight, n.ImageWidth, n.Out)})
	}
	return d.head.Apply(d.stages.Apply(x, c), c).Named("discriminator")
}

// newDownBlock returns the residual block of the discriminator:
//
//	z = Pool(Conv₁(x)) + Pool(Conv₃(ReLU(Conv₃(ReLU(x)))))
func newDownBlock(name string, in, out Field) *branches {
	return &branches{
		path: Chain{NewLeakyReLU(0), NewSpectralConv2D(name+".conv1", in, out, 3, true), NewLeakyReLU(0),
			NewSpectralConv2D(name+".conv2", out, out, 3, true), NewMaxPool()},
		skip: Chain{NewSpectralConv2D(name+".skip", in, out, 1, true), NewMaxPool()},
	}
}
