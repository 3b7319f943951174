package tensor

import "spdiff/asm"

// A GroupKernel says how the planes of regular features read the taps of a convolution. The channels are 2, 4 or 8 planes of
// equal size, one for each element of a group, in two halves: the second has the planes n·k of the planes k of the first, in the
// same order, for an element n = n⁻¹ that commutes with all others. The tree of the group, by which a sum over planes goes, adds
// the second half to the first, then in the first the second quarter to the first, and so on.
type GroupKernel struct {
	Taps   []Tap
	Mirror []int   // Mirror[t] is the number of the tap n·t
	Orders [][]int // for each plane k of the first half, the numbers of the taps k·t₀, k·t₁, …, for one order t₀, t₁, … of them
}

// A GroupConv is a convolution of regular features, in which a group permutes the planes of channels as it moves pixels (Cohen
// and Welling, Group Equivariant Convolutional Networks, 2016). Its weights have the symmetry under n: those of the first half of
// the input, w (len(taps), Cin/2, Cout), say all of them, for w[t,(nk,i),(g,j)] = w[n·t,(k,i),(ng,j)]. So planes that are images
// of each other under n go together, in the input, in the weights and in the result:
//
//	S_t[p,(k,i)] = x[p+t,(k,i)] + x[p+n·t,(nk,i)]        D_t[p,(k,i)] = x[p+t,(k,i)] − x[p+n·t,(nk,i)]
//	α[t,(k,i),(g,j)] = ½(w[t,(k,i),(g,j)] + w[t,(k,i),(ng,j)])        β = ½(w[t,(k,i),(g,j)] − w[t,(k,i),(ng,j)])
//	A[p,(g,j)] = tree over k of (a[(g,j)] + Σ_t Σ_i S_t[p,(k,i)]·α[t,(k,i),(g,j)])        B likewise of D, β and b
//	z[p,(g,j)] = A + B,   z[p,(ng,j)] = A − B
//
// for planes k and g of the first halves, t in the order of k, i ascending; pixels off the image count as +0. Each term of the
// trees is one chain of fused multiply-adds, which begins with a or b: with ½(bias[(g,j)] ± bias[(ng,j)]), shared out evenly
// between the terms. That takes half the multiply-adds of a dense convolution of as many channels.
//
// In bf16 S, D, α and β are made in float32 and rounded once, and a term is steps of 32 products of its plane alone: taps in the order
// of k and their channels, numbered through.
//
// It commutes with the group to the last bit, for weights that the group keeps, w[a·t,(a·k,i),(a·g,j)] = w[t,(k,i),(g,j)]: an
// element a carries chains to chains, and where it exchanges the halves, it changes the sign of D, or of β, and so of all of a
// chain. All columns of a half are computed at once from a plane, in full tiles.
type GroupConv struct {
	s   ConvShape
	k   GroupKernel
	one *Conv     // from one plane to half of the columns
	p   Precision // of Forward
	m   *Panels   // of the weights from one plane
}

// NewGroupConv plans a convolution. It panics with a *ConvError if there are not 1, 2 or 4 orders, if the planes do not divide
// the channels, if an order is no permutation of the taps, or Mirror is none that is its own inverse, if the output does not have
// the pixels of the input, or as NewConv does.
func NewGroupConv(s ConvShape, k GroupKernel) *GroupConv {
	s = s.ofPlanes()
	n := len(k.Orders)
	if n != 1 && n != 2 && n != 4 {
		s.fail("half of the planes are %d, not 1, 2 or 4", n)
	}
	if s.Cin%(2*n) != 0 || s.Cout%(2*n) != 0 {
		s.fail("the channels do not divide into %d planes", 2*n)
	}
	for plane, order := range append([][]int{k.Mirror}, k.Orders...) {
		if !isPermutation(order, len(k.Taps)) {
			s.fail("order %d is no permutation of %d taps: %v", plane, len(k.Taps), order)
		}
	}
	for t, m := range k.Mirror {
		if k.Mirror[m] != t {
			s.fail("the mirror of tap %d is %d, and of that %d", t, m, k.Mirror[m])
		}
	}
	one := s
	one.Cin, one.Cout, one.Precision = s.Cin/(2*n), s.Cout/2, Float32
	depth := len(k.Taps) * one.Cin
	c := &GroupConv{s, k, NewConv(one, singleTaps(k.Taps)), s.Precision.Of(depth), nil}
	c.m = NewPanels(depth, one.Cout, c.p)
	return c
}

// ofPlanes returns the sizes of a convolution of regular features with what zeros stand for, and panics with a *ConvError if the
// output does not have the pixels of the input.
func (s ConvShape) ofPlanes() ConvShape {
	if s = s.filled(); !s.plain() {
		s.fail("regular features need an output of the size of the input, with stride 1")
	}
	return s
}

