package nn

// Parameters returns how many numbers the generator and the discriminator train, a weight that several taps and planes share counting
// once.
func (c GANConfig) Parameters() int64 { return c.GeneratorParameters() + c.CriticParameters() }

// conv returns the weights of a convolution of size×size taps between stages of in and out channels in a plane. It is lifted if its
// input is regular: then it has weights for each plane of that.
func (c GANConfig) conv(in, out, size int, lifted bool) int64 {
	n := int64(size) * int64(size) * int64(in) * int64(out)
	if lifted {
		n *= int64(c.Group.Order())
	}
	return n
}

// GeneratorParameters returns those of the generator.
func (c GANConfig) GeneratorParameters() int64 {
	code, h, w := int64(c.code()), int64(c.ImageHeight), int64(c.ImageWidth)
	up := len(c.Generator) - 1
	seed := int64(c.Seed) * (h >> up) * (w >> up)
	n := (code+1)*seed + int64(c.Classes)*int64(c.Label)
	norm := func(channels int) int64 { return 2 * (code + 1) * int64(channels) }
	in := c.Seed
	for i, stage := range c.Generator {
		out := c.plane(stage)
		n += c.conv(in, out, 3, i > 0)
		switch {
		case c.Residual:
			n += c.conv(in, out, 1, i > 0) + c.conv(out, out, 3, true) + norm(in) + norm(out)
		case i == 0:
			n += int64(out)
		default:
			n += norm(out)
		}
		in = out
	}
	if c.Residual {
		n += 2 * int64(in)
	}
	return n + c.conv(in, c.Out, 3, true)
}

// CriticParameters returns those of the discriminator.
func (c GANConfig) CriticParameters() (n int64) {
	in := c.Out
	for i, stage := range c.Critic {
		out := c.plane(stage)
		n += c.conv(in, out, 3, i > 0) + int64(out)
		if c.Residual {
			n += c.conv(in, out, 1, i > 0) + c.conv(out, out, 3, true) + 2*int64(out)
		}
		in = out
	}
	return n + int64(in) + 1 + int64(c.Classes)*int64(in)
}

// MultiplyAdds returns the multiply-adds of the convolutions in one forward pass of one image, through the generator and through the
// discriminator, as for dense networks of their channels: group convolutions do half of it.
func (c GANConfig) MultiplyAdds() (generator, critic int64) {
	order := int64(c.Group.Order())
	area := func(halvings int) int64 { return int64(c.ImageHeight>>halvings) * int64(c.ImageWidth>>halvings) }
	work := func(in, out, size int, lifted bool, halvings int) int64 {
		return c.conv(in, out, size, lifted) * order * area(halvings)
	}
	top, in := len(c.Generator)-1, c.Seed
	generator = int64(c.code()) * int64(c.Seed) * area(top)
	for i, stage := range c.Generator {
		out, at := c.plane(stage), top-i
		if c.Residual && i < top {
			at--
		}
		generator += work(in, out, 3, i > 0, at)
		if c.Residual {
			generator += work(in, out, 1, i > 0, at) + work(out, out, 3, true, at)
		}
		in = out
	}
	generator += work(in, c.Out, 3, true, 0)
	in = c.Out
	for i, stage := range c.Critic {
		out := c.plane(stage)
		critic += work(in, out, 3, i > 0, i)
		if c.Residual {
			critic += work(in, out, 1, i > 0, i) + work(out, out, 3, true, i)
		}
		in = out
	}
	return generator, critic
}
