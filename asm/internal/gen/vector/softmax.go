package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ways is how many chains of maxima run side by side, since each step of one waits for the last. Any order gives the same
// maximum.
const ways = 4

func (t *target) writeSoftmax() {
	t.writeExpSum()
	t.writeSoftmaxSlope()
}

// writeExpSum writes a row of a softmax: x = exp(x − max x), and the sum of w times the tree over the lists of x.
func (t *target) writeExpSum() {
	t.function("expSum", "func(s *[1]float32, x, w []float32)", func() {
		x, w, n := t.pointer("x"), t.pointer("w"), t.length("w")
		m := t.greatest(x, t.length("x"))
		several, done := t.NewLabel("several"), t.NewLabel("done")
		size := t.length("x")
		t.CMPQ(size, n)
		t.JNE(t.To(several))
		one := t.newChains(n, func(i integer, u int, k mask) (vector, op) {
			return t.expAt(x, i, u, k, m), t.load(t.where(w, i, u), k)
		})
		t.storeFirst(one.fold(t))
		t.JMP(t.To(done))

		t.Label(several)
		t.loop(t.word(size), 1, func(i integer, u int, k mask) { t.expAt(x, i, u, k, m) })
		for log := range 3 {
			next := t.NewLabel("next")
			whole := t.word(n)
			t.SHLQ(operand.U8(log+1), whole)
			t.CMPQ(size, whole)
			t.JNE(t.To(next))
			t.storeFirst(t.treeDot(x, w, n, 2<<log).fold(t))
			t.JMP(t.To(done))
			t.Label(next)
		}
		t.Label(done)
		t.End()
	})
}

// storeFirst stores the first lane of v as the result.
func (t *target) storeFirst(v reg.Register) {
	t.VMOVSS(v, operand.Mem{Base: t.Load(t.Param("s"), t.GP64())})
}

// expAt replaces x by exp(x − m) at a vector, and returns it.
func (t *target) expAt(x, i integer, u int, k mask, m vector) vector {
	e := t.exp(t.sub(t.load(t.where(x, i, u), k), m))
	t.store(e, t.where(x, i, u), k)
	return e
}

// treeDot returns the chains of Σ w·y, y the sums by the balanced tree over lists of n numbers at x.
func (t *target) treeDot(x, w, n integer, lists int) chains {
	list := []integer{x}
	for len(list) < lists {
		p := t.GP64()
		t.LEAQ(operand.Mem{Base: list[len(list)-1], Index: n, Scale: 4}, p)
		list = append(list, p)
	}
	return t.newChains(n, func(i integer, u int, k mask) (vector, op) {
		return t.listTree(list, i, u, k), t.load(t.where(w, i, u), k)
	})
}

// listTree returns the sum of a vector of each list by the balanced tree.
func (t *target) listTree(list []integer, i integer, u int, k mask) vector {
	if len(list) == 1 {
		return t.load(t.where(list[0], i, u), k)
	}
	h := len(list) / 2
	return t.add(t.listTree(list[:h], i, u, k), t.listTree(list[h:], i, u, k))
}

// greatest returns the greatest of n numbers in every lane.
func (t *target) greatest(p, n integer) vector {
	var m []vector
	for range ways {
		m = append(m, t.copy(t.bits(inf|1<<31)))
	}
	t.loop(n, ways, func(i integer, u int, k mask) {
		v := t.load(t.where(p, i, u), k)
		if k != nil {
			next := t.apply(t.VMAXPS, v, m[0])
			t.VMOVUPS(t.choose(k, next, m[0]), m[0])
			return
		}
		t.VMAXPS(m[u], v, m[u])
	})
	for n := ways / 2; n > 0; n /= 2 {
		for u := range n {
			t.VMAXPS(m[u], m[u+n], m[u])
		}
	}
	v := t.vec()
	t.VBROADCASTSS(t.halves(m[0], t.VMAXPS).AsX(), v)
	return v
}

// Chains are the 16 chains of a reduction.
type chains []vector

// newChains returns the chains of Σ x·y over n elements, for the x and y that pair gives.
func (t *target) newChains(n integer, pair func(i integer, u int, k mask) (x vector, y op)) (c chains) {
	for range 16 / t.Lanes {
		c = append(c, t.zero())
	}
	t.chains(t.word(n), func(i integer, u int, k mask) {
		x, y := pair(i, u, k)
		if k == nil {
			t.VFMADD231PS(y, x, c[u])
			return
		}
		t.VMOVUPS(t.choose(k, t.fma(x, y, c[u]), c[u]), c[u])
	})
	return c
}

// fold returns the sum of the chains, folded in halves, in the first lane.
func (c chains) fold(t *target) reg.Register {
	s := c[0]
	if len(c) == 2 {
		t.VADDPS(c[1], s, s)
	}
	return t.halves(s, t.VADDPS).AsX()
}

// halves folds the lanes of v in halves by f, to the first lane of the result.
func (t *target) halves(v vector, f three) vector {
	x, lo := t.XMM(), v.AsX()
	if t.Wide() { // whose registers beyond 15 VEXTRACTF128 does not know
		y := t.YMM()
		t.VEXTRACTF64X4(operand.U8(1), v, y)
		f(y, v.AsY(), v.AsY())
		t.VEXTRACTF32X4(operand.U8(1), v.AsY(), x)
	} else {
		t.VEXTRACTF128(operand.U8(1), v.AsY(), x)
	}
	f(x, lo, lo)
	t.VPSHUFD(operand.U8(0xee), lo, x)
	f(x, lo, lo)
	t.VPSHUFD(operand.U8(0x55), lo, x)
	f(x, lo, lo)
	return v
}

// writeSoftmaxSlope writes a row of the gradient of a softmax: p = p·a, then z = (z − Σ p·z)·p.
func (t *target) writeSoftmaxSlope() {
	t.function("softmaxSlope", "func(z, p []float32, a float32)", func() {
		z, p, n, a := t.pointer("z"), t.pointer("p"), t.length("z"), t.broadcast("a")
		mean := t.vec()
		t.VBROADCASTSS(t.scaledDot(z, p, n, a).fold(t), mean)
		t.loop(n, ways, func(i integer, u int, k mask) {
			y := t.sub(t.load(t.where(z, i, u), k), mean)
			t.store(t.mul(y, t.load(t.where(p, i, u), k)), t.where(z, i, u), k)
		})
		t.End()
	})
}

// scaledDot replaces the n numbers at p by p·a, and returns the chains of Σ p·z.
func (t *target) scaledDot(z, p, n integer, a vector) chains {
	return t.newChains(n, func(i integer, u int, k mask) (vector, op) {
		y := t.mul(t.load(t.where(p, i, u), k), a)
		t.store(y, t.where(p, i, u), k)
		return y, t.load(t.where(z, i, u), k)
	})
}
