package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peak writes loops on registers alone: of multiply-adds, a = a/2 + 1, and of VDPBF16PS, a = a + 1/2 + 1/2. They have as many accumulators
// as a full tile of Tile, more than a block of TileBF16, so that no latency shows. No factor is zero, which could be less work.
func (m *machine) peak() {
	half, one := m.spread(0), m.weight(0)
	m.rounds("peak", 0x3f000000, 0x3f800000, func(a reg.VecPhysical) { m.VFMADD213PS(one, half, a) })
	if m.Wide() {
		m.rounds("peakDot", 0x3f003f00, 0x3f803f80, func(a reg.VecPhysical) { m.vdpbf16ps(one, half, a) })
	}
}

// rounds writes a function of n rounds of an operation, which has the bits of 1/2 and 1 in each lane, on all accumulators.
func (m *machine) rounds(name string, half, one uint32, do func(a reg.VecPhysical)) {
	m.Begin(name)
	m.SignatureExpr("func(n int)")
	m.Load(m.Param("n"), reg.RAX)
	m.VBROADCASTSS(m.ConstData(name+"Half"+m.Suffix, operand.U32(half)), m.spread(0))
	m.VBROADCASTSS(m.ConstData(name+"One"+m.Suffix, operand.U32(one)), m.weight(0))
	for r := range 2 * m.rows {
		m.VXORPS(m.vector[r], m.vector[r], m.vector[r])
	}
	m.Label("round")
	for r := range 2 * m.rows {
		do(m.vector[r])
	}
	m.DECQ(reg.RAX)
	m.JNZ(m.To("round"))
	m.End()
}
