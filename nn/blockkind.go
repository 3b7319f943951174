package nn

// A blockKind is a kind of block of the U-Net: all that the network asks of it. Channels are those of all planes.
type blockKind struct {
	make         func(b builder, p blockPlan) Layer
	normed       func(p blockPlan) []int // the numbers of channels that a GroupNorm cuts into groups
	heads        bool                    // the channels are cut into heads
	parameters   func(c counter, p blockPlan) int64
	multiplyAdds func(c counter, p blockPlan) int64
}

// The kinds of block.
var (
	inputConv = blockKind{
		make: func(b builder, p blockPlan) Layer {
			return newConv2D(p.name, Scalars(b.grids[p.from], p.in), b.features(p.to, p.out), b.config.Kernel, b.config.Taps)
		},
		normed:     func(blockPlan) []int { return nil },
		parameters: func(c counter, p blockPlan) int64 { return c.product(c.taps, p.in, c.plane(p.out)) },
		multiplyAdds: func(c counter, p blockPlan) int64 {
			return c.pixels(p.to) * c.area * int64(p.in) * int64(p.out)
		},
	}

	residual = blockKind{
		make: func(b builder, p blockPlan) Layer {
			c := b.config
			return NewResBlock(p.name, b.features(p.from, p.in), b.features(p.to, p.out),
				ResBlockConfig{Embedding: c.embedding(), Groups: c.Groups, Kernel: c.Kernel, Taps: c.Taps, Dropout: c.Dropout})
		},
		normed: func(p blockPlan) []int { return []int{p.in, p.out} },
		parameters: func(c counter, p blockPlan) int64 {
			n := c.norm(p.in) + c.inner(c.taps, p.in, p.out) + c.product(1, c.embedding(), 2*c.plane(p.out)) +
				c.norm(p.out) + c.inner(c.taps, p.out, p.out)
			if p.in != p.out {
				n += c.inner(1, p.in, p.out)
			}
			return n
		},
		multiplyAdds: func(c counter, p blockPlan) int64 {
			in, out := int64(p.in), int64(p.out)
			n := c.pixels(p.to)*c.area*(in*out+out*out) + 2*int64(c.embedding())*int64(c.plane(p.out))
			if in != out {
				n += c.pixels(p.to) * in * out
			}
			return n
		},
	}

	attention = blockKind{
		make: func(b builder, p blockPlan) Layer {
			return NewAttention(p.name, b.features(p.from, p.in), b.config.headOf(p.in), b.config.Groups)
		},
		normed: func(p blockPlan) []int { return []int{p.in} },
		heads:  true,
		parameters: func(c counter, p blockPlan) int64 {
			return c.norm(p.in) + c.inner(1, p.in, 3*p.in) + c.inner(1, p.in, p.in)
		},
		multiplyAdds: func(c counter, p blockPlan) int64 {
			in, pixels := int64(p.in), c.pixels(p.to)
			return pixels*4*in*in + 2*pixels*pixels*in
		},
	}
)
