package spdiff

import (
	"context"
	"fmt"
	"math"

	"spdiff/autodiff"
	"spdiff/nn"
)

// Train trains a model on the images of s for c.Steps steps: each draws images, times and noise ε, and moves the weights
// against the gradient of the weighted mean of (prediction − target)² at x_t = α(t)·x₀ + σ(t)·ε (denoising score matching,
// eq. 4 of the paper): the network predicts what c.Predict says, and errors count as c.Weight says.
//
// After each step it calls each, which may be nil, with what the step did and the trainer, to save it or to sample from it;
// an error from it ends the training and is returned. When ctx is done, Train returns its error. With every error comes the
// model as far as it was trained, nil if it never began.
func Train(ctx context.Context, c Config, s Source, each func(*Trainer, Step) error) (*Model, error) {
	t, err := NewTrainer(c, s)
	if err != nil {
		return nil, err
	}
	defer t.Wait()
	for t.Steps() < c.Steps {
		if err := ctx.Err(); err != nil {
			return t.Model(), err
		}
		step, err := t.Step()
		if err != nil {
			return t.Model(), err
		}
		if each == nil {
			continue
		}
		if err := each(t, step); err != nil {
			return t.Model(), err
		}
	}
	return t.Model(), nil
}

// A Trainer is a training under way: for those who want to steer it step by step; Train is a loop around it. It is for one
// goroutine at a time. In a steady state a step allocates nothing.
type Trainer struct {
	config    Config
	network   *nn.UNet
	feeder    *feeder
	workspace *autodiff.Workspace
	batch     batch
	loss      *autodiff.Node // the mean square of the error
	penalty   *autodiff.Node // that of the regulariser, nil if there is none
	optimiser *nn.Optimiser

	conditioner *conditioner // nil without self-conditioning
	regulariser *regulariser // nil if there is none
}

// A Step is what a step of the training did.
type Step struct {
	Number int     // of steps done, this one included
	Loss   float64 // the mean square of the prediction's error, weighted by Config.Weight, before the step
	Norm   float64 // the length of the gradient, before clipping
	Rate   float64 // the learning rate

	Penalty float64 // the mean square of what is not equivariant, before its weight, for Reg and RegOC
}

// NewTrainer begins a training. It returns the error of c.Validate, a *SourceError if s has no images or not such as the
// network takes, or a *MemoryError if a step would not fit into the machine.
func NewTrainer(c Config, s Source) (*Trainer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := checkSource(c, s); err != nil {
		return nil, err
	}
	n := c.Network.Parameters()
	if err := enough(float64(n)*c.stateTensors(), "a training of %d parameters", n); err != nil {
		return nil, err
	}
	if err := roomForImages(c.Network, c.Batch); err != nil {
		return nil, err
	}
	network, err := nn.NewUNet(c.Network)
	if err != nil {
		return nil, err
	}
	network.Init(c.Seed)
	t := &Trainer{config: c, network: network}
	if err := t.compile(); err != nil {
		return nil, err
	}
	t.feeder = newFeeder(c, s)
	return t, nil
}

// compile builds the graph of a step, its gradient included, and makes the memory to run it in.
func (t *Trainer) compile() error {
	c := t.config
	g := newStepGraph(c, t.network)
	t.loss, t.penalty = g.loss, g.penalty
	params := t.network.Params()
	var weights []*autodiff.Node
	for _, p := range params {
		weights = append(weights, p.Node())
	}
	gradients := autodiff.Grad(g.whole(c.Penalty), weights...)
	outputs := append(gradients, g.loss)
	if g.penalty != nil {
		outputs = append(outputs, g.penalty)
	}
	program := autodiff.CompileStep(outputs...)
	if err := enough(float64(program.ArenaLen()), "a step of %d images (a smaller batch takes less)", c.Batch); err != nil {
		return err
	}
	t.workspace = program.NewWorkspace()
	var values [][]float32
	for _, v := range gradients {
		values = append(values, t.workspace.Output(v))
	}
	t.optimiser = nn.NewOptimiser(c.optimiser(), params, values)
	t.batch = g.batch(t.workspace)
	return t.addForwards()
}

// addForwards makes what the method evaluates beside the step.
func (t *Trainer) addForwards() (err error) {
	if t.batch.cond != nil {
		if t.conditioner, err = newConditioner(t.config, t.network); err != nil {
			return err
		}
	}
	if t.penalty != nil {
		t.regulariser, err = newRegulariser(t.config)
	}
	return err
}

// Config returns the configuration.
func (t *Trainer) Config() Config { return t.config }

// Steps returns how many steps are done.
func (t *Trainer) Steps() int { return t.optimiser.State().Steps }

// Step makes a step. It returns the source's error, or a *DivergedError if the loss or the gradient is not a finite number;
// then the weights are as they were before.
func (t *Trainer) Step() (Step, error) {
	n := t.Steps()
	if err := t.feeder.fill(&t.batch, n); err != nil {
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
	s := Step{Number: n + 1, Loss: float64(t.workspace.Output(t.loss)[0]), Rate: t.config.Rate.At(n)}
	if t.penalty != nil {
		s.Penalty = float64(t.workspace.Output(t.penalty)[0])
	}
	if sum := s.Loss + s.Penalty; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return Step{}, t.diverged(s.Loss, nil)
	}
	var err error
	if s.Norm, err = t.optimiser.Step(s.Rate); err != nil {
		return Step{}, t.diverged(s.Loss, err)
	}
	return s, nil
}

// diverged finds where the first number that is not finite arose.
func (t *Trainer) diverged(loss float64, cause error) error {
	if err := t.workspace.RunChecked(); err != nil {
		cause = err
	}
	return &DivergedError{t.Steps() + 1, loss, cause}
}

// A DivergedError says that a step met a loss or a gradient that is not a finite number. The step was not done.
type DivergedError struct {
	Step  int     // its number, from 1
	Loss  float64 // its loss
	Cause error   // the first layer with such a number: an *autodiff.NonFiniteError or a *nn.GradientError
}

// Error says at which step, with which cause, and which weights are left.
func (e *DivergedError) Error() string {
	return fmt.Sprintf("step %d: the loss is %v: %v; the weights are those of step %d; a lower learning rate may help", e.Step, e.Loss, e.Cause, e.Step-1)
}

// Unwrap returns the cause.
func (e *DivergedError) Unwrap() error { return e.Cause }

// Model returns a copy of the model as it is: the running mean of the weights, Optimiser.Averages[0].
func (t *Trainer) Model() *Model {
	network, err := nn.NewUNet(t.config.Network)
	if err != nil {
		panic(err) // the trainer has one like it
	}
	t.optimiser.CopyAverage(network.Params(), 0)
	return newModel(t.config, network)
}
