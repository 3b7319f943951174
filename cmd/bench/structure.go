package main

import (
	"spdiff/autodiff"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// structureCases are what output combining costs: an evaluation of the plain network of a preset for its batch
// (structure/NAME/one), and the average over its group of the same images (structure/NAME/oc), which evaluates it for |G| times
// as many, as a model does. The second is to take at most 1.05·|G| times as long as the first. What frames and noise cost is in wrap/…,
// what regular features do in unet-gc/….
func structureCases(p tensor.Precision) []benchCase {
	var all []benchCase
	for _, name := range nn.Presets() {
		c, err := nn.Preset(name)
		if err != nil {
			panic(err)
		}
		batch := unetBatch[name]
		work := 2e-9 * float64(c.MultiplyAdds()) * float64(batch)
		order := tied(c).Group.Order()
		all = append(all,
			benchCase{name: "structure/" + name + "/one", batch: batch, work: work,
				setup: func() func() { return evaluation(c, batch, evaluator(c, batch, p)) }},
			benchCase{name: "structure/" + name + "/oc", batch: batch, work: work * float64(order),
				setup: func() func() {
					d := sde.Average(tied(c).Group, c.ImageHeight, c.ImageWidth, c.Out, evaluator(c, batch, p))
					return evaluation(c, batch, d)
				}})
	}
	return all
}

// evaluation returns one of a denoiser, of a batch.
func evaluation(c nn.UNetConfig, batch int, d sde.Denoiser) func() {
	x := ramp(batch * c.ImageHeight * c.ImageWidth * c.Out)
	z := make([]float32, len(x))
	return func() {
		if err := d(z, x, 0.5); err != nil {
			panic(err)
		}
	}
}

// evaluator returns a network as a denoiser of a multiple of n images, n at a time.
func evaluator(c nn.UNetConfig, n int, p tensor.Precision) sde.Denoiser {
	u := newNetwork(c, n, p)
	w := autodiff.Compile(u.z).NewWorkspace()
	u.fill(w)
	w.Prepare()
	x, z := w.Input(u.x), w.Output(u.z)
	return func(out, in []float32, t float64) error {
		for at := 0; at < len(out); at += len(z) {
			copy(x, in[at:])
			w.Run()
			copy(out[at:], z)
		}
		return nil
	}
}
