package nn

import (
	"fmt"
	"slices"
	"strings"

	"spdiff/autodiff"
)

// A UNet is the U-Net of Dhariwal and Nichol (Diffusion Models Beat GANs on Image Synthesis, 2021, known as ADM): residual
// blocks with FiLM by time and class, attention, resampling inside residual blocks, and no positions anywhere. Its
// parameters have the names and, in files, the layouts of the ADM code in PyTorch.
//
// Over a group its kernels are tied, or its features regular. Then the network commutes with the group to the last bit,
// f(g·x) = g·f(x) for every g: each layer is pointwise, or sums in an order that the group maps to itself.
type UNet struct {
	Config UNetConfig // with the groups and heads that the network has

	time    *TimeEmbedding
	classes *Embedding // nil if there are none
	down    []Chain
	middle  Chain
	up      []Chain
	norm    *GroupNorm
	out     *Conv2D
	params  []*Param
}

// NewUNet makes the network with all parameters zero: Init or SetWeights come next. Its Config is a copy of c.Fitted(). It returns the
// error of c.Validate.
func NewUNet(c UNetConfig) (*UNet, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.Fitted()
	b := builder{config: c}
	for level := range c.Mult {
		g, err := NewGrid(c.Group, c.ImageHeight>>level, c.ImageWidth>>level)
		if err != nil {
			return nil, err
		}
		b.grids = append(b.grids, g)
	}
	u := b.unet()
	u.Config = c.Clone()
	return u, nil
}

// Init gives the parameters their first values, which depend on the seed alone: see Param.Init. The last convolution
// starts at zero, and so does the network.
func (u *UNet) Init(seed uint64) { initAll(u, seed) }

// Params returns the parameters, those of layers closer to the input first.
func (u *UNet) Params() []*Param { return slices.Clone(u.params) }

// Apply returns the network's value (N, H, W, Out) at images x (N, H, W, In), under c.Time and, if there are classes,
// c.Class; and perhaps c.Labels and c.Dropout.
//
// Every operation carries the name of its layer as its label. It panics with a *autodiff.ShapeError if a shape is wrong, and
// with a *ConditionError if a condition is missing.
func (u *UNet) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	u.check(x, c)
	emb := u.time.Apply(c.Time, c)
	if u.classes != nil {
		emb = autodiff.Add(emb, u.classes.Apply(c.Class, c)).Named("embedding")
	}
	c = &Conditions{Embedding: autodiff.SiLU(emb).Named("embedding"), Dropout: c.Dropout, Precision: c.Precision}
	var kept []*autodiff.Node
	for _, stage := range u.down {
		x = stage.Apply(x, c)
		kept = append(kept, x)
	}
	x = u.middle.Apply(x, c)
	for i, stage := range u.up {
		x = stage.Apply(concatPlanes(u.norm.In.Planes(), x, kept[len(kept)-1-i]), c)
	}
	return u.out.Apply(u.norm.ApplySiLU(x), c)
}

// check panics unless the inputs are those of the network.
func (u *UNet) check(x *autodiff.Node, given *Conditions) {
	c := u.Config
	bad := func(reason string, x ...*autodiff.Node) {
		e := &autodiff.ShapeError{Op: "unet", Reason: reason}
		for _, n := range x {
			e.Shapes = append(e.Shapes, n.Shape())
		}
		panic(e)
	}
	s := x.Shape()
	one := func(field string, value *autodiff.Node) {
		if value == nil {
			panic(&ConditionError{"unet", field})
		}
		if len(value.Shape()) != 1 || value.Shape()[0] != s[0] {
			bad(fmt.Sprintf("there must be one %s for each image", strings.ToLower(field)), x, value)
		}
	}
	if len(s) != 4 || s[1] != c.ImageHeight || s[2] != c.ImageWidth || s[3] != c.In {
		bad(fmt.Sprintf("images must be (N, %d, %d, %d)", c.ImageHeight, c.ImageWidth, c.In), x)
	}
	if given == nil {
		given = &Conditions{}
	}
	one("Time", given.Time)
	if c.Classes > 0 {
		one("Class", given.Class)
	}
	if l := given.Labels; l != nil && !slices.Equal(l.Shape(), []int{s[0], c.Labels}) {
		bad(fmt.Sprintf("labels must be (N, %d)", c.Labels), x, l)
	}
}

// A builder makes the blocks that a plan lists.
type builder struct {
	config UNetConfig
	grids  []*Grid // of the levels
}

func (b builder) unet() *UNet {
	c, p := b.config, b.config.plan()
	first := b.features(0, c.Mult[0]*c.Width)
	u := &UNet{
		time: NewTimeEmbedding("time_embed", c.Width, c.embedding()),
		down: b.stages(p.down), middle: b.stage(p.middle), up: b.stages(p.up),
		norm: NewGroupNorm("out.0", first, c.Groups),
		out:  newConv2D("out.2", first, Scalars(b.grids[0], c.Out), c.Kernel, c.Taps),
	}
	endsAtZero(u.out)
	if c.Labels > 0 {
		u.time.withLabels(c.Labels)
	}
	all := Chain{u.time}
	if c.ClassRows() > 0 {
		u.classes = NewEmbedding("label_emb", c.ClassRows(), c.embedding())
		all = append(all, u.classes)
	}
	for _, stage := range slices.Concat(u.down, []Chain{u.middle}, u.up) {
		all = append(all, stage)
	}
	u.params = append(all, u.norm, u.out).Params()
	return u
}

// features returns the field of c channels on the grid of a level.
func (b builder) features(level, c int) Field {
	return Field{b.grids[level], b.config.Features, c}
}

func (b builder) stages(plans [][]blockPlan) (stages []Chain) {
	for _, p := range plans {
		stages = append(stages, b.stage(p))
	}
	return stages
}

func (b builder) stage(plans []blockPlan) (stage Chain) {
	for _, p := range plans {
		stage = append(stage, p.kind.make(b, p))
	}
	return stage
}
