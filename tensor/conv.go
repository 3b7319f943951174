package tensor

import "fmt"

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

// A ConvShape is the sizes of a convolution: N images of H×W pixels, Cin channels in, Cout out.
type ConvShape struct{ N, H, W, Cin, Cout int }

// pixels is the number of pixels of all images.
func (s ConvShape) pixels() int { return s.N * s.H * s.W }

// A ConvError reports a convolution that cannot be, or slices that do not fit it. The methods of Conv panic with it.
type ConvError struct {
	Shape  ConvShape
	Reason string
}

// Error gives the shape of the convolution and the reason.
func (e *ConvError) Error() string {
	s := e.Shape
	return fmt.Sprintf("tensor: convolution of %d×%d×%d×%d to %d channels: %s", s.N, s.H, s.W, s.Cin, s.Cout, e.Reason)
}

// A Conv is a convolution of NHWC images with stride 1 and zero padding to the same size, z = x∗w. It is a plan made from
// shapes alone; it has no data, and any number of goroutines may use it.
//
// Every number of z is one chain of fused multiply-adds. A kernel without shared weights skips the taps that fall off the image:
//
//	z[p,j] = bias[j] + Σ_t Σ_i x[p+t,i]·w[t,i,j],   taps t in the kernel's order, channels i ascending.
//
// A kernel with shared weights sums the input over each orbit first, by its tree, in which a tap off the image counts as +0:
//
//	z[p,j] = bias[j] + Σ_o Σ_i (tree over t in o of x[p+t,i])·w[o,i,j].
//
// That is why a group that maps orbits to themselves, and their trees to themselves up to swaps, commutes with the
// convolution to the last bit; and it takes one product an orbit rather than one a tap.
type Conv struct {
	s ConvShape
	k Kernel
	panels
}

// NewConv plans a convolution. It panics with a *ConvError if a size is not positive, or an orbit is not of 1, 2, 4 or 8
// taps.
func NewConv(s ConvShape, k Kernel) *Conv {
	c := &Conv{s: s, k: k}
	if min(s.N, s.H, s.W, s.Cin, s.Cout) < 1 {
		c.fail("every size must be positive")
	}
	if len(k) == 0 {
		c.fail("the kernel has no taps")
	}
	for _, orbit := range k {
		if n := len(orbit); n != 1 && n != 2 && n != 4 && n != 8 {
			c.fail("an orbit has %d taps; the trees are over 1, 2, 4 or 8", n)
		}
	}
	c.panels = cutPanels(s.Cout)
	return c
}

// Shape returns the sizes.
func (c *Conv) Shape() ConvShape { return c.s }

// Transpose returns the convolution whose Forward computes the input gradient of c, dz ↦ dx, with weights packed by
// c.PackTransposed.
func (c *Conv) Transpose() *Conv {
	s := c.s
	s.Cin, s.Cout = s.Cout, s.Cin
	return NewConv(s, c.k.negated())
}

// Forward returns the work of z = bias + x∗w, with w packed by Pack. x is (N, H, W, Cin), z (N, H, W, Cout), bias (Cout) or
// nil for zero.
func (c *Conv) Forward(z, x, packed, bias []float32) []Task {
	c.check("z", z, c.s.pixels()*c.s.Cout)
	c.check("x", x, c.s.pixels()*c.s.Cin)
	c.check("packed", packed, c.PackedLen())
	if bias == nil {
		bias = make([]float32, c.s.Cout)
	}
	c.check("bias", bias, c.s.Cout)
	if c.k.tied() {
		return c.forwardTied(z, x, packed, bias)
	}
	if c.isRows() {
		return c.forwardRows(z, x, packed, bias)
	}
	return c.forwardDense(z, x, packed, bias)
}

func (c *Conv) check(name string, data []float32, want int) {
	if len(data) != want {
		c.fail("%s has %d numbers, not %d", name, len(data), want)
	}
}

func (c *Conv) fail(format string, a ...any) {
	panic(&ConvError{c.s, fmt.Sprintf(format, a...)})
}
