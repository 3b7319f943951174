package tensor

import "spdiff/asm"

// A PlaneKernel is the taps of a convolution between scalars and regular features, see GroupKernel, and the orders in which the
// planes read them: Orders[k][j] is the number of the tap that plane k reads j-th. All planes have one, 2, 4 or 8.
type PlaneKernel struct {
	Taps   []Tap
	Orders [][]int
}

// A PlaneConv is a convolution from scalars to regular features, or from those to scalars. It takes w as any convolution does,
// (len(taps), Cin, Cout), and differs from Conv in the order of its sums alone. From planes k to scalars,
//
//	z[p,j] = tree over k of (bias[j]/|G| + Σ_t Σ_i x[p+t,(k,i)]·w[t,(k,i),j]),   t in the order of k, i ascending,
//
// each term of the tree, which adds the second half of the planes to the first, and so on, a chain of fused multiply-adds. From
// scalars to planes g
//
//	z[p,(g,j)] = bias[(g,j)] + Σ_t Σ_i x[p+t,i]·w[t,i,(g,j)],   t in the order of g.
//
// It computes in float32, except for the gradient of w: an image's few channels fill no step of bf16. Taps off the image are skipped.
// So if w[a·t,(a·k,i),j] = w[t,(k,i),j], an element a only exchanges chains and operands of additions: it commutes to the last bit.
type PlaneConv struct {
	s       ConvShape
	in, out int // planes, one of them 1
	k       PlaneKernel
	one     *Conv // from one plane to all columns, or from all channels to one plane
}

// NewPlaneConv plans a convolution from in planes to out, one of them 1, the other len(k.Orders). It panics with a *ConvError
// if that is not so, if planes do not divide the channels, if an order is no permutation of the taps, if the output does not have
// the pixels of the input, or as NewConv does.
func NewPlaneConv(s ConvShape, in, out int, k PlaneKernel) *PlaneConv {
	s = s.ofPlanes()
	n := len(k.Orders)
	if n != 2 && n != 4 && n != 8 {
		s.fail("there are %d planes; the trees are over 2, 4 or 8", n)
	}
	if in*out != n || min(in, out) != 1 {
		s.fail("from %d planes to %d; it must be from 1 to %d, or the other way round", in, out, n)
	}
	if s.Cin%in != 0 || s.Cout%out != 0 {
		s.fail("%d planes do not divide %d channels, or %d planes %d", in, s.Cin, out, s.Cout)
	}
	for plane, order := range k.Orders {
		if !isPermutation(order, len(k.Taps)) {
			s.fail("the order of plane %d is no permutation of %d taps: %v", plane, len(k.Taps), order)
		}
	}
	one := s
	one.Cin, one.Cout, one.Precision = s.Cin/in, s.Cout/out, Float32
	return &PlaneConv{s, in, out, k, NewConv(one, singleTaps(k.Taps))}
}

// Shape returns the sizes.
func (c *PlaneConv) Shape() ConvShape { return c.s }

// Precision returns Float32, that of the products of Forward.
func (c *PlaneConv) Precision() Precision { return Float32 }

// GradPrecision returns that of the products of WeightGrad.
func (c *PlaneConv) GradPrecision() Precision { return c.s.precision(c.s.pixels()) }

// Transpose returns the convolution whose Forward computes the input gradient of c, dz ↦ dx, with weights packed by
// c.PackTransposed. It commutes with the group as c does.
func (c *PlaneConv) Transpose() *PlaneConv {
	s := c.s
	s.Cin, s.Cout = s.Cout, s.Cin
	return NewPlaneConv(s, c.out, c.in, PlaneKernel{negatedTaps(c.k.Taps), c.k.Orders})
}

// planes is the number of planes that have an order.
func (c *PlaneConv) planes() int { return len(c.k.Orders) }

// PackedLen returns the length of the packed weights, which depends on the instruction set.
func (c *PlaneConv) PackedLen() int { return c.planes() * c.one.PackedLen() }

// Pack returns the work of packing the weights w, (len(taps), Cin, Cout), for Forward.
func (c *PlaneConv) Pack(packed, w []float32) Task { return c.pack(packed, w, c.s.Cout, 1) }

// PackTransposed returns the work of packing the weights w of c for the Forward of c.Transpose().
func (c *PlaneConv) PackTransposed(packed, w []float32) Task {
	return c.Transpose().pack(packed, w, 1, c.s.Cout)
}

// pack packs w, whose element (t, i, j) is at t·Cin·Cout + i·row + j·col.
func (c *PlaneConv) pack(packed, w []float32, row, col int) Task {
	c.s.check("packed", packed, c.PackedLen())
	c.s.check("w", w, len(c.k.Taps)*c.s.Cin*c.s.Cout)
	panels, taps := c.one.m.count(), len(c.k.Taps)
	next := c.one.s.Cin * row // from plane to plane
	if c.in == 1 {
		next = c.one.s.Cout * col
	}
	return Task{N: c.planes() * panels * taps, Do: func(i, _ int) {
		plane, panel, tap := i/(panels*taps), i/taps%panels, i%taps
		p, to := c.one.m.panel(panel), c.weights(packed, plane)
		src := w[tap*c.s.Cin*c.s.Cout+plane*next+p.from*col:]
		for k := range c.one.s.Cin {
			z := c.one.m.row(to, p, tap*c.one.s.Cin+k)
			for j := range z {
				z[j] = src[k*row+j*col]
			}
		}
	}}
}

// weights returns the packed weights of a plane.
func (c *PlaneConv) weights(all []float32, plane int) []float32 {
	n := c.one.PackedLen()
	return all[plane*n : (plane+1)*n]
}

// Forward returns the work of z = bias + x∗w, with w packed by Pack. x is (N, H, W, Cin), z (N, H, W, Cout), bias (Cout) or
// nil for zero.
func (c *PlaneConv) Forward(z, x, packed, bias []float32) []Task {
	c.s.checkInOut(z, x)
	c.s.check("packed", packed, c.PackedLen())
	f := &planeForward{PlaneConv: c, z: z, x: x, packed: packed, start: make([]float32, c.s.Cout)}
	var tasks []Task
	if bias != nil {
		c.s.check("bias", bias, c.s.Cout)
		tasks = append(tasks, Task{N: 1, Do: func(_, _ int) { asm.Scale(f.start, 1/float32(c.in), bias) }})
	}
	return append(tasks, f.task())
}

// WeightGrad returns the work of the gradient of w, of the input x and the gradient dz by the output. It is that of Conv
// without shared weights.
func (c *PlaneConv) WeightGrad(dw, x, dz []float32) []Task {
	return NewConv(c.s, c.one.k).WeightGrad(dw, x, dz)
}
