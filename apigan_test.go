package spdiff

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
)

// minuteGAN returns the configuration of a GAN of a few hundred numbers.
func minuteGAN() GANConfig {
	c := tinyGAN(group.H, SPGAN)
	n := &c.Network
	n.ImageHeight, n.ImageWidth, n.Classes, n.Latent, n.Label, n.Seed = 4, 4, 2, 3, 2, 2
	n.Generator, n.Critic = []int{4, 4}, []int{4, 4}
	c.Batch = 2
	return c
}

// ganConfig returns the configuration of a small GAN, spoilt now and then.
func (r caller) ganConfig() GANConfig {
	c := minuteGAN()
	c.Group, c.Variant = group.All()[r.IntN(7)], GANVariants()[r.IntN(len(ganVariants))]
	c.Network.Classes, c.Network.Residual = r.IntN(3), r.IntN(2) == 0
	c.Rotate, c.Augment, c.Steps, c.CriticSteps, c.Seed = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(4), 1+r.IntN(2), r.Uint64()
	if r.IntN(2) == 0 {
		c.Loss = nn.DivergenceLoss()
	}
	if r.IntN(2) == 0 {
		r.spoil(reflect.ValueOf(&c).Elem(), 40)
	}
	return c
}

// quick reports whether a configuration that is valid trains in a moment, so that it can be tried.
func (c GANConfig) quick() bool {
	n := c.Network
	numbers := float64(c.Batch*c.CriticSteps) * float64(n.ImageHeight) * float64(n.ImageWidth) * float64(n.Out+slices.Max(n.Generator)+slices.Max(n.Critic))
	return n.Parameters() < 1<<16 && numbers < 1<<13 && c.Steps < 8
}

// tryGAN does all that a program does with a GAN's configuration.
func (r caller) tryGAN(c GANConfig) {
	err := c.Validate()
	before := c.Clone()
	if err == nil {
		back, err := ParseGANConfig(c.JSON())
		if err != nil || !slices.Equal(back.JSON(), c.JSON()) {
			r.t.Errorf("it comes back as %s, %v", back.JSON(), err)
		}
		if !c.quick() {
			return
		}
	}
	m, e := TrainGAN(context.Background(), c, r.source(c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out), nil)
	r.trained("TrainGAN", e)
	if err != nil && m != nil {
		r.t.Errorf("a GAN in spite of %v", err)
	}
	if m != nil {
		r.useGAN(m)
	}
	if diff := cmp.Diff(before, c, cmp.Comparer(func(x, y group.Group) bool { return x == y }), cmp.Comparer(sameFloat)); diff != "" {
		r.t.Errorf("the configuration was changed (-before +after):\n%s", diff)
	}
}

// useGAN does with a GAN what can be done with one.
func (r caller) useGAN(m *GAN) {
	r.draw(m)
	z, elements, classes := r.latents(m)
	if x, err := m.Generate(context.Background(), z, elements, classes); r.used("Generate", err) {
		r.within("Generate", x)
	}
	r.compare(m)
	if r.IntN(4) == 0 {
		r.saveGAN(m)
	}
}

// latents returns noise, elements and classes that may not fit the GAN, or each other.
func (r caller) latents(m *GAN) (z *tensor.Tensor, elements, classes []int) {
	n := r.IntN(4)
	if r.IntN(8) > 0 {
		z = tensor.New(n, m.config.Network.Latent+r.IntN(8)/7)
		for i := range z.Data() {
			z.Data()[i] = float32(r.NormFloat64())
		}
	}
	if z != nil && z.Len() > 0 && r.IntN(8) == 0 {
		z.Data()[r.IntN(z.Len())] = float32(math.Inf(1 - 2*r.IntN(2)))
	}
	some := func(below int) (all []int) {
		for range n {
			all = append(all, r.of(0, below-1, r.IntN(max(below, 1))))
		}
		return all
	}
	if m.config.Network.Symmetrise != (r.IntN(8) == 0) {
		elements = some(m.config.Group.Order())
	}
	if (m.Classes() > 0) != (r.IntN(8) == 0) {
		classes = some(m.Classes())
	}
	return z, elements, classes
}

// saveGAN writes a GAN to a file and reads it back.
func (r caller) saveGAN(m *GAN) {
	path := filepath.Join(r.t.TempDir(), "gan.safetensors")
	if err := m.Save(path); err != nil {
		r.t.Error(err)
	}
	back, err := LoadGenerator(path)
	if err != nil {
		r.t.Error(err)
		return
	}
	if diff := cmp.Diff(string(m.Config().JSON()), string(back.(*GAN).Config().JSON())); diff != "" {
		r.t.Errorf("the GAN's configuration (-saved +loaded):\n%s", diff)
	}
}
