package main

import (
	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
)

// wrapCases are what symmetry costs besides the network, for the batches and images of the U-Nets of the same names: the
// frames of a batch, a draw of its noise as it is and in its frames, and the two wrappers around a denoiser that does nothing.
func wrapCases() []benchCase {
	var all []benchCase
	for _, name := range nn.Presets() {
		c, err := nn.Preset(name)
		if err != nil {
			panic(err)
		}
		all = append(all, wrapsOf(name, tied(c), unetBatch[name])...)
	}
	return all
}

func wrapsOf(name string, c nn.UNetConfig, batch int) []benchCase {
	h, w, channels := c.ImageHeight, c.ImageWidth, c.In
	size := h * w * channels
	f, err := group.NewFrame(c.Group, h, w, channels)
	if err != nil {
		panic(err)
	}
	var x, z []float32
	var images []int
	prepare := func() {
		x, z, images = make([]float32, batch*size), make([]float32, batch*size), make([]int, batch)
		for i := range images {
			images[i] = i
			sde.Seeded(1)(x[i*size:(i+1)*size], i, 0)
		}
	}
	draw := func(noise sde.Noise) func() {
		return func() {
			for i := range images {
				noise(z[i*size:(i+1)*size], i, 1)
			}
		}
	}
	denoise := func(d sde.Denoiser) func() {
		return func() {
			if err := d(z, x, 0.5); err != nil {
				panic(err)
			}
		}
	}
	nothing := func(z, x []float32, t float64) error { return nil }
	setups := []struct {
		name  string
		setup func() func()
	}{
		{"frames", func() func() {
			return func() {
				for i := range images {
					f.Of(x[i*size : (i+1)*size])
				}
			}
		}},
		{"noise", func() func() { return draw(sde.Seeded(1)) }},
		{"framed-noise", func() func() { noise, _ := sde.Framed(sde.Seeded(1), f, x, images); return draw(noise) }},
		{"average", func() func() { return denoise(sde.Average(c.Group, h, w, channels, nothing)) }},
		{"canonical", func() func() { return denoise(sde.Canonical(f, nothing)) }},
	}
	var all []benchCase
	for _, s := range setups {
		all = append(all, benchCase{name: "wrap/" + name + "/" + s.name, batch: batch, setup: func() func() {
			prepare()
			return s.setup()
		}})
	}
	return all
}
