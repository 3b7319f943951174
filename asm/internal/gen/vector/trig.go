package main

// writeTrig writes sin, or cos, which is a quarter ahead. It returns the number of elements done: all, or those before
// the first vector with an element above trigLimit, whose reduction is left to Go.
func (t *target) writeTrig(name string, quarters uint32) {
	t.function(name, "func(z, x []float32) int", func() {
		z, x, n := t.pointer("z"), t.pointer("x"), t.length("z")
		count := t.GP64()
		t.XORQ(count, count)
		stop := t.NewLabel("stop")
		t.loop(n, 1, func(i integer, u int, k mask) {
			t.MOVQ(i, count)
			v := t.load(t.where(x, i, u), k)
			a := t.abs(v)
			t.jumpIfAny(t.compare(a, greater, t.named("trigLimit")), stop)
			sign := t.bits(1 << 31)
			y := t.sinQuadrant(a, quarters)
			if quarters == 0 {
				y = t.xor(y, t.and(v, sign))
			}
			t.store(y, t.where(z, i, u), k)
		})
		t.MOVQ(t.length("z"), count)
		t.Label(stop)
		t.Store(count, t.ReturnIndex(0))
		t.End()
	})
}

// sinQuadrant returns sin(a + quarters·π/2) for 0 ≤ a ≤ trigLimit.
func (t *target) sinQuadrant(a vector, quarters uint32) vector {
	q := t.fma(a, t.named("twoOverPi"), t.named("round"))
	n := t.sub(q, t.named("round"))
	r := t.fnma(n, t.named("piHalf1"), a)
	t.VFNMADD231PS(t.named("piHalf2"), n, r)
	t.VFNMADD231PS(t.named("piHalf3"), n, r)
	if quarters != 0 {
		q = t.addInt(q, t.bits(quarters))
	}
	s := t.mul(r, r)
	sin := t.fma(r, t.mul(s, t.horner(s, "sinPoly")), r)
	cos := t.horner(s, "cosPoly")
	t.VFMADD213PS(t.c(1), s, cos)
	y := t.choose(t.negative(t.shiftLeft(q, 31)), cos, sin)
	return t.xor(y, t.and(t.shiftLeft(q, 30), t.bits(1<<31)))
}
