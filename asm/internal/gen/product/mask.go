package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ones is the name of a table of 16 words of ones and 16 of zeros, a window of which is the masks of a row's columns.
const ones = "ones"

// table writes the table, once a file.
func (m *machine) table() {
	if m.wide() {
		return
	}
	m.StaticGlobal(ones)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 32 {
		word := operand.U32(0)
		if i < 16 {
			word = 0xffffffff
		}
		m.AddDatum(4*i, word)
	}
}

// window leaves in SI where in the table the masks of SI columns are, by way of CX.
func (m *machine) window() {
	m.NEGQ(reg.RSI)
	m.LEAQ(operand.NewDataAddr(operand.NewStaticSymbol(ones), 0), reg.RCX)
	m.LEAQ(operand.Mem{Base: reg.RCX, Index: reg.RSI, Scale: 4, Disp: 64}, reg.RSI)
}

// vectorMasks loads masks from SI into AVX2's registers for the weights. AVX-512 has its masks in K1 and K2.
func (m *machine) vectorMasks(width int) {
	for v := range width {
		m.VMOVUPS(at(reg.RSI, v*m.bytes()), m.weight(v))
	}
}

// load loads vector v of a row as far as there are columns, zeros beyond.
func (m *machine) load(from operand.Mem, to reg.VecPhysical, v int) {
	if m.wide() {
		m.VMOVUPS_Z(from, []reg.Register{reg.K1, reg.K2}[v], to)
	} else {
		m.VMASKMOVPS(from, m.weight(v), to)
	}
}

func (m *machine) storeMasked(from reg.VecPhysical, to operand.Mem, v int) {
	if m.wide() {
		m.VMOVUPS(from, []reg.Register{reg.K1, reg.K2}[v], to)
	} else {
		m.VMASKMOVPS(from, m.weight(v), to)
	}
}
