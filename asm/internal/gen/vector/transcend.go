package main

// The sequences of operations here are those of transcend_generic.go, where they are explained.

var transcend = []elementwise{
	{name: "exp", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.exp(x[0]) }},
	{name: "log", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.log(x[0]) }},
	{name: "sigmoid", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.sigmoidOf(t.c(1), t.clamp(-110, 110, x[0])) }},
	{name: "silu", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.silu(x[0]) }},
	{name: "siluGrad", params: "z, x, dz []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.siluGrad(x[0], x[1]) }},
	{name: "tanh", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.tanh(x[0]) }},
}

func (t *target) clamp(lo, hi float64, x vector) vector { return t.min(t.c(hi), t.max(t.c(lo), x)) }

// expSplit returns r and n as a float.
func (t *target) expSplit(x vector) (r, n vector) {
	n = t.sub(t.fma(x, t.named("log2e"), t.named("round")), t.named("round"))
	r = t.fnma(n, t.named("ln2Hi"), x)
	t.VFNMADD231PS(t.named("ln2Lo"), n, r)
	return r, n
}

// pow2 returns 2ⁿ, −126 ≤ n ≤ 127, for n an integer as a float.
func (t *target) pow2(n vector) vector {
	if t.Wide() {
		v := t.vec()
		t.VSCALEFPS(n, t.in(t.c(1)), v)
		return v
	}
	return t.pow2Int(t.toInt(n))
}

// pow2Small returns 2ⁿ for −160 ≤ n ≤ 0, or what is as good in a sum with 1.
func (t *target) pow2Small(n vector) vector { return t.pow2(t.max(t.c(-100), n)) }

// ldexp returns y·2ⁿ. VSCALEFPS rounds once, as do two products of which the first is exact.
func (t *target) ldexp(y, n vector) vector {
	if t.Wide() {
		v := t.vec()
		t.VSCALEFPS(n, y, v)
		return v
	}
	k := t.toInt(n)
	half := t.shiftRight(k, 1)
	return t.mul(t.mul(y, t.pow2Int(half)), t.pow2Int(t.subInt(k, half)))
}

func (t *target) toInt(x vector) vector {
	v := t.vec()
	t.VCVTPS2DQ(x, v)
	return v
}

func (t *target) pow2Int(n vector) vector { return t.shiftLeft(t.addInt(n, t.bits(127)), 23) }

func (t *target) exp(x vector) vector {
	r, n := t.expSplit(t.clamp(-104, 89, x))
	p := t.horner(r, "expPoly")
	t.VFMADD213PS(t.c(1), r, p)
	return t.ldexp(p, n)
}

func (t *target) sigmoidParts(x vector) (p, s, d, b vector) {
	r, n := t.expSplit(t.xor(x, t.bits(1<<31)))
	p = t.mul(t.horner(r, "expPoly"), r)
	a := t.min(t.c(0), n)
	b = t.sub(a, n)
	s = t.pow2Small(a)
	d = t.add(t.fma(p, s, t.pow2Small(t.add(a, b))), t.c(1))
	return p, s, d, b
}

func (t *target) sigmoidOf(num op, x vector) vector {
	_, _, d, b := t.sigmoidParts(x)
	return t.ldexp(t.div(num, d), b)
}

func (t *target) silu(x vector) vector {
	x = t.max(t.c(-110), x)
	return t.sigmoidOf(x, t.min(t.c(110), x))
}

func (t *target) siluGrad(x, dz vector) vector {
	x = t.clamp(-110, 110, x)
	p, s, d, b := t.sigmoidParts(x)
	w := t.div(t.c(1), d)
	rest := t.mul(t.fma(p, s, s), w)
	return t.mul(dz, t.mul(t.ldexp(w, b), t.fma(x, rest, t.c(1))))
}

func (t *target) tanh(x vector) vector {
	a := t.abs(x)
	s := t.mul(a, a)
	near := t.fma(a, t.mul(s, t.horner(s, "tanhPoly")), a)
	b := t.min(t.c(10), a)
	r, n := t.expSplit(t.add(b, b))
	p := t.horner(r, "expPoly")
	t.VFMADD213PS(t.c(1), r, p)
	far := t.sub(t.c(1), t.div(t.c(2), t.fma(p, t.pow2(n), t.c(1))))
	y := t.choose(t.compare(a, less, t.named("tanhSplit")), near, far)
	return t.or(y, t.and(x, t.bits(1<<31)))
}

func (t *target) log(x vector) vector {
	small := t.compare(x, less, t.c(0x1p-126))
	normal := t.choose(small, t.mul(x, t.c(0x1p23)), x)
	k := t.choose(small, t.c(-23), t.c(0))

	e := t.and(t.subInt(normal, t.bits(t.integer("twoThirds"))), t.bits(0xff800000))
	m := t.subInt(normal, e)
	v := t.vec()
	t.VCVTDQ2PS(t.shiftRight(e, 23), v)
	k = t.add(k, v)

	f := t.sub(m, t.c(1))
	y := t.fma(t.horner(f, "logPoly"), t.mul(f, f), f)
	y = t.fma(k, t.named("ln2"), y)

	y = t.choose(t.compare(x, less, t.bits(inf)), y, x) // NaN and +Inf stay
	y = t.choose(t.compare(x, less, t.c(0)), t.bits(nan), y)
	return t.choose(t.compare(x, equal, t.c(0)), t.bits(inf|1<<31), y)
}

const (
	inf = 0x7f800000
	nan = 0x7fc00000
)
