package spdiff

import (
	"context"
	"errors"
	"fmt"

	"spdiff/nn"
	"spdiff/tensor"
)

// TrainGAN trains a generative adversarial network on the images of s for c.Steps steps of its generator; it is [Train] for GANs.
func TrainGAN(ctx context.Context, c GANConfig, s Source, each func(*GANTrainer, Step) error) (*GAN, error) {
	t, err := NewGANTrainer(c, s)
	if err != nil {
		return nil, err
	}
	err = t.Run(ctx, with(t, each))
	return t.Model(), err
}

// A GANTrainer is the training of a GAN under way, as [Trainer] is that of a diffusion. A step is c.CriticSteps updates of the
// discriminator, each on images and latents of its own, and one of the generator, on latents of its own and the last of these images.
// Generated images have the classes of the images beside them. The images of all updates are read before the first. It is for one
// goroutine at a time.
type GANTrainer struct {
	// Notes are saved with the state and are there again when it is resumed. They are the caller's.
	Notes map[string]string

	config    GANConfig // resolved
	feed      *feed     // of the images of a step, one update's after another's
	generator *nn.Generator
	critic    *nn.Discriminator

	fakes, judging, making *ganProgram // the generator's images, the discriminator's update, the generator's

	criticOptimiser, optimiser *nn.Optimiser

	watch   ganWatch
	failure error // of a step that was begun and not ended
	draw    int   // of latents, under way
	to      latent
	drawing []tensor.Task
	mixing  []tensor.Task
}

// NewGANTrainer begins a training. It returns the error of c.Validate, a *SourceError if s has no images or not such as the networks
// take, or a *MemoryError if the training would not fit into the machine.
func NewGANTrainer(c GANConfig, s Source) (*GANTrainer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.Resolved()
	if err := checkShape(s, c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out); err != nil {
		return nil, err
	}
	t := &GANTrainer{config: c, watch: ganWatch{kind: c.Loss.Kind}}
	if err := t.compile(s.Len()); err != nil {
		return nil, err
	}
	t.feed = newFeed(feeding{c.Seed, c.CriticSteps * c.Batch, c.Network.Classes, c.Group, c.Rotate, c.Augment, 0}, s)
	t.drawing = []tensor.Task{{N: c.Batch, Do: func(j, _ int) { t.drawLatent(j) }}}
	t.mixing = []tensor.Task{{N: c.Batch, Do: func(j, _ int) { t.mix(j) }}}
	return t, nil
}

// compile builds the programs of a step, and makes the memory to run them in.
func (t *GANTrainer) compile(images int) (err error) {
	c := t.config
	if err := t.room(images); err != nil {
		return err
	}
	if t.generator, err = nn.NewGenerator(c.Network); err != nil {
		return err
	}
	if t.critic, err = nn.NewDiscriminator(c.Network); err != nil {
		return err
	}
	t.generator.Init(c.Seed)
	t.critic.Init(c.Seed + 1)
	t.fakes, t.judging, t.making = fakesOf(c, t.generator), criticOf(c, t.critic), generatorOf(c, t.generator, t.critic)
	if err := t.room(images); err != nil {
		return err
	}
	for _, p := range []*ganProgram{t.fakes, t.judging, t.making} {
		p.open()
	}
	t.criticOptimiser = t.judging.optimiser(c.Critic, t.critic)
	t.optimiser = t.making.optimiser(c.Generator, t.generator)
	return nil
}

// room returns a *MemoryError if a training on so many images does not fit into the machine: the state and a model, the orders of two
// epochs, the images of a step as they are read and as they are moved, and what the programs need once they are known, before that the
// first feature maps.
func (t *GANTrainer) room(images int) error {
	c := t.config
	n := c.Network
	pixels := float64(c.Batch) * float64(n.ImageHeight) * float64(n.ImageWidth)
	numbers := 5*float64(n.Parameters()) + 4*float64(images) + pixels*float64((2*c.CriticSteps+1)*n.Out+n.Critic[0])
	if t.making != nil {
		for _, p := range []*ganProgram{t.fakes, t.judging, t.making} {
			numbers += float64(p.compiled.ArenaLen())
		}
	}
	return enough(numbers, "a training of %d parameters, %d images an update (a smaller batch or narrower networks take less)", n.Parameters(), c.Batch)
}

// Config returns the configuration, with all that is derived.
func (t *GANTrainer) Config() GANConfig { return t.config.Clone() }

// Steps returns how many steps are done.
func (t *GANTrainer) Steps() int { return t.optimiser.State().Steps }

// Wait returns when the trainer no longer reads its source, as [Trainer.Wait] does.
func (t *GANTrainer) Wait() { t.feed.reader.stop() }

// Run makes steps until Config().Steps are done, as [Trainer.Run] does. A *CollapsedError ends it too.
func (t *GANTrainer) Run(ctx context.Context, each func(Step) error) error {
	return run(ctx, t, t.config.Steps, each)
}

