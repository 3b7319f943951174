package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where sums and differences keep what, in the order of sum, diff, x and y. DI points to the arguments, and treeAt and
// treeUntil are those of a tree.
var addSubAt = []reg.Register{reg.RAX, reg.RBX, reg.RDX, reg.RSI}

// addSubs writes the sums and differences of two vectors.
func (m *machine) addSubs() {
	m.function("addSub", "addSubArgs")
	m.MOVQ(m.field("len"), reg.RCX)
	m.ANDQ(operand.Imm(uint64(m.Lanes-1)), reg.RCX)
	m.masks(1)
	for i, r := range addSubAt {
		m.MOVQ(m.field([]string{"sum", "diff", "x", "y"}[i]), r)
	}
	m.Label("stripe")
	m.XORQ(treeAt, treeAt)
	m.MOVQ(m.field("len"), treeUntil)
	m.addSubVectors(4)
	m.addSubVectors(1)
	m.addSubRest()
	for i, r := range addSubAt {
		m.ADDQ(m.field([]string{"zStep", "xStep"}[i/2]), r)
	}
	m.DECQ(m.field("count"))
	m.JNZ(m.To("stripe"))
	m.End()
}

// addSubVectors writes the loop over blocks of some vectors.
func (m *machine) addSubVectors(block int) {
	step := uint64(block * m.Lanes)
	next, done := fmt.Sprint("next", block), fmt.Sprint("done", block)
	m.SUBQ(operand.Imm(step), treeUntil)
	m.CMPQ(treeAt, treeUntil)
	m.JGT(m.To(done))
	m.Label(next)
	for b := range block {
		at := b * m.Bytes()
		x, y, z := m.vector[3*b], m.vector[3*b+1], m.vector[3*b+2]
		m.VMOVUPS(number(addSubAt[2], at), x)
		m.VMOVUPS(number(addSubAt[3], at), y)
		m.VADDPS(y, x, z)
		m.VMOVUPS(z, number(addSubAt[0], at))
		m.VSUBPS(y, x, x)
		m.VMOVUPS(x, number(addSubAt[1], at))
	}
	m.ADDQ(operand.Imm(step), treeAt)
	m.CMPQ(treeAt, treeUntil)
	m.JLE(m.To(next))
	m.Label(done)
	m.ADDQ(operand.Imm(step), treeUntil)
}

// addSubRest does the last numbers, fewer than a vector: AVX-512 with a mask, AVX2 one by one.
func (m *machine) addSubRest() {
	m.SUBQ(treeAt, treeUntil)
	m.JZ(m.To("end"))
	if m.Wide() {
		x, y, z := m.vector[0], m.vector[1], m.vector[2]
		m.VMOVUPS_Z(number(addSubAt[2], 0), reg.K1, x)
		m.VMOVUPS_Z(number(addSubAt[3], 0), reg.K1, y)
		m.VADDPS(y, x, z)
		m.VMOVUPS(z, reg.K1, number(addSubAt[0], 0))
		m.VSUBPS(y, x, x)
		m.VMOVUPS(x, reg.K1, number(addSubAt[1], 0))
		m.Label("end")
		return
	}
	m.Label("one")
	m.VMOVSS(number(addSubAt[2], 0), reg.X0)
	m.VMOVSS(number(addSubAt[3], 0), reg.X1)
	m.VADDSS(reg.X1, reg.X0, reg.X2)
	m.VMOVSS(reg.X2, number(addSubAt[0], 0))
	m.VSUBSS(reg.X1, reg.X0, reg.X0)
	m.VMOVSS(reg.X0, number(addSubAt[1], 0))
	m.INCQ(treeAt)
	m.DECQ(treeUntil)
	m.JNZ(m.To("one"))
	m.Label("end")
}
