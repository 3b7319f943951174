package spdiff

import (
	"spdiff/autodiff"
	"spdiff/nn"
)

// A ganInputs is what a generator makes images of.
type ganInputs struct {
	z, element, class *autodiff.Node // element and class may be nil
	precision         Precision
}

func newGANInputs(c nn.GANConfig, n int, p Precision) (in ganInputs) {
	in.precision = p
	in.z = autodiff.Input("z", n, c.Latent)
	if c.Symmetrise {
		in.element = autodiff.Input("element", n)
	}
	if c.Classes > 0 {
		in.class = autodiff.Input("class", n)
	}
	return in
}

// conditions returns what the networks are told besides.
func (in ganInputs) conditions(u *nn.Updates) *nn.Conditions {
	return &nn.Conditions{Class: in.class, Element: in.element, Updates: u, Precision: in.precision.ofProducts()}
}

// latent returns the memory of the inputs.
func (in ganInputs) latent(w *autodiff.Workspace) latent {
	return latent{length: in.z.Shape()[1], z: w.Input(in.z), element: given(w, in.element), class: given(w, in.class)}
}

// A ganProgram is one of the programs of a step: what it takes and gives. What it has no use for is nil.
type ganProgram struct {
	ganInputs
	real, fake, mixed *autodiff.Node // images
	image             *autodiff.Node // what is generated
	loss, penalty     *autodiff.Node
	gradients         []*autodiff.Node
	updates           *nn.Updates
	compiled          *autodiff.Program
	workspace         *autodiff.Workspace
}

func (p *ganProgram) compile(outputs ...*autodiff.Node) {
	p.compiled = autodiff.CompileStep(outputs...)
}

// fakesOf compiles the generator as it acts in training, without a gradient.
func fakesOf(c GANConfig, g *nn.Generator) *ganProgram {
	p := &ganProgram{ganInputs: newGANInputs(c.Network, c.Batch, c.Precision)}
	p.image = g.Apply(p.z, p.conditions(&nn.Updates{}))
	p.compile(p.image)
	return p
}

// criticOf compiles an update of the discriminator.
func criticOf(c GANConfig, d *nn.Discriminator) *ganProgram {
	p := &ganProgram{ganInputs: ganInputs{precision: c.Precision}, updates: &nn.Updates{}}
	n := c.Network
	image := func(name string) *autodiff.Node {
		return autodiff.Input(name, c.Batch, n.ImageHeight, n.ImageWidth, n.Out)
	}
	p.real, p.fake = image("real"), image("fake")
	if n.Classes > 0 {
		p.class = autodiff.Input("class", c.Batch)
	}
	judge := func(x *autodiff.Node) *autodiff.Node { return d.Apply(x, p.conditions(p.updates)) }
	real := judge(p.real)
	p.loss = c.Loss.Critic(real, judge(p.fake))
	if c.Loss.Mixed() {
		p.mixed = image("mixed")
		p.penalty = c.Loss.Penalty(judge(p.mixed), p.mixed)
	} else {
		p.penalty = c.Loss.Penalty(real, p.real)
	}
	whole := autodiff.Add(p.loss, autodiff.Scale(p.penalty, float32(c.Loss.Weight)))
	p.gradients = gradientsOf(whole, d.Params())
	p.compile(append(append(p.updates.Nodes(), p.loss, p.penalty), p.gradients...)...)
	return p
}

// generatorOf compiles an update of the generator.
func generatorOf(c GANConfig, g *nn.Generator, d *nn.Discriminator) *ganProgram {
	p := &ganProgram{ganInputs: newGANInputs(c.Network, c.Batch, c.Precision), updates: &nn.Updates{}}
	n := c.Network
	p.real = autodiff.Input("real", c.Batch, n.ImageHeight, n.ImageWidth, n.Out)
	fake := g.Apply(p.z, p.conditions(p.updates))
	p.loss = c.Loss.Generator(d.Apply(p.real, p.conditions(nil)), d.Apply(fake, p.conditions(nil)))
	p.gradients = gradientsOf(p.loss, g.Params())
	p.compile(append(append(p.updates.Nodes(), p.loss), p.gradients...)...)
	return p
}

// open takes the memory.
func (p *ganProgram) open() { p.workspace = p.compiled.NewWorkspace() }

// optimiser returns one that moves the layer by the gradients.
func (p *ganProgram) optimiser(c nn.OptimiserConfig, l nn.Layer) *nn.Optimiser {
	return newOptimiser(c, l.Params(), p.workspace, p.gradients)
}

// run evaluates the program.
func (p *ganProgram) run() {
	p.workspace.Prepare()
	p.workspace.Run()
}
