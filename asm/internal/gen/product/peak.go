package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/reg"
)

// peak writes a loop of multiply-adds on registers: of as many accumulators as a full tile has, so that no latency shows.
func (m *machine) peak() {
	m.Function("peak" + m.suffix)
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr("func(n int)")
	m.Load(m.Param("n"), reg.RAX)
	for _, v := range m.vector {
		m.VXORPS(v, v, v)
	}
	m.Label("round")
	for r := range m.rows {
		for v := range 2 {
			m.VFMADD231PS(m.weight(v), m.spread(r), m.acc(r, v))
		}
	}
	m.DECQ(reg.RAX)
	m.JNZ(jump("round"))
	m.end()
}
