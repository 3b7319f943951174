package nn

import (
	"fmt"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Generator makes images of noise: the one of SP-GAN (Birrell, Katsoulakis, Rey-Bellet and Zhu, Structure-preserving GANs, ICML
// 2022). Noise z and class become a code; the code, by a linear map, a small feature map of scalars; that is moved by the element k of
// the group that comes with z, and goes through group convolutions, each on twice the side of that before, to an image:
//
//	G(z, a·k, y) = a·G(z, k, y)
//
// to the last bit. So if k is uniform the images' law is invariant. Without Symmetrise it is not: nothing moves the small map, which
// is what the equivariant GAN of Dey et al. (2021) had; it is here as what the symmetrisation is measured against.
type Generator struct {
	Config GANConfig

	label  *Embedding // nil: there are no classes
	dense  *SpectralLinear
	seed   Field
	stages Chain
}

// NewGenerator makes the network with all parameters zero: Init, or SetWeights, come next. It returns the error of c.Validate.
func NewGenerator(c GANConfig) (*Generator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	grids, err := ganGrids(c, len(c.Generator))
	if err != nil {
		return nil, err
	}
	top := len(c.Generator) - 1
	g := &Generator{Config: c.Clone(), seed: Scalars(grids[top], c.Seed)}
	if c.Classes > 0 {
		g.label = NewEmbedding("label", c.Classes, c.Label)
		// As in SP-GAN's code. Rows as long as z made each class one image: after 900 steps of C4-MNIST FD-digits was 8.4, and is 5.9.
		g.label.Weight.start = glorot(c.Classes, c.Label)
	}
	g.dense = NewSpectralLinear("dense", c.code(), c.Seed*g.seed.Grid.h*g.seed.Grid.w)
	if c.Symmetrise {
		g.stages = append(g.stages, NewSymmetrise(g.seed))
	}
	last := g.seed
	for i, channels := range c.Generator {
		name := fmt.Sprintf("stages.%d", i)
		out := Regulars(grids[top-i], c.plane(channels)*c.Group.Order())
		switch {
		case c.Residual && i < top:
			out.Grid = grids[top-i-1]
			g.stages = append(g.stages, newUpBlock(name, last, out, c.code()))
		case c.Residual:
			g.stages = append(g.stages, newUpBlock(name, last, out, c.code()), NewAffineBatchNorm("norm", out), NewLeakyReLU(0))
		case i == 0:
			g.stages = append(g.stages, NewSpectralConv2D(name+".conv", last, out, 3, true), NewLeakyReLU(0))
		default:
			wide := last
			wide.Grid = out.Grid
			g.stages = append(g.stages, NewUpsample(), NewSpectralConv2D(name+".conv", wide, out, 3, false),
				NewClassNorm(name+".norm", out, c.code()), NewLeakyReLU(0))
		}
		last = out
	}
	image := Regulars(grids[0], c.Out*c.Group.Order())
	g.stages = append(g.stages, NewSpectralConv2D("out", last, image, 3, false), NewGroupPool(image))
	return g, nil
}

// ganGrids returns the grids of n stages, each with half the side of that before.
func ganGrids(c GANConfig, n int) (grids []*Grid, err error) {
	for i := range n {
		g, err := NewGrid(c.Group, c.ImageHeight>>i, c.ImageWidth>>i)
		if err != nil {
			return nil, err
		}
		grids = append(grids, g)
	}
	return grids, nil
}

// Init gives parameters and buffers their first values, which depend on the seed alone.
func (g *Generator) Init(seed uint64) { initAll(g, seed) }

// Params returns the parameters.
func (g *Generator) Params() []*Param {
	all := Chain{g.dense, g.stages}
	if g.label != nil {
		all = append(Chain{g.label}, all...)
	}
	return all.Params()
}

// Buffers returns the buffers.
func (g *Generator) Buffers() []*Param { return Chain{g.dense, g.stages}.Buffers() }

// Apply returns images (N, H, W, Out) with values in (−1, 1) of noise z (N, Latent), given c.Class if there are classes, and c.Element
// if the code is symmetrised. With c.Updates its norms go by the batch, else by their running statistics.
func (g *Generator) Apply(z *autodiff.Node, c *Conditions) *autodiff.Node {
	if s := z.Shape(); len(s) != 2 || s[1] != g.Config.Latent {
		panic(&autodiff.ShapeError{Op: "generator", Shapes: []tensor.Shape{s}, Reason: fmt.Sprintf("noise must be (N, %d)", g.Config.Latent)})
	}
	if c == nil {
		c = &Conditions{}
	}
	code := z
	if g.label != nil {
		if c.Class == nil {
			panic(&ConditionError{"generator", "Class"})
		}
		code = autodiff.Concat(z, g.label.Apply(c.Class, c))
	}
	c = &Conditions{Class: c.Class, Element: c.Element, Updates: c.Updates, Embedding: code, Precision: c.Precision}
	x := autodiff.Reshape(g.dense.Apply(code, c), z.Shape()[0], g.seed.Grid.h, g.seed.Grid.w, g.seed.Channels)
	return autodiff.Tanh(g.stages.Apply(x, c)).Named("generator")
}

// newUpBlock returns the residual block of the generator:
//
//	z = Conv₁(R(x)) + Conv₃(ReLU(Norm(Conv₃(R(ReLU(Norm(x)))))))
//
// R doubles the grid, or does nothing where in and out have the same.
func newUpBlock(name string, in, out Field, code int) *branches {
	wide := in
	wide.Grid = out.Grid
	b := &branches{path: Chain{NewClassNorm(name+".norm1", in, code), NewLeakyReLU(0)}}
	if out.Grid.doubles(in.Grid) {
		b.path, b.skip = append(b.path, NewUpsample()), append(b.skip, NewUpsample())
	}
	b.path = append(b.path, NewSpectralConv2D(name+".conv1", wide, out, 3, false), NewClassNorm(name+".norm2", out, code), NewLeakyReLU(0),
		NewSpectralConv2D(name+".conv2", out, out, 3, false))
	b.skip = append(b.skip, NewSpectralConv2D(name+".skip", wide, out, 1, false))
	return b
}
