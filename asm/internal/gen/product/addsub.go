package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets in asm.addSubArgs, whose distances are in bytes.
const (
	addSubSum = 8 * iota
	addSubDiff
	addSubX
	addSubY
	addSubZStep
	addSubXStep
	addSubLen // in numbers
	addSubCount
)

// Where sums and differences keep what, in the order of the first four fields. DI points to the arguments, and treeAt and
// treeUntil are those of a tree.
var addSubAt = []reg.Register{reg.RAX, reg.RBX, reg.RDX, reg.RSI}

// addSubs writes the sums and differences of two vectors.
func (m *machine) addSubs() {
	m.function("addSub", "addSubArgs")
	m.MOVQ(field(addSubLen), reg.RCX)
	m.ANDQ(operand.Imm(uint64(m.lanes-1)), reg.RCX)
	m.masks(1)
	for i, r := range addSubAt {
		m.MOVQ(field(8*i), r)
	}
	m.Label("stretch")
	m.XORQ(treeAt, treeAt)
	m.MOVQ(field(addSubLen), treeUntil)
	m.addSubVectors(4)
	m.addSubVectors(1)
	m.addSubRest()
	for i, r := range addSubAt {
		m.ADDQ(field([]int{addSubZStep, addSubXStep}[i/2]), r)
	}
	m.DECQ(field(addSubCount))
	m.JNZ(jump("stretch"))
	m.end()
}

// addSubVectors writes the loop over blocks of some vectors.
func (m *machine) addSubVectors(block int) {
	step := uint64(block * m.lanes)
	next, done := fmt.Sprint("next", block), fmt.Sprint("done", block)
	m.SUBQ(operand.Imm(step), treeUntil)
	m.CMPQ(treeAt, treeUntil)
	m.JGT(jump(done))
	m.Label(next)
	for b := range block {
		at := b * m.bytes()
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
	m.JLE(jump(next))
	m.Label(done)
	m.ADDQ(operand.Imm(step), treeUntil)
}

// addSubRest does the last numbers, fewer than a vector: AVX-512 with a mask, AVX2 one by one.
func (m *machine) addSubRest() {
	m.SUBQ(treeAt, treeUntil)
	m.JZ(jump("end"))
	if m.wide() {
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
	m.JNZ(jump("one"))
	m.Label("end")
}
