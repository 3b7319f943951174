package spdiff

import (
	"fmt"

	"spdiff/autodiff"
	"spdiff/sde"
)

// denoiser returns the model as a denoiser of images of the classes, which runs in w, a workspace of p: D(x, t), brought into
// [−1, 1], by the way in which the method is equivariant. What it remembers from one evaluation to the next, if it is
// conditioned on its predictions, is that of one solution: a solution needs a denoiser of its own.
func (m *Model) denoiser(p *program, w *autodiff.Workspace, classes []int) sde.Denoiser {
	c := m.config
	if p.class != nil {
		in := w.Input(p.class)
		for i := range in {
			in[i] = float32(classes[i])
		}
	}
	network := m.evaluate(p, w)
	switch {
	case c.Method.averaged():
		network = sde.AverageN(c.Group, c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out, network)
	case c.Method == CF:
		network = sde.CanonicalN(c.frame(), network)
	}
	inputs, last := make([][]float32, 1), []float32(nil)
	d := sde.Denoiser(func(z, x []float32, t float64) error {
		inputs[0] = x
		return network(z, inputs, t)
	}).Clamp(-1, 1)
	if !c.Condition {
		return d
	}
	return func(z, x []float32, t float64) error {
		if last == nil {
			last = make([]float32, len(x))
			inputs = append(inputs, last)
		}
		if err := d(z, x, t); err != nil {
			return err
		}
		copy(last, z)
		return nil
	}
}

// evaluate returns the network alone: its prediction of x₀ from x and, if it is conditioned on that, its last one. The images
// may be several times those of the program, which then runs as often: an average takes no more memory than one evaluation.
func (m *Model) evaluate(p *program, w *autodiff.Workspace) sde.Network {
	x, times, z := w.Input(p.x), w.Input(p.t), w.Output(p.z)
	var last []float32
	d := m.config.denoiser(func(out, in []float32, t float64) error {
		for i := range times {
			times[i] = float32(1000 * t)
		}
		for at := 0; at < len(out); at += len(z) {
			copy(x, in[at:])
			if p.cond != nil {
				copy(w.Input(p.cond), last[at:])
			}
			w.Run()
			copy(out[at:], z)
		}
		return nil
	})
	return func(out []float32, in [][]float32, t float64) error {
		if p.cond != nil {
			last = in[1]
		}
		return d(out, in[0], t)
	}
}

// denoiser returns what predicts as Predict says as a denoiser.
func (c Config) denoiser(predict func(z, x []float32, t float64) error) sde.Denoiser {
	return sde.Predictor(predict).Denoiser(c.process(), c.preconditioning())
}

// checkSolver returns an error if a solver makes no sense, or does not fit the model. Evaluations of one that has different
// steps for the images of a batch are of all images, and would reach the memory of those that wait.
func (c Config) checkSolver(s sde.Solver) error {
	if err := sde.CheckSolver(s); err != nil {
		return err
	}
	if c.Condition && s.Traits().OwnSteps {
		return fmt.Errorf("the network is conditioned on its last prediction, and %T has steps of its own for each image: an image "+
			"would depend on its batch; take sde.Heun or sde.DPMSolver", s)
	}
	return nil
}
