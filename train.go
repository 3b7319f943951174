package spdiff

import (
	"context"
	"fmt"
	"math"

	"spdiff/autodiff"
	"spdiff/nn"
)

// Train trains a model on the images of s for c.Steps steps: each draws images, times t ~ U(0, 1) and noise ε, and moves the
// weights against the gradient of the mean of (prediction − target)² at x_t = α(t)·x₀ + σ(t)·ε, target x₀ or ε (denoising
// score matching, eq. 4 of the paper, with the weights σ⁴/α² or σ²).
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
	loss      *autodiff.Node
	optimizer *nn.Optimizer
}

// A Step is what a step of the training did.
type Step struct {
	Number int     // of steps done, this one included
	Loss   float64 // the mean square of the prediction's error, before the step
	Norm   float64 // the length of the gradient, before clipping
	Rate   float64 // the learning rate
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
	c := t.config.Network
	shape := []int{t.config.Batch, c.ImageHeight, c.ImageWidth, c.In}
	x, target := autodiff.Input("x", shape...), autodiff.Input("target", shape...)
	time := autodiff.Input("t", t.config.Batch)
	var class, key *autodiff.Node
	if c.Classes > 0 {
		class = autodiff.Input("class", t.config.Batch)
	}
	if c.Dropout > 0 {
		key = autodiff.Input("dropout", t.config.Batch, 2)
	}
	t.loss = autodiff.MSE(t.network.Apply(x, time, class, key), target).Named("loss")
	params := t.network.Params()
	var weights []*autodiff.Node
	for _, p := range params {
		weights = append(weights, p.Node())
	}
	gradients := autodiff.Grad(t.loss, weights...)
	program := autodiff.CompileStep(append(gradients, t.loss)...)
	if err := enough(float64(program.ArenaLen()), "a step of %d images (a smaller batch takes less)", t.config.Batch); err != nil {
		return err
	}
	w := program.NewWorkspace()
	var values [][]float32
	for _, g := range gradients {
		values = append(values, w.Output(g))
	}
	t.workspace = w
	t.optimizer = nn.NewOptimizer(t.config.Optimizer, params, values)
	t.batch = batch{x: w.Input(x), t: w.Input(time), target: w.Input(target)}
	if class != nil {
		t.batch.class = w.Input(class)
	}
	if key != nil {
		t.batch.key = w.Input(key)
	}
	return nil
}

// Config returns the configuration.
func (t *Trainer) Config() Config { return t.config }

// Steps returns how many steps are done.
func (t *Trainer) Steps() int { return t.optimizer.State().Steps }

// Step makes a step. It returns the source's error, or a *DivergedError if the loss or the gradient is not a finite number;
// then the weights are as they were before.
func (t *Trainer) Step() (Step, error) {
	n := t.Steps()
	if err := t.feeder.fill(&t.batch, n); err != nil {
		return Step{}, fmt.Errorf("step %d: %w", n+1, err)
	}
	t.workspace.Prepare()
	t.workspace.Run()
	loss := float64(t.workspace.Output(t.loss)[0])
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return Step{}, t.diverged(loss, nil)
	}
	rate := t.config.Rate.At(n)
	norm, err := t.optimizer.Step(rate)
	if err != nil {
		return Step{}, t.diverged(loss, err)
	}
	return Step{n + 1, loss, norm, rate}, nil
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

// Model returns a copy of the model as it is: the running mean of the weights, Optimizer.Averages[0].
func (t *Trainer) Model() *Model {
	network, err := nn.NewUNet(t.config.Network)
	if err != nil {
		panic(err) // the trainer has one like it
	}
	t.optimizer.CopyAverage(network.Params(), 0)
	return newModel(t.config, network)
}
