package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where a tree sum keeps what. DI points to the arguments throughout.
var (
	leaf      = []reg.Register{reg.RAX, reg.RBX, reg.RDX, reg.RSI, reg.R8, reg.R9, reg.R10, reg.R11}
	treeOut   = reg.R12
	treeAt    = reg.R13 // in numbers
	treeUntil = reg.R14
)

// trees writes the sums of 1, 2, 4 and 8 vectors.
func (m *machine) trees() {
	for _, n := range []int{1, 2, 4, 8} {
		m.tree(n)
	}
}

func (m *machine) tree(n int) {
	m.function(fmt.Sprintf("tree%d", n), "treeArgs")
	m.MOVQ(m.field("len"), reg.RCX)
	m.ANDQ(operand.Imm(uint64(m.Lanes-1)), reg.RCX)
	m.masks(1)
	m.MOVQ(m.field("z"), treeOut)
	for j := range n {
		m.MOVQ(m.element("x", j), leaf[j])
	}
	m.Label("stripe")
	m.XORQ(treeAt, treeAt)
	m.MOVQ(m.field("len"), treeUntil)
	m.vectors(n, 2)
	m.vectors(n, 1)
	m.rest(n)
	m.ADDQ(m.field("zStep"), treeOut)
	for j := range n {
		m.ADDQ(m.element("xStep", j), leaf[j])
	}
	m.DECQ(m.field("count"))
	m.JNZ(m.To("stripe"))
	m.End()
}

// vectors writes the loop over blocks of some vectors.
func (m *machine) vectors(n, block int) {
	step := uint64(block * m.Lanes)
	next, done := fmt.Sprint("next", block), fmt.Sprint("done", block)
	m.SUBQ(operand.Imm(step), treeUntil)
	m.CMPQ(treeAt, treeUntil)
	m.JGT(m.To(done))
	m.Label(next)
	for b := range block {
		m.sum(n, b*m.Bytes(), m.vector[8*b:], func(from operand.Mem, to reg.VecPhysical) { m.VMOVUPS(from, to) })
		m.VMOVUPS(m.vector[8*b], number(treeOut, b*m.Bytes()))
	}
	m.ADDQ(operand.Imm(step), treeAt)
	m.CMPQ(treeAt, treeUntil)
	m.JLE(m.To(next))
	m.Label(done)
	m.ADDQ(operand.Imm(step), treeUntil)
}

// number is the memory at the current number of a vector.
func number(base reg.Register, offset int) operand.Mem {
	return operand.Mem{Base: base, Index: treeAt, Scale: 4, Disp: offset}
}

// sum leaves the sum of n vectors in the first register.
func (m *machine) sum(n, offset int, v []reg.VecPhysical, load func(from operand.Mem, to reg.VecPhysical)) {
	if n == 1 {
		load(number(leaf[0], offset), v[0])
		return
	}
	for j := 0; j < n; j++ {
		load(number(leaf[j], offset), v[j])
	}
	for step := 1; step < n; step *= 2 {
		for j := 0; j < n; j += 2 * step {
			m.VADDPS(v[j+step], v[j], v[j])
		}
	}
}

// rest sums the last numbers, fewer than a vector: AVX-512 with a mask, AVX2 one by one.
func (m *machine) rest(n int) {
	m.SUBQ(treeAt, treeUntil)
	m.JZ(m.To("end"))
	if m.Wide() {
		m.sum(n, 0, m.vector, func(from operand.Mem, to reg.VecPhysical) { m.VMOVUPS_Z(from, reg.K1, to) })
		m.VMOVUPS(m.vector[0], reg.K1, number(treeOut, 0))
		m.Label("end")
		return
	}
	one := make([]reg.VecPhysical, n)
	for j := range one {
		one[j] = m.vector[j].AsX().(reg.VecPhysical)
	}
	m.Label("one")
	for j := range n {
		m.VMOVSS(number(leaf[j], 0), one[j])
	}
	for step := 1; step < n; step *= 2 {
		for j := 0; j < n; j += 2 * step {
			m.VADDSS(one[j+step], one[j], one[j])
		}
	}
	m.VMOVSS(one[0], number(treeOut, 0))
	m.INCQ(treeAt)
	m.DECQ(treeUntil)
	m.JNZ(m.To("one"))
	m.Label("end")
}
