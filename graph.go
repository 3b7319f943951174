package spdiff

import (
	"spdiff/autodiff"
	"spdiff/sde"
)

// A Graph is the network of a model for a batch of n images, as nodes to be read and translated: see [autodiff.Simplify]. What
// the method adds to an evaluation, an average or a canonical frame, is not in it, and neither is what
// [Model.Coefficients] says. Its products are float32's, whatever the model's precision.
type Graph struct {
	X         *autodiff.Node // the images In·x, (N, H, W, C)
	Condition *autodiff.Node // the last prediction of x₀, likewise; nil unless Config.Condition
	Time      *autodiff.Node // what stands for the times, (N)
	Class     *autodiff.Node // the classes, (N); nil if there are none
	Output    *autodiff.Node // F, (N, H, W, C)
}

// Graph returns the network for n images. Its variables are the weights of the model themselves, and must not be changed. It panics
// with an *autodiff.ShapeError if n is not positive.
func (m *Model) Graph(n int) Graph {
	in := newInputs(m.config, n)
	return Graph{X: in.x, Condition: in.cond, Time: in.t, Class: in.class, Output: in.apply(m.network, nil, Float32)}
}

// Coefficients returns what the network sees and predicts at time t, D = Skip·x + Out·F(In·x, …), and the number that it is told in
// place of the time, 1000·Noise: the input Time of a [Graph].
func (m *Model) Coefficients(t float64) (c sde.Coefficients, time float32) {
	c = m.config.preconditioning().At(m.config.Process(), t)
	return c, networkTime(c.Noise)
}
