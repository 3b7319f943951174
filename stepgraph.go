package spdiff

import (
	"math"

	"spdiff/autodiff"
	"spdiff/nn"
)

// A stepGraph is the graph of a training step: what it is given, and its loss.
type stepGraph struct {
	inputs
	key     *autodiff.Node // of the dropout, nil if there is none
	target  *autodiff.Node // what is to be predicted
	scale   *autodiff.Node // the roots of the errors' weights, nil if they are 1
	aligned *autodiff.Node // what the regulariser compares with, nil if there is none

	loss, penalty *autodiff.Node
}

func newStepGraph(c Config, u *nn.UNet) stepGraph {
	g := stepGraph{inputs: newTrainingInputs(c)}
	if c.Network.Dropout > 0 {
		g.key = autodiff.Input("dropout", c.Batch, 2)
	}
	z := g.apply(u, g.key, c.Precision)
	g.target = autodiff.Input("target", z.Shape()...)
	x, y := z, g.target
	if c.Weight != Flat {
		g.scale = autodiff.Input("scale", c.Batch)
		s := autodiff.Expand(autodiff.Reshape(g.scale, c.Batch, 1, 1, 1), z.Shape()...)
		x, y = autodiff.Mul(z, s), autodiff.Mul(g.target, s)
	}
	g.loss = autodiff.MSE(x, y).Named("loss")
	if c.Method.regularised() {
		g.aligned = autodiff.Input("aligned", z.Shape()...)
		g.penalty = autodiff.MSE(z, g.aligned).Named("penalty")
	}
	return g
}

// whole returns what is to be made small: the loss and, with its weight, the penalty.
func (g stepGraph) whole(weight float64) *autodiff.Node {
	if g.penalty == nil {
		return g.loss
	}
	return autodiff.Add(g.loss, autodiff.Scale(g.penalty, float32(weight)))
}

// outputs returns all that a step computes: the gradients, and what they are of.
func (g stepGraph) outputs(gradients []*autodiff.Node) []*autodiff.Node {
	all := append(gradients[:len(gradients):len(gradients)], g.loss)
	if g.penalty != nil {
		all = append(all, g.penalty)
	}
	return all
}

// batch returns the memory of what the step is given.
func (g stepGraph) batch(w *autodiff.Workspace) batch {
	b := g.inputs.batch(w)
	b.key, b.target, b.scale, b.aligned = given(w, g.key), given(w, g.target), given(w, g.scale), given(w, g.aligned)
	b.noisy, b.times = make([]float32, len(b.x)), make([]float64, len(b.t))
	return b
}

// batch returns the memory of the inputs.
func (in inputs) batch(w *autodiff.Workspace) batch {
	return batch{x: given(w, in.x), cond: given(w, in.cond), t: given(w, in.t), class: given(w, in.class), labels: given(w, in.labels)}
}

// given returns the memory of an input, nil if there is none.
func given(w *autodiff.Workspace, n *autodiff.Node) []float32 {
	if n == nil {
		return nil
	}
	return w.Input(n)
}

// gradientsOf returns the gradients of a loss.
func gradientsOf(loss *autodiff.Node, params []*nn.Param) []*autodiff.Node {
	var weights []*autodiff.Node
	for _, p := range params {
		weights = append(weights, p.Node())
	}
	return autodiff.Grad(loss, weights...)
}

// newOptimiser returns one that moves parameters by gradients which a workspace computes.
func newOptimiser(c nn.OptimiserConfig, params []*nn.Param, w *autodiff.Workspace, gradients []*autodiff.Node) *nn.Optimiser {
	var values [][]float32
	for _, g := range gradients {
		values = append(values, w.Output(g))
	}
	return nn.NewOptimiser(c, params, values)
}

// move moves the weights in a step of this number, or returns a *DivergedError that says where in the workspace the first number
// that is not finite arose.
func move(o *nn.Optimiser, w *autodiff.Workspace, rate float64, step int, loss, penalty float64) (norm float64, err error) {
	if sum := loss + penalty; !math.IsNaN(sum) && !math.IsInf(sum, 0) {
		if norm, err = o.Step(rate); err == nil {
			return norm, nil
		}
	}
	if found := w.RunChecked(); found != nil {
		err = found
	}
	return 0, &DivergedError{Step: step, Loss: loss, Cause: err}
}
