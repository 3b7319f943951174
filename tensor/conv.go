package tensor

import "spdiff/asm"

// A Tap is a place of a convolution's kernel as (dy, dx): the input pixel is the output pixel plus the tap.
type Tap = [2]int

// A Kernel lists the orbits of taps of a convolution. The taps of one orbit share one weight; their number is 1, 2, 4 or 8,
// and they are in the order of the tree ((0+1)+(2+3))+((4+5)+(6+7)) by which the input is summed over them.
type Kernel [][]Tap

// Dense returns the kernel of kh×kw taps with a weight each, in raster order, the middle one (the one before the middle of
// an even size) being (0, 0).
func Dense(kh, kw int) Kernel {
	var k Kernel
	for y := range kh {
		for x := range kw {
			k = append(k, []Tap{{y - (kh-1)/2, x - (kw-1)/2}})
		}
	}
	return k
}

// tied reports whether some taps share a weight.
func (k Kernel) tied() bool {
	for _, orbit := range k {
		if len(orbit) > 1 {
			return true
		}
	}
	return false
}

// negated returns the kernel with all taps mirrored at (0, 0).
func (k Kernel) negated() Kernel {
	n := make(Kernel, len(k))
	for o, orbit := range k {
		for _, t := range orbit {
			n[o] = append(n[o], Tap{-t[0], -t[1]})
		}
	}
	return n
}

// A Conv is a convolution of NHWC images with zero padding, z = x∗w. It is a plan made from shapes alone; it has no data, and any
// number of goroutines may use it.
//
// Every number of z is one chain of fused multiply-adds. A kernel without shared weights skips the taps that fall off the image,
// or with Up between its pixels:
//
//	z[p,j] = bias[j] + Σ_t Σ_i x[(Stride·p+t)/Up,i]·w[t,i,j],   taps t in the kernel's order, channels i ascending.
//
// A kernel with shared weights, which goes from pixel to pixel of one size, sums the input over each orbit first, by its tree, in
// which a tap off the image counts as +0:
//
//	z[p,j] = bias[j] + Σ_o Σ_i (tree over t in o of x[p+t,i])·w[o,i,j].
//
// With Precision BF16 both factors are rounded as they are read, and sums over an orbit when they are complete. Then z is a sum, in the
// same order, orbit by orbit, of steps of 32 channels i, see [asm.TileBF16], filled up with zeros. No step has channels of two orbits.
// No tap is skipped: what falls off the image counts as +0, for all kernels.
// Where there are fewer than 8 channels, or the output has not the input's pixels, the product is float32's.
//
// Because of the trees, a group that maps orbits to themselves, and their trees to themselves up to swaps, commutes with the
// convolution to the last bit; and it takes one product an orbit rather than one a tap.
type Conv struct {
	s ConvShape
	k Kernel
	p Precision // of Forward
	m *Panels   // the weights as a matrix: orbits and channels, filled up, by columns
}

// NewConv plans a convolution. It panics with a *ConvError if a size is not positive, if there is no such precision, if an orbit is not of
// 1, 2, 4 or 8 taps, or if taps share weights where the output does not have the pixels of the input.
func NewConv(s ConvShape, k Kernel) *Conv {
	s = s.filled()
	if len(k) == 0 {
		s.fail("the kernel has no taps")
	}
	for _, orbit := range k {
		if n := len(orbit); n != 1 && n != 2 && n != 4 && n != 8 {
			s.fail("an orbit has %d taps; the trees are over 1, 2, 4 or 8", n)
		}
	}
	if k.tied() && !s.plain() {
		s.fail("taps that share weights need an output of the size of the input, with stride 1")
	}
	p := s.precision(s.Cin)
	return &Conv{s: s, k: k, p: p, m: NewPanels(len(k)*p.Padded(s.Cin), s.Cout, p)}
}

// Shape returns the sizes; where they were zero, what that stands for.
func (c *Conv) Shape() ConvShape { return c.s }

// Precision returns that of the products of Forward.
func (c *Conv) Precision() Precision { return c.p }

// GradPrecision returns that of the products of WeightGrad.
func (c *Conv) GradPrecision() Precision { return c.s.precision(c.s.outPixels()) }

