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

// sums returns (N, 2C), A and B: blocks of pixels summed apart, each a chain over its pixels, and added, ascending.
func (g *groupNorm) sums(args []*Node, stats, coef, dz *Node) *Node {
	own := len(args)
	s := &gradSums{groupNorm: g, blocks: blocksOf(g.h * g.w * g.c), strip: max(1, chunk/2/g.c)}
	return apply(op{
		name:    "groupnorm.sums",
		shape:   tensor.Shape{g.n, 2 * g.c},
		flops:   6 * int64(size(args[0].Shape())),
		images:  g.images(),
		scratch: s.scratch(),
		bind: func(z []float32, x [][]float32) []tensor.Task {
			return s.tasks(z, x[0], x[own], x[own+1], x[own+2], x[own+3])
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

// A gradSums is the work of sums. A block goes by strips of pixels, so that what is made of them stays in the first cache.
type gradSums struct {
	*groupNorm
	blocks, strip int
}

// room is what a worker needs: a strip and a vector.
func (s *gradSums) room() int { return (s.strip + 1) * s.c }

func (s *gradSums) scratch() int {
	pieces := s.n * s.blocks
	return pieces*2*s.c + workersOn(pieces)*s.room()
}

func (s *gradSums) tasks(z, x, stats, coef, dz, scratch []float32) []tensor.Task {
	parts := (*carver)(&scratch).take(s.n * s.blocks * 2 * s.c)
	pixels := s.h * s.w
	return phased(s.images(), s.n, s.blocks, phase{
		block: func(i, b, worker int) {
			part, room := row(parts, i*s.blocks+b, 2*s.c), row(scratch, worker, s.room())
			s.add(part, x, stats, coef, dz, room, i, pixels*b/s.blocks, pixels*(b+1)/s.blocks)
		},
		finish: func(i int) {
			sums := row(z, i, 2*s.c)
			copy(sums, row(parts, i*s.blocks, 2*s.c))
			for b := 1; b < s.blocks; b++ {
				asm.Add(sums, sums, row(parts, i*s.blocks+b, 2*s.c))
			}
		},
	})
}

// add sets sums to A and B of the pixels from…to of image i.
func (s *gradSums) add(sums, x, stats, coef, dz, room []float32, i, from, to int) {
	mu, r := s.coefficientsOf(stats, i)
	take := (*carver)(&room).take
	off, hat := take(s.c), take(s.strip*s.c)
	normal(off, mu, r)
	clear(sums)
	x, dz = s.image(x, i), s.image(dz, i)
	if s.SiLU {
		a, b := s.coefficientsOf(coef, i)
		lo, hi := from*s.c, to*s.c
		asm.NormSums(sums[:s.c], sums[s.c:], x[lo:hi], dz[lo:hi], a, b, r, off)
		return
	}
	for ; from < to; from += s.strip {
		lo, hi := from*s.c, min(from+s.strip, to)*s.c
		hat := hat[:hi-lo]
		asm.Affine(hat, x[lo:hi], r, off)
		asm.ColumnSum(sums[:s.c], dz[lo:hi])
		asm.ColumnDot(sums[s.c:], dz[lo:hi], hat)
	}
}

// normal sets off = −μ·r, so that x̂ = r·x + off.
func normal(off, mu, r []float32) {
	asm.Mul(off, mu, r)
	asm.Scale(off, -1, off)
}

// inputGrad returns dx, which may take dz's place.
func (g *groupNorm) inputGrad(args []*Node, stats, coef, sums, dz *Node) *Node {
	own := len(args)
	return apply(op{
		name:    "groupnorm.dx",
		shape:   args[0].Shape(),
		flops:   8 * int64(size(args[0].Shape())),
		inplace: 1,
		images:  g.images(),
		scratch: 2 * g.c * g.n,
		bind: func(dx []float32, x [][]float32) []tensor.Task {
			return g.inputGradTasks(dx, x[0], x[1], x[own+1], x[own+2], x[own+3], x[own+4])
		},
		expand: func(x []*Node) *Node {
			u, _ := g.primitive(x[1 : 1+own])
			if g.SiLU {
				u = SiLU(u)
			}
			return backward(u, x[0], x[1:2], true)[0]
		},
	}, slices.Concat([]*Node{dz}, args, []*Node{stats, coef, sums})...)
}

// inputGradTasks is the work of inputGrad; lines has, for each image, the factors of x and the constants of dx.
func (g *groupNorm) inputGradTasks(dx, dz, x, stats, coef, sums, lines []float32) []tensor.Task {
	line := func(i int) { g.line(lines, stats, coef, sums, i) }
	rest := g.perRows(func(i, lo, hi int) {
		dx, x, dz := dx[lo:hi], x[lo:hi], dz[lo:hi]
		a, b := g.coefficientsOf(coef, i)
		f, c := g.coefficientsOf(lines, i)
		if g.SiLU {
			asm.NormGrad(dx, x, dz, a, b, f, c)
		} else {
			asm.Affine2(dx, dz, a, x, f, c)
		}
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
