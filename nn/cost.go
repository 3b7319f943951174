package nn

// A counter counts what a network of a configuration has and does.
type counter struct {
	UNetConfig
	taps int64 // weights that a kernel has for two channels, and for two planes of regular features
	area int64 // taps of a kernel
}

func (c UNetConfig) counter() counter {
	k := c.Taps.taps(c.Group, c.Kernel)
	area := int64(count(k))
	if c.planes() > 1 {
		return counter{c, area, area}
	}
	return counter{c, int64(len(k)), area}
}

// plane returns the channels of a plane.
func (c counter) plane(channels int) int { return channels / c.planes() }

// pixels returns those of a level.
func (c counter) pixels(level int) int64 {
	return int64(c.ImageHeight>>level) * int64(c.ImageWidth>>level)
}

// norm returns the parameters of a GroupNorm.
func (c counter) norm(channels int) int64 { return 2 * int64(c.plane(channels)) }

// product returns the parameters of a map with bias, with one plane on one side.
func (c counter) product(taps int64, in, out int) int64 {
	return taps*int64(in)*int64(out) + int64(out)
}

// inner returns the parameters of a map between feature maps.
func (c counter) inner(taps int64, in, out int) int64 {
	return c.product(int64(c.planes())*taps, c.plane(in), c.plane(out))
}

// Parameters returns how many numbers are trained, a weight that several taps share counting once. The configuration must
// be valid.
func (c UNetConfig) Parameters() int64 {
	count, first, emb := c.counter(), c.Mult[0]*c.Width, c.embedding()
	n := count.product(1, c.Width, emb) + count.product(1, emb, emb) + int64(c.ClassRows())*int64(emb) + int64(c.Labels)*int64(c.Width)
	for b := range c.plan().all() {
		n += b.kind.parameters(count, b)
	}
	return n + count.norm(first) + count.product(count.taps, count.plane(first), c.Out)
}

// MultiplyAdds returns the multiply-adds of convolutions, linear maps and attention in one forward pass of one image, as
// for a plain network: a tied kernel, which does fewer, counts as if it were not. Regular features count as a plain network
// of their width, but for FiLM, which planes share; their group convolutions do half of it. A training step takes three times
// as many. The configuration must be valid.
func (c UNetConfig) MultiplyAdds() int64 {
	count, emb := c.counter(), int64(c.embedding())
	n := int64(c.Width)*emb + emb*emb
	for b := range c.plan().all() {
		n += b.kind.multiplyAdds(count, b)
	}
	return n + count.pixels(0)*count.area*int64(c.Mult[0]*c.Width)*int64(c.Out)
}
