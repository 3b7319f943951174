package nn

import (
	"fmt"
	"slices"

	"spdiff/autodiff"
)

// A UNet is the U-Net of Dhariwal and Nichol (Diffusion Models Beat GANs on Image Synthesis, 2021, known as ADM): residual
// blocks with FiLM by time and class, attention, resampling inside residual blocks, and no positions anywhere. Its
// parameters have the names and, in files, the layouts of the ADM code in PyTorch.
//
// Over a group its kernels are tied, or its features regular. Then the network commutes with the group to the last bit,
// f(g·x) = g·f(x) for every g: each layer is pointwise, or sums in an order that the group maps to itself.
type UNet struct {
	Config UNetConfig

	time    *TimeEmbedding
	classes *Embedding // nil if there are none
	down    [][]block
	middle  []block
	up      [][]block
	norm    *GroupNorm
	out     *Conv2D
	params  []*Param
}

// A block maps feature maps to feature maps, under conditions that are the same for all pixels.
type block interface {
	apply(x *autodiff.Node, c conditions) *autodiff.Node
	Params() []*Param
}

// conditions are what blocks take besides feature maps.
type conditions struct {
	emb     *autodiff.Node // SiLU of the embedding of time and class (N, 4·Width)
	dropout *autodiff.Node // the key of dropout; nil: nothing is dropped
}

// NewUNet makes the network with all parameters zero: Init or SetWeights come next. It returns the error of c.Validate.
func NewUNet(c UNetConfig) (*UNet, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b := builder{config: c.Fitted()}
	for level := range c.Mult {
		g, err := NewGrid(c.Group, c.ImageHeight>>level, c.ImageWidth>>level)
		if err != nil {
			return nil, err
		}
		b.grids = append(b.grids, g)
	}
	u := b.unet()
	u.Config = c
	return u, nil
}

// Init gives the parameters their first values, which depend on the seed alone: see Param.Init. The last convolution
// starts at zero, and so does the network.
func (u *UNet) Init(seed uint64) {
	for _, p := range u.params {
		p.Init(seed)
	}
}

// Params returns the parameters, those of layers closer to the input first.
func (u *UNet) Params() []*Param { return slices.Clone(u.params) }

// Apply returns the network's value (N, H, W, Out) at images x (N, H, W, In), times t (N) and classes y (N), whole numbers
// from 0; y is not looked at if there are no classes. dropout is the key of the dropout, see autodiff.Dropout; with nil
// nothing is dropped, as is right outside training.
//
// Every operation carries the name of its layer as its label. It panics with a *autodiff.ShapeError if a shape is wrong.
func (u *UNet) Apply(x, t, y, dropout *autodiff.Node) *autodiff.Node {
	u.check(x, t, y)
	emb := u.time.Apply(t)
	if u.classes != nil {
		emb = autodiff.Add(emb, u.classes.Apply(y)).Named("embedding")
	}
	c := conditions{autodiff.SiLU(emb).Named("embedding"), dropout}
	var kept []*autodiff.Node
	for _, s := range u.down {
		x = through(s, x, c)
		kept = append(kept, x)
	}
	x = through(u.middle, x, c)
	for i, s := range u.up {
		x = through(s, concatPlanes(u.norm.In.Planes(), x, kept[len(kept)-1-i]), c)
	}
	return u.out.Apply(u.norm.ApplySiLU(x))
}

// check panics unless the inputs are those of the network.
func (u *UNet) check(x, t, y *autodiff.Node) {
	c := u.Config
	bad := func(reason string, x ...*autodiff.Node) {
		e := &autodiff.ShapeError{Op: "unet", Reason: reason}
		for _, n := range x {
			e.Shapes = append(e.Shapes, n.Shape())
		}
		panic(e)
	}
	s := x.Shape()
	if len(s) != 4 || s[1] != c.ImageHeight || s[2] != c.ImageWidth || s[3] != c.In {
		bad(fmt.Sprintf("images must be (N, %d, %d, %d)", c.ImageHeight, c.ImageWidth, c.In), x)
	}
	if len(t.Shape()) != 1 || t.Shape()[0] != s[0] {
		bad("there must be one time for each image", x, t)
	}
	switch {
	case c.Classes == 0:
	case y == nil:
		bad(fmt.Sprintf("the network has %d classes: each image needs one", c.Classes), x)
	case len(y.Shape()) != 1 || y.Shape()[0] != s[0]:
		bad("there must be one class for each image", x, y)
	}
}

func through(s []block, x *autodiff.Node, c conditions) *autodiff.Node {
	for _, b := range s {
		x = b.apply(x, c)
	}
	return x
}

// A builder makes the blocks that a plan lists.
type builder struct {
	config UNetConfig
	grids  []*Grid // of the levels
}

func (b builder) unet() *UNet {
	c, p := b.config, b.config.plan()
	first := b.features(0, c.Mult[0]*c.Width)
	u := &UNet{time: NewTimeEmbedding("time_embed", c.Width, 4*c.Width)}
	u.params = u.time.Params()
	if c.Classes > 0 {
		u.classes = NewEmbedding("label_emb", c.Classes, 4*c.Width)
		u.params = append(u.params, u.classes.Params()...)
	}
	u.down, u.middle, u.up = b.stages(p.down), b.stage(p.middle), b.stages(p.up)
	for _, s := range slices.Concat(u.down, [][]block{u.middle}, u.up) {
		for _, layer := range s {
			u.params = append(u.params, layer.Params()...)
		}
	}
	u.norm = NewGroupNorm("out.0", first, c.Groups)
	u.out = NewConv2D("out.2", first, Scalars(b.grids[0], c.Out), c.Kernel)
	endsAtZero(u.out.Params())
	u.params = slices.Concat(u.params, u.norm.Params(), u.out.Params())
	return u
}

// features returns the field of c channels on the grid of a level.
func (b builder) features(level, c int) Field {
	return Field{b.grids[level], b.config.Features, c}
}

func (b builder) stages(plans [][]blockPlan) (stages [][]block) {
	for _, p := range plans {
		stages = append(stages, b.stage(p))
	}
	return stages
}

func (b builder) stage(plans []blockPlan) (s []block) {
	for _, p := range plans {
		s = append(s, b.block(p))
	}
	return s
}

func (b builder) block(p blockPlan) block {
	c := b.config
	in, out := b.features(p.from, p.in), b.features(p.to, p.out)
	switch p.kind {
	case inputConv:
		return NewConv2D(p.name, Scalars(b.grids[p.from], p.in), out, c.Kernel)
	case attention:
		return NewAttention(p.name, in, c.headOf(p.in), c.Groups)
	}
	return NewResBlock(p.name, in, out, ResBlockConfig{Embedding: 4 * c.Width, Groups: c.Groups, Kernel: c.Kernel, Dropout: c.Dropout})
}
