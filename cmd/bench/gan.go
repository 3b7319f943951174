package main

import (
	"spdiff"
	"spdiff/nn"
	"spdiff/tensor"
)

// ganCases are training steps of SP-GAN: as many updates of the discriminator as its settings say, with images generated for each and
// the gradient penalty, and one of the generator. peers/torch_gan.py times the same in PyTorch.
func ganCases(p tensor.Precision) []benchCase {
	var all []benchCase
	for _, name := range nn.GANPresets() {
		c, err := spdiff.DefaultGANConfig(name)
		if err != nil {
			panic(err)
		}
		if p == tensor.BF16 {
			c.Precision = spdiff.BF16
		}
		all = append(all, benchCase{name: "gan/" + name + "/train", batch: c.Batch, work: ganWork(c), setup: func() func() { return ganStep(c) }})
	}
	return all
}

// ganWork is the nominal work of a step, of convolutions as if dense. An update of the discriminator takes a pass of the generator,
// three of the discriminator for each of its two batches, and five for the penalty: forward, to the image, and back through both. One
// of the generator takes three of it, and three of the discriminator.
func ganWork(c spdiff.GANConfig) float64 {
	generator, critic := c.Network.MultiplyAdds()
	update := float64(generator) + 11*float64(critic)
	return 2e-9 * float64(c.Batch) * (float64(c.CriticSteps)*update + 3*float64(generator+critic))
}

func ganStep(c spdiff.GANConfig) func() {
	n := c.Network
	x := ramp(c.Batch * n.ImageHeight * n.ImageWidth * n.Out)
	classes := make([]int, c.Batch)
	for i := range classes {
		classes[i] = i % n.Classes
	}
	t, err := spdiff.NewGANTrainer(c, spdiff.Images(tensor.From(x, c.Batch, n.ImageHeight, n.ImageWidth, n.Out), classes))
	if err != nil {
		panic(err)
	}
	return func() {
		if _, err := t.Step(); err != nil {
			panic(err)
		}
	}
}
