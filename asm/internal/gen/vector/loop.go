package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A mask selects the first lanes of a vector; nil selects all. Others are neither read nor written.
type mask = reg.Register

type (
	vector  = reg.VecVirtual
	integer = reg.GPVirtual
)

// pointer and length load the parts of a slice parameter.
func (t *target) pointer(slice string) integer {
	return t.Load(t.Param(slice).Base(), t.GP64()).(integer)
}

func (t *target) length(slice string) integer {
	return t.Load(t.Param(slice).Len(), t.GP64()).(integer)
}

// word returns a new integer register with the value of x.
func (t *target) word(x op) integer {
	r := t.GP64()
	t.MOVQ(x, r)
	return r
}

// first returns the mask of the first n lanes, 0 < n < lanes.
func (t *target) first(n integer) mask {
	r := t.GP64()
	if t.Wide() {
		t.Ones(n, r)
		k := t.K()
		t.KMOVW(r.As32(), k)
		return k
	}
	m := t.vec()
	t.VMOVUPS(t.Window(t.word(n), r), m)
	return m
}

func (t *target) load(m operand.Mem, k mask) vector {
	v := t.vec()
	t.LoadVector(m, k, v)
	return v
}

func (t *target) store(v vector, m operand.Mem, k mask) { t.StoreVector(v, k, m) }

// where is the address of vector u after element i of p.
func (t *target) where(p, i integer, u int) operand.Mem {
	return operand.Mem{Base: p, Index: i, Scale: 4, Disp: 4 * t.Lanes * u}
}

// loop covers n elements, n used up, with step: unroll vectors at a time while there are that many, then one at a time, then
// a masked one. A step works on vector u after element i.
func (t *target) loop(n integer, unroll int, step func(i integer, u int, k mask)) {
	i := t.GP64()
	t.XORQ(i, i)
	t.whole(n, i, unroll, step)
	if unroll > 1 {
		t.whole(n, i, 1, step)
	}
	done := t.NewLabel("done")
	t.TESTQ(n, n)
	t.JEQ(t.To(done))
	step(i, 0, t.first(n))
	t.Label(done)
}

// whole is the part of loop that takes unroll whole vectors at a time.
func (t *target) whole(n, i integer, unroll int, step func(i integer, u int, k mask)) {
	again, less := t.NewLabel("loop"), t.NewLabel("less")
	size := operand.U32(unroll * t.Lanes)
	t.SUBQ(size, n)
	t.JLT(t.To(less))
	t.Label(again)
	for u := range unroll {
		step(i, u, nil)
	}
	t.ADDQ(size, i)
	t.SUBQ(size, n)
	t.JGE(t.To(again))
	t.Label(less)
	t.ADDQ(size, n)
}

// columns covers c columns, c used up, in blocks of as many vectors as sizes says, in descending order down to 1, and then a
// masked vector. Block covers vectors 0…b−1 at the pointers, which columns moves along.
func (t *target) columns(c integer, pointers []integer, sizes []int, block func(b int, k mask)) {
	for _, b := range sizes {
		again, less := t.NewLabel("columns"), t.NewLabel("fewer")
		size := operand.U32(b * t.Lanes)
		t.SUBQ(size, c)
		t.JLT(t.To(less))
		t.Label(again)
		block(b, nil)
		for _, p := range pointers {
			t.ADDQ(operand.U32(4*b*t.Lanes), p)
		}
		t.SUBQ(size, c)
		t.JGE(t.To(again))
		t.Label(less)
		t.ADDQ(size, c)
	}
	done := t.NewLabel("done")
	t.TESTQ(c, c)
	t.JEQ(t.To(done))
	block(1, t.first(c))
	t.Label(done)
}

// rowwise calls body for each of the rows between pointer p and end, at least one; it moves the pointers on by stride.
func (t *target) rowwise(p, end, stride integer, others []integer, body func()) {
	again := t.NewLabel("rows")
	t.Label(again)
	body()
	for _, o := range others {
		t.ADDQ(stride, o)
	}
	t.ADDQ(stride, p)
	t.CMPQ(p, end)
	t.JCS(t.To(again))
}

// at is the address of vector u at p.
func (t *target) at(p integer, u int) operand.Mem {
	return operand.Mem{Base: p, Disp: 4 * t.Lanes * u}
}