// Transpose returns the convolution whose Forward computes the input gradient of c, dz ↦ dx, with weights packed by
// c.PackTransposed.
func (c *Conv) Transpose() *Conv { return NewConv(c.s.transposed(), c.k.negated()) }

// PackedLen returns the length of the packed weights. It depends on the instruction set, as their order does.
func (c *Conv) PackedLen() int { return c.m.Len() }

// weights returns the packed weights of an orbit in a panel.
func (c *Conv) weights(packed []float32, p panel, orbit int) []float32 {
	depth := c.depth()
	return c.m.of(packed, p, orbit*depth, (orbit+1)*depth)
}

// depth is how many rows of the packed weights an orbit takes.
func (c *Conv) depth() int { return c.p.Padded(c.s.Cin) }

// layout returns that of a product by a panel.
func (c *Conv) layout(panel int) layout {
	return layout{c.m.panel(panel), c.s.Cin, c.depth(), c.s.Cout, c.m.tile, c.p}
}

// packLen is how many weights a piece of Pack copies.
const packLen = 1 << 14

// Pack returns the work of packing the weights w, (len(k), Cin, Cout), for Forward. A piece is some rows of w, each read as a
// whole: panel by panel, 2048×2048 weights took 1.6 times as long.
func (c *Conv) Pack(packed, w []float32) Task {
	c.checkPack(packed, w)
	if c.p == BF16 {
		return c.packRounded(packed, w)
	}
	rows, per := len(c.k)*c.s.Cin, (packLen+c.s.Cout-1)/c.s.Cout
	return Task{N: (rows + per - 1) / per, Do: func(i, _ int) {
		for r := i * per; r < min((i+1)*per, rows); r++ {
			c.m.packRow(packed, r, 1, w[r*c.s.Cout:(r+1)*c.s.Cout])
		}
	}}
}

// PackTransposed returns the work of packing the weights w of c for the Forward of c.Transpose().
func (c *Conv) PackTransposed(packed, w []float32) Task {
	t := c.Transpose()
	t.checkPack(packed, w)
	if t.p == BF16 {
		return t.packRoundedTransposed(packed, w)
	}
	return Task{N: t.m.count() * len(t.k), Do: func(i, _ int) {
		panel, orbit := i/len(t.k), i%len(t.k)
		t.m.packColumns(packed, t.m.panel(panel), span{orbit * t.s.Cin, (orbit + 1) * t.s.Cin}, 1, func(j int) []float32 {
			return w[(orbit*t.s.Cout+j)*t.s.Cin:]
		})
	}}
}

func (c *Conv) checkPack(packed, w []float32) {
	c.s.check("packed", packed, c.PackedLen())
	c.s.check("w", w, len(c.k)*c.s.Cin*c.s.Cout)
}

// Forward returns the work of z = bias + x∗w, with w packed by Pack. x is (N, H, W, Cin), z (N, OutH, OutW, Cout), bias (Cout) or
// nil for zero.
func (c *Conv) Forward(z, x, packed, bias []float32) []Task {
	return c.forward(z, x, packed, bias, false)
}

// ForwardReLU returns the work of z = max(bias + x∗w, 0), as Forward does: each element is rectified while it is in the first cache.
func (c *Conv) ForwardReLU(z, x, packed, bias []float32) []Task {
	return c.forward(z, x, packed, bias, true)
}

func (c *Conv) forward(z, x, packed, bias []float32, relu bool) []Task {
	c.s.checkInOut(z, x)
	c.s.check("packed", packed, c.PackedLen())
	if bias == nil {
		bias = make([]float32, c.s.Cout)
	}
	c.s.check("bias", bias, c.s.Cout)
	f := forward{c, z, x, packed, bias, relu}
	switch {
	case c.p == BF16:
		return f.roundedTasks()
	case c.k.tied():
		return f.tied()
	case c.isRows():
		return f.rows()
	}
	return f.dense()
}

// A forward is a convolution bound to its data.
type forward struct {
	*Conv
	z, x, packed, bias []float32
	relu               bool
}

// tile does the call of asm.Tile that ends the chains of the elements from z on.
func (f *forward) tile(z, bias []float32, segments []asm.Segment, t *asm.Tiling) {
	asm.Tile(z, bias, segments, t)
	if f.relu {
		asm.Rectify(z, t)
	}
}
