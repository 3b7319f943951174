package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	gen "spdiff/asm/internal/gen/machine"
)

// table writes AVX2's table of masks, once a file.
func (m *machine) table() {
	if !m.Wide() {
		gen.WriteMasks(m.Context)
	}
}

// masks leaves the masks of CX columns in K1 and K2. AVX2 has none; it loads vectors of them where it needs them.
func (m *machine) masks(width int) {
	if !m.Wide() {
		return
	}
	m.Ones(reg.RCX, reg.RSI)
	m.KMOVW(reg.ESI, reg.K1)
	if width == 2 {
		m.SHRQ(operand.Imm(16), reg.RSI)
		m.KMOVW(reg.ESI, reg.K2)
	}
}

// window leaves in SI where in the table the masks of SI columns are, by way of CX.
func (m *machine) window() { m.LEAQ(m.Window(reg.RSI, reg.RCX), reg.RSI) }

// vectorMasks loads masks from SI into AVX2's registers for the weights.
func (m *machine) vectorMasks(width int) {
	for v := range width {
		m.VMOVUPS(at(reg.RSI, v*m.Bytes()), m.weight(v))
	}
}

// mask is the mask of vector v of a row, or nil if there is none.
func (m *machine) mask(v int, masked bool) reg.Register {
	switch {
	case !masked:
		return nil
	case m.Wide():
		return []reg.Register{reg.K1, reg.K2}[v]
	}
	return m.weight(v)
}
