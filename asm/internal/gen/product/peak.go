package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peak writes a loop of multiply-adds on registers, a = a/2 + 1, of as many accumulators as a full tile has, so that no
// latency shows.
func (m *machine) peak() {
	half, one := m.spread(0), m.weight(0)
	m.Begin("peak")
	m.SignatureExpr("func(n int)")
	m.Load(m.Param("n"), reg.RAX)
	m.VBROADCASTSS(m.ConstData("half"+m.Suffix, operand.U32(0x3f000000)), half)
	m.VBROADCASTSS(m.ConstData("one"+m.Suffix, operand.U32(0x3f800000)), one)
	for r := range 2 * m.rows {
		m.VXORPS(m.vector[r], m.vector[r], m.vector[r])
	}
	m.Label("round")
	for r := range 2 * m.rows {
		m.VFMADD213PS(one, half, m.vector[r])
	}
	m.DECQ(reg.RAX)
	m.JNZ(m.To("round"))
	m.End()
	if m.Wide() {
		m.peakDot()
	}
}

// peakDot writes the same of VDPBF16PS, a = a + 1/2 + 1/2: no numbers of which a processor could make less work.
func (m *machine) peakDot() {
	half, one := m.spread(0), m.weight(0)
	m.Begin("peakDot")
	m.SignatureExpr("func(n int)")
	m.Load(m.Param("n"), reg.RAX)
	m.VBROADCASTSS(m.ConstData("halves"+m.Suffix, operand.U32(0x3f003f00)), half)
	m.VBROADCASTSS(m.ConstData("ones"+m.Suffix, operand.U32(0x3f803f80)), one)
	for r := range 2 * m.rows {
		m.VXORPS(m.vector[r], m.vector[r], m.vector[r])
	}
	m.Label("round")
	for r := range 2 * m.rows {
		m.vdpbf16ps(one, half, m.vector[r])
	}
	m.DECQ(reg.RAX)
	m.JNZ(m.To("round"))
	m.End()
}
