package spdiff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"spdiff/autodiff"
	"spdiff/nn"
	"spdiff/sde"
)

// Train trains a model on the images of s for c.Steps steps: each draws images, times and noise ε, and moves the weights
// against the gradient of the weighted mean of (prediction − target)² at x_t = α(t)·x₀ + σ(t)·ε (denoising score matching,
// eq. 4 of the paper): the network predicts what c.Predict says, and errors count as c.Weight says.
//
// After each step it calls each, which may be nil, with what the step did and the trainer, to save it or to sample from it:
// see [Trainer.Run]. With every error comes the model as far as it was trained, nil if it never began.
func Train(ctx context.Context, c Config, s Source, each func(*Trainer, Step) error) (*Model, error) {
	t, err := NewTrainer(c, s)
	if err != nil {
		return nil, err
	}
	err = t.Run(ctx, with(t, each))
	return t.Model(), err
}

// with returns what is called after a step as a function of the step alone, nil if it is.
func with[T any](t T, each func(T, Step) error) func(Step) error {
	if each == nil {
		return nil
	}
	return func(s Step) error { return each(t, s) }
}

// ErrStop, returned by the function that [Trainer.Run] or [Train] calls after a step, ends the training without failure: they
// return nil. For a training that only ErrStop ends, such as after a given time, set Config.Steps to [MaxSteps].
var ErrStop = errors.New("the training is to end here")

// Run makes steps until Config().Steps are done, none if they are. After a step it calls each, which may be nil. An error from
// it ends the training and is returned, except [ErrStop]. A done ctx ends it between steps: the error matches ctx's error and its
// cause (errors.Is). When Run returns, the source is no longer read. Run may be called again, and goes on.
func (t *Trainer) Run(ctx context.Context, each func(Step) error) error {
	return run(ctx, t, t.config.Steps, each)
}

// A training is one of a network, or of two that play against each other.
type training interface {
	Steps() int
	Step() (Step, error)
	Wait()
}