// isPermutation reports whether order has each of n numbers once.
func isPermutation(order []int, n int) bool {
	seen := make([]bool, n)
	for _, t := range order {
		if t < 0 || t >= n || seen[t] {
			return false
		}
		seen[t] = true
	}
	return len(order) == n
}

// singleTaps returns the kernel with a weight for each tap.
func singleTaps(taps []Tap) Kernel {
	k := make(Kernel, len(taps))
	for i, t := range taps {
		k[i] = []Tap{t}
	}
	return k
}

// negatedTaps returns the taps mirrored at (0, 0).
func negatedTaps(taps []Tap) (negated []Tap) {
	for _, t := range taps {
		negated = append(negated, Tap{-t[0], -t[1]})
	}
	return negated
}

// Shape returns the sizes.
func (c *GroupConv) Shape() ConvShape { return c.s }

// Precision returns that of the products of Forward.
func (c *GroupConv) Precision() Precision { return c.p }

// GradPrecision returns that of the products of WeightGrad.
func (c *GroupConv) GradPrecision() Precision { return c.s.Precision.Of(c.s.pixels()) }

// Transpose returns the convolution whose Forward computes the input gradient of c, dz ↦ dx, with weights packed by
// c.PackTransposed. It commutes with the group as c does.
func (c *GroupConv) Transpose() *GroupConv {
	s, k := c.s, c.k
	s.Cin, s.Cout = s.Cout, s.Cin
	k.Taps = negatedTaps(k.Taps)
	return NewGroupConv(s, k)
}

// planes is the number of planes in a half.
func (c *GroupConv) planes() int { return len(c.k.Orders) }

// PackedLen returns the length of the packed weights, which depends on the instruction set.
func (c *GroupConv) PackedLen() int { return 2 * c.planes() * c.m.Len() }

// weights returns the packed weights of a plane: α for half 0, β for half 1.
func (c *GroupConv) weights(packed []float32, half, plane int) []float32 {
	n := c.m.Len()
	at := (half*c.planes() + plane) * n
	return packed[at : at+n]
}

// Pack returns the work of packing the weights w for Forward.
func (c *GroupConv) Pack(packed, w []float32) Task {
	c.s.check("w", w, c.weightLen())
	half := c.s.Cout / 2
	return c.pack(packed, func(z []float32, tap, i, from int, sign float32) {
		row := w[(tap*c.s.Cin/2+i)*c.s.Cout+from:]
		combine(z, row, row[half:], sign)
	})
}

// PackTransposed returns the work of packing the weights w of c for the Forward of c.Transpose(). There
// w′[t,(g,j),(k,i)] = w[t,(k,i),(g,j)], and the other half of it, to (nk,i), is w[n·t,(k,i),(ng,j)].
func (c *GroupConv) PackTransposed(packed, w []float32) Task {
	c.s.check("w", w, c.weightLen())
	half, step := c.s.Cout/2, c.s.Cout
	return c.Transpose().pack(packed, func(z []float32, tap, j, from int, sign float32) {
		u := w[(tap*c.s.Cin/2+from)*step+j:]
		v := w[(c.k.Mirror[tap]*c.s.Cin/2+from)*step+half+j:]
		for i := range z {
			z[i] = 0.5 * (u[i*step] + float32(sign*v[i*step]))
		}
	})
}

// combine sets z to ½(u ± v).
func combine(z, u, v []float32, sign float32) {
	if u, v = u[:len(z)], v[:len(z)]; sign > 0 {
		asm.Add(z, u, v)
	} else {
		asm.Sub(z, u, v)
	}
	asm.Scale(z, 0.5, z)
}

// pack packs weights, of which row sets z to those of a tap and channel i of the first half to columns from… on: α for sign 1,
// β for −1.
func (c *GroupConv) pack(packed []float32, row func(z []float32, tap, i, from int, sign float32)) Task {
	c.s.check("packed", packed, c.PackedLen())
	if c.p == BF16 {
		return c.packRounded(packed, row)
	}
	panels, taps, planes := c.one.m.count(), len(c.k.Taps), c.planes()
	return Task{N: 2 * planes * panels * taps, Do: func(i, _ int) {
		half, plane, panel, tap := i/(planes*panels*taps), i/(panels*taps)%planes, i/taps%panels, i%taps
		p, to := c.one.m.panel(panel), c.weights(packed, half, plane)
		for k := range c.one.s.Cin {
			row(c.one.m.row(to, p, tap*c.one.s.Cin+k), tap, plane*c.one.s.Cin+k, p.from, float32(1-2*half))
		}
	}}
}

func (c *GroupConv) weightLen() int { return len(c.k.Taps) * c.s.Cin / 2 * c.s.Cout }
