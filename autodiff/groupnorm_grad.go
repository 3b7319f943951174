package autodiff

import (
	"slices"

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

// grads returns the gradients of the arguments, and none of stats and coef.
func (g *groupNorm) grads(in normed[*Node], stats, coef, dz *Node) []*Node {
	du := dz
	if g.SiLU {
		du = g.slope(in, coef, dz)
	}
	sums := g.sums(in, stats, du)
	a, b := Slice(sums, 0, g.c), Slice(sums, g.c, 2*g.c)
	grads := []*Node{g.inputGrad(in, stats, coef, sums, du)}
	if !g.film {
		return append(grads, SumTo(b, g.c), SumTo(a, g.c), nil, nil)
	}
	gain := Shift(in.scale, 1)
	wide := func(x *Node) *Node { return Expand(x, g.n, g.c) }
	return append(grads, SumTo(Mul(b, gain), g.c), SumTo(Mul(a, gain), g.c),
		Add(Mul(b, wide(in.gamma)), Mul(a, wide(in.beta))), a, nil, nil)
}

// slope returns du = dz·SiLU′(u), which may take dz's place.
func (g *groupNorm) slope(in normed[*Node], coef, dz *Node) *Node {
	return apply(op{
		name:    "groupnorm.du",
		shape:   in.x.Shape(),
		flops:   2 * int64(size(in.x.Shape())),
		inplace: 1,
		images:  g.images(),
		bind: func(du []float32, args [][]float32) []tensor.Task {
			dz := args[0]
			in, rest := normedOf(g.film, args[1:])
			coef := rest[0]
			return g.perRows(func(i, lo, hi int) {
				a, b := g.coefficientsOf(coef, i)
				asm.AffineSiLUGrad(du[lo:hi], in.x[lo:hi], a, b, dz[lo:hi])
			})
		},
		expand: func(args []*Node) *Node {
			in, _ := normedOf(g.film, args[1:])
			u, _ := g.primitive(in)
			return siluGrad(u, args[0])
		},
	}, slices.Concat([]*Node{dz}, in.list(g.film), []*Node{coef})...)
}

// sums returns (N, 2C), A and B: blocks of pixels summed apart, each a chain over its pixels, and added, ascending.
func (g *groupNorm) sums(in normed[*Node], stats, du *Node) *Node {
	blocks := blocksOf(g.h * g.w * g.c)
	return apply(op{
		name:    "groupnorm.sums",
		shape:   tensor.Shape{g.n, 2 * g.c},
		flops:   5 * int64(size(in.x.Shape())),
		images:  g.images(),
		scratch: g.n * blocks * 3 * g.c,
		bind: func(z []float32, args [][]float32) []tensor.Task {
			in, rest := normedOf(g.film, args)
			stats, du, scratch := rest[0], rest[1], rest[2]
			return g.sumsTasks(z, in.x, stats, du, scratch, blocks)
		},
		expand: func(args []*Node) *Node {
			in, rest := normedOf(g.film, args)
			du := rest[1]
			_, hat := g.primitive(in)
			return Concat(SumPixels(du, g.Orbits), SumPixels(Mul(du, hat), g.Orbits))
		},
	}, append(in.list(g.film), stats, du)...)
}

// sumsTasks is the work of sums.
func (g *groupNorm) sumsTasks(z, x, stats, du, scratch []float32, blocks int) []tensor.Task {
	take := (*carver)(&scratch).take
	parts, offs := take(g.n*blocks*2*g.c), take(g.n*blocks*g.c)
	pixels := g.h * g.w
	return phased(g.images(), g.n, blocks, phase{
		block: func(i, b, _ int) {
			part := row(parts, i*blocks+b, 2*g.c)
			clear(part)
			mu, r := g.coefficientsOf(stats, i)
			lo, hi := evenAt(pixels, b, blocks)*g.c, evenAt(pixels, b+1, blocks)*g.c
			off := row(offs, i*blocks+b, g.c)
			asm.Mul(off, mu, r)
			asm.Scale(off, -1, off) // x̂ = r·x − μ·r
			asm.NormSums(part[:g.c], part[g.c:], g.image(x, i)[lo:hi], g.image(du, i)[lo:hi], r, off)
		},
		finish: func(i int) {
			sums := row(z, i, 2*g.c)
			copy(sums, row(parts, i*blocks, 2*g.c))
			for b := 1; b < blocks; b++ {
				asm.Add(sums, sums, row(parts, i*blocks+b, 2*g.c))
			}
		},
	})
}

// inputGrad returns dx, which may take du's place.
func (g *groupNorm) inputGrad(in normed[*Node], stats, coef, sums, du *Node) *Node {
	return apply(op{
		name:    "groupnorm.dx",
		shape:   in.x.Shape(),
		flops:   4 * int64(size(in.x.Shape())),
		inplace: 1,
		images:  g.images(),
		scratch: 2 * g.c * g.n,
		bind: func(dx []float32, args [][]float32) []tensor.Task {
			du := args[0]
			in, rest := normedOf(g.film, args[1:])
			stats, coef, sums, lines := rest[0], rest[1], rest[2], rest[3]
			return g.inputGradTasks(dx, du, in.x, stats, coef, sums, lines)
		},
		expand: func(args []*Node) *Node {
			in, _ := normedOf(g.film, args[1:])
			u, _ := g.primitive(in)
			return backward(u, args[0], []*Node{in.x}, true)[0]
		},
	}, slices.Concat([]*Node{du}, in.list(g.film), []*Node{stats, coef, sums})...)
}

// inputGradTasks is the work of inputGrad; lines has, for each image, the factors of x and the constants of dx.
func (g *groupNorm) inputGradTasks(dx, du, x, stats, coef, sums, lines []float32) []tensor.Task {
	line := func(i int) { g.line(lines, stats, coef, sums, i) }
	rest := g.perRows(func(i, lo, hi int) {
		a, _ := g.coefficientsOf(coef, i)
		b, c := g.coefficientsOf(lines, i)
		asm.Affine2(dx[lo:hi], du[lo:hi], a, x[lo:hi], b, c)
	})
	if g.images() == 0 {
		return append(perRow(0, g.n, 2*g.c, line), rest...)
	}
	return []tensor.Task{{N: g.n, Do: func(i, worker int) {
		line(i)
		rest[0].Do(i, worker)
	}}}
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
	asm.Scale(c, -1, c)
	asm.MulAdd(c, mu, b, c)
	asm.Scale(b, -1, b)
}

// primitive returns u and x̂ in simpler operations.
func (g *groupNorm) primitive(in normed[*Node]) (u, hat *Node) {
	per := g.c / (g.Planes * g.Groups)
	wide := []int{g.n, g.h * g.w, g.Planes, g.Groups, per}
	narrow := []int{g.n, 1, 1, g.Groups, 1}
	mean := func(x *Node) *Node {
		return Expand(Scale(SumTo(x, narrow...), float32(1/float64(g.h*g.w*g.Planes*per))), wide...)
	}
	x := Reshape(in.x, wide...)
	x = Sub(x, mean(x))
	hat = Reshape(Mul(x, Rsqrt(Shift(mean(Square(x)), g.Eps))), g.n, g.h, g.w, g.c)
	all := func(x *Node) *Node { return Expand(x, g.n, g.h, g.w, g.c) }
	u = Add(Mul(hat, all(in.gamma)), all(in.beta))
	if g.film {
		each := func(x *Node) *Node { return all(Reshape(x, g.n, 1, 1, g.c)) }
		u = Add(Mul(u, each(Shift(in.scale, 1))), each(in.shift))
	}
	return u, hat
}