// Step makes a step. It returns the source's error, before anything has moved, so that the step may be tried again; a *DivergedError if
// a loss or a gradient is not a finite number; or a *CollapsedError, with the step done, if the training has come to a standstill. After
// a *DivergedError the trainer is within a step: what was saved before is the last good state, and Step and Save return the error
// again. Where no step is left it returns a *ConfigError, as [Trainer.Step] does.
func (t *GANTrainer) Step() (s Step, err error) {
	n := t.Steps()
	switch {
	case t.failure != nil:
		return Step{}, t.failure
	case n >= t.config.maxSteps():
		return Step{}, &ConfigError{Field: "steps", Value: n, Reason: fmt.Sprintf("a training of %d images an update ends there", t.config.Batch)}
	}
	if err := t.feed.fill(n); err != nil {
		return Step{}, fmt.Errorf("step %d: %w", n+1, err)
	}
	s.Number, s.adversarial = n+1, true
	for k := range t.config.CriticSteps {
		if t.failure = t.updateCritic(n, k, &s); t.failure != nil {
			return Step{}, t.failure
		}
	}
	if t.failure = t.updateGenerator(n, &s); t.failure != nil {
		return Step{}, t.failure
	}
	return s, t.watch.see(s)
}

// updateCritic makes the k-th update of the discriminator in step n.
func (t *GANTrainer) updateCritic(n, k int, s *Step) error {
	t.drawLatents(t.fakes, n*(t.config.CriticSteps+1)+k)
	t.setClasses(t.fakes, k)
	t.fakes.run()
	p := t.judging
	w := p.workspace
	t.setImages(p, k)
	t.setClasses(p, k)
	copy(w.Input(p.fake), t.fakes.workspace.Output(t.fakes.image))
	if p.mixed != nil {
		tensor.Run(t.mixing...)
	}
	p.run()
	s.Loss, s.Penalty = float64(w.Output(p.loss)[0]), float64(w.Output(p.penalty)[0])
	s.Rate = t.config.CriticRate.At(n)
	return t.move(p, t.criticOptimiser, s.Rate, n, s.Loss, s.Penalty, &s.Norm)
}

// updateGenerator makes the update of the generator in step n.
func (t *GANTrainer) updateGenerator(n int, s *Step) error {
	p, updates := t.making, t.config.CriticSteps
	t.drawLatents(p, n*(updates+1)+updates)
	t.setImages(p, updates-1)
	t.setClasses(p, updates-1)
	p.run()
	g := &s.Generator
	g.Loss, g.Rate = float64(p.workspace.Output(p.loss)[0]), t.config.Rate.At(n)
	return t.move(p, t.optimiser, g.Rate, n, g.Loss, 0, &g.Norm)
}

// move moves the weights by a program's gradients, and then its buffers.
func (t *GANTrainer) move(p *ganProgram, o *nn.Optimiser, rate float64, n int, loss, penalty float64, norm *float64) (err error) {
	if *norm, err = move(o, p.workspace, rate, n+1, loss, penalty); err != nil {
		var diverged *DivergedError
		if errors.As(err, &diverged) {
			diverged.adversarial = true
		}
		return err
	}
	p.updates.Apply(p.workspace)
	return nil
}

// drawLatents sets the inputs of a program to the latents of a draw, but for the classes.
func (t *GANTrainer) drawLatents(p *ganProgram, draw int) {
	t.draw, t.to = draw, p.latent(p.workspace)
	tensor.Run(t.drawing...)
}

func (t *GANTrainer) drawLatent(j int) {
	number := uint64(t.draw*t.config.Batch + j)
	t.to.draw(j, latents.stream(t.config.Seed, number), poses.stream(t.config.Seed, number), t.config.Group.Order())
}

// setImages sets the images of a program to those of the k-th update of the discriminator.
func (t *GANTrainer) setImages(p *ganProgram, k int) {
	to := p.workspace.Input(p.real)
	copy(to, t.feed.images[k*len(to):])
}

// setClasses sets the classes of a program to those of the images of the k-th update of the discriminator.
func (t *GANTrainer) setClasses(p *ganProgram, k int) {
	if p.class == nil {
		return
	}
	to := p.workspace.Input(p.class)
	for j := range to {
		to[j] = float32(t.feed.class[k*len(to)+j])
	}
}

// mix sets place j of the points for the penalty: u of an image and the rest of a generated one, u uniform.
func (t *GANTrainer) mix(j int) {
	p, n := t.judging, t.feed.h*t.feed.w*t.feed.c
	var u [1]float32
	mixes.stream(t.config.Seed, uint64(t.draw*t.config.Batch+j)).Uniform(u[:], 0)
	at := func(x []float32) []float32 { return x[j*n : (j+1)*n] }
	to, real, fake := at(p.workspace.Input(p.mixed)), at(p.workspace.Input(p.real)), at(p.workspace.Input(p.fake))
	for i, v := range fake {
		to[i] = v + float32(u[0]*(real[i]-v))
	}
}

// Model returns a copy of the model as it is: the generator, with the running statistics of its norms.
func (t *GANTrainer) Model() *GAN {
	g, err := nn.NewGenerator(t.config.Network)
	if err != nil {
		panic(err) // the trainer has one like it
	}
	copyParams(g.Params(), t.generator.Params())
	copyParams(g.Buffers(), t.generator.Buffers())
	return &GAN{config: t.config.Clone(), network: g}
}

func copyParams(to, from []*nn.Param) {
	for i, p := range from {
		copy(to[i].Value.Data(), p.Value.Data())
	}
}
