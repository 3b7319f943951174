package autodiff

import (
	"fmt"
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// A Norm is the settings of a group normalisation.
type Norm struct {
	Groups int       // of neighbouring channels, which share mean and variance
	Planes int       // of channels, 1, 2, 4 or 8, each cut into groups: group i is that of all planes; 0 counts as 1
	Eps    float32   // is added to the variance
	Orbits [][]int32 // of pixels, as SumPixels takes them; nil: each pixel by itself, in order
	SiLU   bool      // ends in SiLU
}

// GroupNorm normalises images x (N, H, W, C) and modulates them,
//
//	x̂ = (x − μ)/√(var + ε),   u = (γ·x̂ + β)·(1 + s) + b,   z = u, or SiLU(u)
//
// with mean μ and (biased) variance var over the pixels and the channels of a group of each image (Wu and He, 2018), gamma and
// beta (C), and scale s and shift b (N, C), both nil or neither (FiLM, Perez et al., 2018).
//
// Sums over pixels add, for each channel, each orbit by its tree, then the orbits in order. In an image of 2¹⁶ numbers or more,
// ⌊numbers/2¹⁵⌋ blocks of orbits, or as many as there are orbits, as even as can be, are summed apart and then added, ascending.
// Of the planes, the second half is added to the first, and so on; last come the channels of a group, ascending. So the result
// commutes to the last bit with a group of symmetries whose orbits these are, and which permutes planes that stand in the order
// of tensor.GroupKernel. Each image is computed by itself. u is one fused multiply-add a·x + b, where for each image and channel
//
//	r = 1/√(var + ε),  a = γ·r,  b = β − μ·a (fused);   with FiLM  a ← a·(1 + s),  b ← b·(1 + s) + shift (fused).
//
// It panics with a *ShapeError if the shapes do not fit.
func GroupNorm(x, gamma, beta, scale, shift *Node, norm Norm) *Node {
	g := newGroupNorm(x, gamma, beta, scale, shift, norm)
	return g.apply(normed[*Node]{x, modulation[*Node]{gamma, beta, scale, shift}})
}

// A groupNorm is a group normalisation of images of a shape.
type groupNorm struct {
	Norm
	n, h, w, c int
	film       bool
	blocks     [][]orbitRun // the orbits, cut into blocks of about one size
}

func newGroupNorm(x, gamma, beta, scale, shift *Node, norm Norm) *groupNorm {
	checkNorm(x, gamma, beta, scale, shift, norm)
	s := x.Shape()
	g := &groupNorm{Norm: norm, n: s[0], h: s[1], w: s[2], c: s[3], film: scale != nil}
	g.Planes = max(1, norm.Planes)
	if norm.Orbits == nil {
		g.Orbits = singles(g.h * g.w)
	}
	checkPartition("groupnorm", s, g.Orbits, g.h*g.w)
	g.blocks = cutOrbits(g.Orbits, blocksOf(g.h*g.w*g.c))
	return g
}

// checkNorm panics unless the arguments fit together.
func checkNorm(x, gamma, beta, scale, shift *Node, norm Norm) {
	s := x.Shape()
	shapes := []tensor.Shape{s, gamma.Shape(), beta.Shape()}
	for _, n := range []*Node{scale, shift} {
		if n != nil {
			shapes = append(shapes, n.Shape())
		}
	}
	fail := func(format string, a ...any) {
		panic(&ShapeError{"groupnorm", shapes, fmt.Sprintf(format, a...)})
	}
	switch {
	case len(s) != 4:
		fail("the shape must be (N, H, W, C)")
	case !slices.Contains([]int{0, 1, 2, 4, 8}, norm.Planes) || s[3]%max(1, norm.Planes) != 0:
		fail("%d channels do not divide into %d planes; there may be 1, 2, 4 or 8", s[3], norm.Planes)
	case norm.Groups < 1 || s[3]/max(1, norm.Planes)%norm.Groups != 0:
		fail("%d channels do not divide into %d groups", s[3]/max(1, norm.Planes), norm.Groups)
	case len(shapes) == 4:
		fail("scale and shift come together or not at all")
	}
	n, c := s[0], s[3]
	for i, want := range []tensor.Shape{{c}, {c}, {n, c}, {n, c}}[:len(shapes)-1] {
		if !shapes[i+1].Equal(want) {
			fail("%s must be %v", [...]string{"gamma", "beta", "scale", "shift"}[i], want)
		}
	}
}

// singles returns the orbits of the trivial group: each of n pixels by itself.
func singles(n int) [][]int32 {
	pixels, orbits := make([]int32, n), make([][]int32, n)
	for i := range orbits {
		pixels[i] = int32(i)
		orbits[i] = pixels[i : i+1]
	}
	return orbits
}

// apply returns the normalisation.
func (g *groupNorm) apply(in normed[*Node]) *Node {
	stats := g.stats(in.x)
	coef := g.coefficients(stats, in.modulation)
	return apply(op{
		name:    "groupnorm",
		shape:   in.x.Shape(),
		flops:   2 * int64(g.n*g.h*g.w*g.c),
		inplace: 1,
		images:  g.images(),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			in, made := normedOf(g.film, a)
			coef := made[1]
			return g.perRows(func(i, lo, hi int) {
				u, v := g.coefficientsOf(coef, i)
				if g.SiLU {
					asm.AffineSiLU(z[lo:hi], in.x[lo:hi], u, v)
				} else {
					asm.Affine(z[lo:hi], in.x[lo:hi], u, v)
				}
			})
		},
		attrs: attributes{"norm": g.Norm},
		grad:  func(_, dz *Node) []*Node { return g.grads(in, stats, coef, dz) },
		expand: func(a []*Node) *Node {
			in, _ := normedOf(g.film, a)
			u, _ := g.primitive(in)
			if g.SiLU {
				u = SiLU(u)
			}
			return u
		},
	}, append(in.list(g.film), stats, coef)...)
}

