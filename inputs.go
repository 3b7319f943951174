package spdiff

import (
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
)

// Inputs are the nodes of what a network is told of n images: the noisy images x, its own last prediction of x₀ if it is
// conditioned on that, 1000 times what stands for the times, the classes if there are any, and in training how the images were moved, if they were.
type inputs struct{ x, cond, t, class, labels *autodiff.Node }

func newInputs(c Config, n int) (in inputs) {
	shape := []int{n, c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out}
	in.x, in.t = autodiff.Input("x", shape...), autodiff.Input("t", n)
	if c.Condition {
		in.cond = autodiff.Input("condition", shape...)
	}
	if c.Network.Classes > 0 {
		in.class = autodiff.Input("class", n)
	}
	return in
}

// newTrainingInputs returns inputs that are told how images were moved, of a batch.
func newTrainingInputs(c Config) inputs {
	in := newInputs(c, c.Batch)
	if n := c.Network.Labels; n > 0 {
		in.labels = autodiff.Input("labels", c.Batch, n)
	}
	return in
}

// apply returns the network of the inputs, its products in a precision: the prediction comes first among the channels, as in the paper's code.
func (in inputs) apply(u *nn.UNet, key *autodiff.Node, p Precision) *autodiff.Node {
	x := in.x
	if in.cond != nil {
		x = autodiff.Concat(in.cond, x)
	}
	return u.Apply(x, &nn.Conditions{Time: in.t, Class: in.class, Labels: in.labels, Dropout: key, Precision: p.ofProducts()})
}

// frame returns the canonical frames of the images.
func (c Config) frame() *group.Frame {
	f, err := group.NewFrame(c.Group, c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out)
	if err != nil {
		panic(err) // Validate has asked
	}
	return f
}

// optimiser returns the optimiser's settings: for a regulariser with one more running mean, its target θ̄.
func (c Config) optimiser() nn.OptimiserConfig {
	o := c.Optimiser
	if c.Method.regularised() {
		o.Averages = append(o.Averages[:len(o.Averages):len(o.Averages)], nn.Average{Rate: targetRate})
	}
	return o
}

// targetRate is the rate of the running mean θ̄ ← 0.95 θ̄ + 0.05 θ that eq. 17 compares with; the paper's code has it.
const targetRate = 0.95