// run makes steps until so many are done.
func run(ctx context.Context, t training, steps int, each func(Step) error) (err error) {
	defer t.Wait()
	begun := time.Now()
	logger(ctx).InfoContext(ctx, "training", "done", t.Steps(), "of", steps)
	defer func() { ended(ctx, slog.LevelInfo, "training ended", begun, err, slog.Int("done", t.Steps())) }()
	for t.Steps() < steps {
		if err := sde.Stopped(ctx); err != nil {
			return err
		}
		step, err := t.Step()
		if err != nil {
			return err
		}
		step.log(ctx)
		if each == nil {
			continue
		}
		if err := each(step); errors.Is(err, ErrStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// A Trainer is a training under way: for those who want to steer it step by step; Train is a loop around it. It is for one
// goroutine at a time. In a steady state a step allocates nothing, but
// for the images that Config.Augmentation moves.
type Trainer struct {
	// Notes are saved with the state and are there again when it is resumed, for what the training itself need not know, as which
	// images these are. They are the caller's.
	Notes map[string]string

	config    Config // resolved
	feed      *feed
	diffuser  *diffuser
	network   *nn.UNet
	program   *autodiff.Program
	workspace *autodiff.Workspace
	batch     batch
	loss      *autodiff.Node // the mean square of the error
	penalty   *autodiff.Node // that of the regulariser, nil if there is none
	optimiser *nn.Optimiser

	conditioner *conditioner // nil without self-conditioning
	regulariser *regulariser // nil if there is none
}

// NewTrainer begins a training. It returns the error of c.Validate, a *SourceError if s has no images or not such as the
// network takes, or a *MemoryError if the training would not fit into the machine: before its memory is taken.
func NewTrainer(c Config, s Source) (*Trainer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.Resolved()
	if err := checkShape(s, c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out); err != nil {
		return nil, err
	}
	t := &Trainer{config: c}
	if err := t.compile(s.Len()); err != nil {
		return nil, err
	}
	t.feed = newFeed(c.feeding(), s)
	t.diffuser = newDiffuser(c, t.feed)
	return t, nil
}

// compile builds the graph of a step, its gradient included, and makes the memory to run it in, if there is enough for a
// training on so many images.
func (t *Trainer) compile(images int) (err error) {
	c := t.config
	if err := roomForImages(c.Network, c.Batch); err != nil {
		return err
	}
	if err := t.room(images); err != nil {
		return err
	}
	if t.network, err = nn.NewUNet(c.Network); err != nil {
		return err
	}
	if err := t.addForwards(); err != nil {
		return err
	}
	g := newStepGraph(c, t.network)
	t.loss, t.penalty = g.loss, g.penalty
	gradients := gradientsOf(g.whole(c.Penalty), t.network.Params())
	t.program = autodiff.CompileStep(g.outputs(gradients)...)
	if err := t.room(images); err != nil {
		return err
	}
	t.network.Init(c.Seed)
	t.workspace = t.program.NewWorkspace()
	t.batch = g.batch(t.workspace)
	t.optimiser = newOptimiser(c.optimiser(), t.network.Params(), t.workspace, gradients)
	for _, f := range t.forwards() {
		f.open()
	}
	return nil
}

// addForwards compiles what the method evaluates beside the step.
func (t *Trainer) addForwards() (err error) {
	if t.config.Condition {
		t.conditioner = newConditioner(t.config, t.network)
	}
	if t.config.Method.regularised() {
		t.regulariser, err = newRegulariser(t.config)
	}
	return err
}

// forwards returns what is evaluated beside the step.
func (t *Trainer) forwards() (all []*forward) {
	if t.conditioner != nil {
		all = append(all, t.conditioner.forward)
	}
	if t.regulariser != nil {
		all = append(all, t.regulariser.forward)
	}
	return all
}

// room returns a *MemoryError if a training on n images does not fit into the machine.
func (t *Trainer) room(images int) error {
	return enough(t.need(images), "a training of %d parameters on %d images, %d a step (a smaller batch or a narrower network takes less)",
		t.config.Network.Parameters(), images, t.config.Batch)
}

// need returns how many numbers a training takes: the state, a model of it, a regulariser's mean, the images of a batch at each
// stage, the orders of two epochs, and what the step's program needs once it is known, before that the gradient.
func (t *Trainer) need(images int) float64 {
	c := t.config
	copies := c.stateTensors() + 1
	if t.program == nil {
		copies++
	}
	if c.Method.regularised() {
		copies++
	}
	n := c.Network
	numbers := float64(n.Parameters())*copies + 4*float64(c.Batch)*float64(n.ImageHeight)*float64(n.ImageWidth)*float64(n.Out) + 4*float64(images)
	if t.program != nil {
		numbers += float64(t.program.ArenaLen())
	}
	for _, f := range t.forwards() {
		numbers += float64(f.program.ArenaLen())
	}
	return numbers
}

// Config returns the configuration, with all that is derived.
func (t *Trainer) Config() Config { return t.config.Clone() }

// Steps returns how many steps are done.
func (t *Trainer) Steps() int { return t.optimiser.State().Steps }

// Step makes a step, also beyond Config().Steps. It returns the source's error, or a *DivergedError if the loss or the gradient
// is not a finite number; then the weights are as they were before. After [MaxSteps] steps, where int has 32 bits after as many as show
// 2³¹−1 images, it returns a *ConfigError.
func (t *Trainer) Step() (Step, error) {
	n := t.Steps()
	if most := t.config.maxSteps(); n >= most {
		return Step{}, &ConfigError{Field: "steps", Value: n, Reason: fmt.Sprintf("a training of %d images a step ends there", t.config.Batch)}
	}
	if err := t.diffuser.fill(&t.batch, n); err != nil {
		return Step{}, fmt.Errorf("step %d: %w", n+1, err)
	}
	if t.conditioner != nil {
		if err := t.conditioner.fill(&t.batch, n); err != nil {
			return Step{}, err
		}
	}
	if t.regulariser != nil {
		t.regulariser.fill(&t.batch, n, t.optimiser)
	}
	t.workspace.Prepare()
	t.workspace.Run()
	return t.update(n)
}

// update moves the weights by the gradient of step n.
func (t *Trainer) update(n int) (s Step, err error) {
	s = Step{Number: n + 1, Loss: float64(t.workspace.Output(t.loss)[0]), Rate: t.config.Rate.At(n), regularised: t.penalty != nil}
	if t.penalty != nil {
		s.Penalty = float64(t.workspace.Output(t.penalty)[0])
	}
	if s.Norm, err = move(t.optimiser, t.workspace, s.Rate, s.Number, s.Loss, s.Penalty); err != nil {
		return Step{}, err
	}
	return s, nil
}

// Fall lets the learning rate fall towards 0 in the next n steps, as [nn.Fall] says; after them it is as before. It is for trainings
// whose end was not known when they began. Config().Rate includes the fall, and so do the states saved from then on: the
// training is a function of its configuration as before. It returns a *ConfigError where n is less than 1, the steps are too many, or
// the rate falls already in one of them.
func (t *Trainer) Fall(n int) error {
	at := t.Steps()
	if n < 1 || n > t.config.maxSteps()-at {
		return &ConfigError{Field: "fall", Value: n, Reason: fmt.Sprintf("it must be from 1 to %d steps", t.config.maxSteps()-at)}
	}
	return t.FallBetween(at, at+n)
}

// FallBetween is Fall in the coming steps from, …, to−1: for a training whose end is known before the fall begins. A state that is
// saved meanwhile includes the fall, too.
func (t *Trainer) FallBetween(from, to int) error {
	n := to - from
	if from < t.Steps() || n < 1 || to > t.config.maxSteps() {
		return &ConfigError{Field: "fall", Value: n, Reason: fmt.Sprintf("it must be from step %d to %d at most, and one step at least", t.Steps(), t.config.maxSteps())}
	}
	rate := t.config.Rate.Clone()
	rate.Falls = append(rate.Falls, nn.Fall{From: from, To: to})
	slices.SortFunc(rate.Falls, func(a, b nn.Fall) int { return cmp.Compare(a.From, b.From) })
	if rate.Validate() != nil {
		return &ConfigError{Field: "fall", Value: n, Reason: "the learning rate falls already in some of these steps"}
	}
	t.config.Rate = rate
	return nil
}

// Model returns a copy of the model as it is: the running mean of the weights, Optimiser.Averages[0].
func (t *Trainer) Model() *Model { return t.Average(0) }