// images is not 0 if images are normalised one by one.
func (g *groupNorm) images() int { return imagesOf(tensor.Shape{g.n, g.h * g.w * g.c}) }

// image returns the numbers of image i.
func (g *groupNorm) image(x []float32, i int) []float32 {
	n := g.h * g.w * g.c
	return x[i*n : (i+1)*n]
}

// coefficientsOf returns the two halves of row i of an (N, 2C) array.
func (g *groupNorm) coefficientsOf(x []float32, i int) (a, b []float32) {
	at := 2 * g.c * i
	return x[at : at+g.c], x[at+g.c : at+2*g.c]
}

// perRows calls do for pieces lo…hi of the numbers of image i, whole pixels.
func (g *groupNorm) perRows(do func(i, lo, hi int)) []tensor.Task {
	return perImage(g.images(), g.n, g.h*g.w, g.c, func(i, lo, hi int) {
		at := i * g.h * g.w
		do(i, (at+lo)*g.c, (at+hi)*g.c)
	})
}

// coefficients returns (N, 2C), the a and b of u = a·x + b.
func (g *groupNorm) coefficients(stats *Node, m modulation[*Node]) *Node {
	args := append([]*Node{stats}, m.list(g.film)...)
	return apply(op{
		name:    "groupnorm.coef",
		shape:   tensor.Shape{g.n, 2 * g.c},
		images:  g.images(),
		scratch: g.n * g.c,
		bind: func(z []float32, args [][]float32) []tensor.Task {
			stats := args[0]
			m, scratch := modulationOf(g.film, args[1:])
			return perRow(g.images(), g.n, 2*g.c, func(i int) {
				a, b := g.coefficientsOf(z, i)
				mu, r := g.coefficientsOf(stats, i)
				asm.Mul(a, m.gamma, r)
				asm.Scale(b, -1, mu)
				asm.MulAdd(b, b, a, m.beta)
				if g.film {
					gain := row(scratch[0], i, g.c)
					asm.Shift(gain, 1, row(m.scale, i, g.c))
					asm.Mul(a, a, gain)
					asm.MulAdd(b, b, gain, row(m.shift, i, g.c))
				}
			})
		},
		grad: func(_, _ *Node) []*Node { return make([]*Node, len(args)) },
	}, args...)
}
