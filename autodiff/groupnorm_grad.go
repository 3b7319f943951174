package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// The gradient of a group normalisation. With du = dz, or dz·SiLU′(u), and for each image and channel
//
//	A = Σ du,   B = Σ du·x̂   over pixels,
//
// the gradients are dβ = Σ A(1+s), dγ = Σ B(1+s) over images, ds = γB + βA, dshift = A, and
//
//	dx = a·du − M₁ − x̂·M₂,   M₁ and M₂ the means of a·A and a·B over the pixels and channels of a group.

// grads returns the gradients of args, and none of stats and coef.
func (g *groupNorm) grads(args []*Node, stats, coef, dz *Node) []*Node {
	sums := g.sums(args, stats, coef, dz)
	a, b := Slice(sums, 0, g.c), Slice(sums, g.c, 2*g.c)
	grads := []*Node{g.inputGrad(args, stats, coef, sums, dz)}
	if !g.film {
		return append(grads, SumTo(b, g.c), SumTo(a, g.c), nil, nil)
	}
	gain := Shift(args[3], 1)
	wide := func(x *Node) *Node { return Expand(x, g.n, g.c) }
	return append(grads, SumTo(Mul(b, gain), g.c), SumTo(Mul(a, gain), g.c),
		Add(Mul(b, wide(args[1])), Mul(a, wide(args[2]))), a, nil, nil)
}

// sums returns (N, 2C), A and B.
func (g *groupNorm) sums(args []*Node, stats, coef, dz *Node) *Node {
	own, room := len(args), 2*strip*g.c+g.c
	return apply(op{
		name:    "groupnorm.sums",
		shape:   tensor.Shape{g.n, 2 * g.c},
		flops:   6 * int64(size(args[0].Shape())),
		scratch: tensor.MaxWorkers * room,
		bind: func(z []float32, x [][]float32) []tensor.Task {
			return []tensor.Task{{N: g.n, Do: func(i, worker int) {
				mine := x[own+3][worker*room : (worker+1)*room]
				g.sumImage(z, x[0], x[own], x[own+1], x[own+2], mine, i)
			}}}
		},
		expand: func(x []*Node) *Node {
			u, hat := g.primitive(x[:own])
			du := x[own+2]
			if g.SiLU {
				du = siluGrad(u, du)
			}
			return Concat(SumPixels(du, g.Orbits), SumPixels(Mul(du, hat), g.Orbits))
		},
	}, append(args[:own:own], stats, coef, dz)...)
}

// strip is how many pixels are worked on at a time, so that what is made of them stays in the second-level cache.
const strip = 256

// sumImage sets row i of z to A and B, pixels ascending.
func (g *groupNorm) sumImage(z, x, stats, coef, dz, room []float32, i int) {
	sumA, sumB := g.coefficientsOf(z, i)
	mu, r := g.coefficientsOf(stats, i)
	x, dz = g.image(x, i), g.image(dz, i)
	off, room := room[:g.c], room[g.c:]
	normal(off, mu, r)
	clear(sumA)
	clear(sumB)
	for lo := 0; lo < len(x); lo += strip * g.c {
		hi := min(lo+strip*g.c, len(x))
		du, hat := room[:hi-lo], room[strip*g.c:][:hi-lo]
		g.slope(du, x[lo:hi], dz[lo:hi], coef, i)
		asm.Affine(hat, x[lo:hi], r, off)
		asm.ColumnSum(sumA, du)
		asm.ColumnDot(sumB, du, hat)
	}
}

// normal sets off = −μ·r, so that x̂ = r·x + off.
func normal(off, mu, r []float32) {
	asm.Mul(off, mu, r)
	asm.Scale(off, -1, off)
}

// slope sets du = dz, or dz·SiLU′(u), of image i or a part of it.
func (g *groupNorm) slope(du, x, dz, coef []float32, i int) {
	if !g.SiLU {
		copy(du, dz)
		return
	}
	a, b := g.coefficientsOf(coef, i)
	asm.AffineSiLUGrad(du, x, a, b, dz)
}

// inputGrad returns dx.
func (g *groupNorm) inputGrad(args []*Node, stats, coef, sums, dz *Node) *Node {
	own := len(args)
	o := op{
		name:  "groupnorm.dx",
		shape: args[0].Shape(),
		flops: 8 * int64(size(args[0].Shape())),
		bind: func(dx []float32, x [][]float32) []tensor.Task {
			lines := x[own+4] // of each image, the factors of x and the constants
			first := tensor.Task{N: 1, Do: func(_, _ int) {
				for i := range g.n {
					g.line(lines, x[own], x[own+1], x[own+2], i)
				}
			}}
			return append([]tensor.Task{first}, g.perRows(func(i, lo, hi int) {
				g.slope(dx[lo:hi], x[0][lo:hi], x[own+3][lo:hi], x[own+1], i)
				a, _ := g.coefficientsOf(x[own+1], i)
				b, c := g.coefficientsOf(lines, i)
				asm.Affine2(dx[lo:hi], dx[lo:hi], a, x[0][lo:hi], b, c)
			})...)
		},
		scratch: 2 * g.c * g.n,
		expand: func(x []*Node) *Node {
			u, _ := g.primitive(x[:own])
			if g.SiLU {
				u = SiLU(u)
			}
			return backward(u, x[own+3], x[:1], true)[0]
		},
	}
	return apply(o, append(args[:own:own], stats, coef, sums, dz)...)
}

// line sets, for image i, b = −r·M₂ and c = μ·r·M₂ − M₁, so that dx = a·du + b·x + c.
func (g *groupNorm) line(lines, stats, coef, sums []float32, i int) {
	b, c := g.coefficientsOf(lines, i)
	a, _ := g.coefficientsOf(coef, i)
	sumA, sumB := g.coefficientsOf(sums, i)
	mu, r := g.coefficientsOf(stats, i)
	asm.Mul(c, a, sumA)
	g.means(c)
	asm.Mul(b, a, sumB)
	g.means(b)
	asm.Mul(b, b, r)
	asm.Scale(b, -1, b)
	asm.Scale(c, -1, c)
	for k := range c {
		c[k] = asm.FMA(-mu[k], b[k], c[k])
	}
}

// primitive returns u and x̂ in simpler operations.
func (g *groupNorm) primitive(args []*Node) (u, hat *Node) {
	per := g.c / g.Groups
	wide := []int{g.n, g.h * g.w, g.Groups, per}
	narrow := []int{g.n, 1, g.Groups, 1}
	mean := func(x *Node) *Node {
		return Expand(Scale(SumTo(x, narrow...), float32(1/float64(g.h*g.w*per))), wide...)
	}
	x := Reshape(args[0], wide...)
	x = Sub(x, mean(x))
	hat = Reshape(Mul(x, Rsqrt(Shift(mean(Square(x)), g.Eps))), g.n, g.h, g.w, g.c)
	all := func(x *Node) *Node { return Expand(x, g.n, g.h, g.w, g.c) }
	u = Add(Mul(hat, all(args[1])), all(args[2]))
	if g.film {
		each := func(x *Node) *Node { return all(Reshape(x, g.n, 1, 1, g.c)) }
		u = Add(Mul(u, each(Shift(args[3], 1))), each(args[4]))
	}
	return u, hat
}
