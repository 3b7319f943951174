package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// VDPBF16PS adds two products of bf16 to a float32: of a pair, first the product of the high halves, then that of the low ones, each
// a multiply-add that flushes. So it takes two channels of a chain at a time, if they are in one pair: of channels k…k+3 the even
// chain's are (k, k+2), the odd one's (k+1, k+3), the earlier one in the high half.

// fourTable is the name of the orders of bytes by which a row's four numbers in turn become pairs of the even chain and of the odd.
const fourTable = "fours"

func (m *machine) pairTable() {
	m.StaticGlobal(fourTable)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, u := range []uint32{0x01000504, 0x03020706} {
		for lane := range 4 {
			m.AddDatum(16*i+4*lane, operand.U32(u+uint32(lane/2*0x08080808)))
		}
	}
}

// order is a register of the table, for one of the two chains. K3 and K4 are the low and the high halves.
func (t *tileBF16) order(chain int) reg.VecPhysical { return t.vector[28+chain] }

func (t *tileBF16) loadPairTable() {
	for chain := range 2 {
		t.VBROADCASTI32X4(operand.NewDataAddr(operand.NewStaticSymbol(fourTable), 16*chain), t.order(chain))
	}
	t.MOVL(operand.U32(0x55555555), reg.EAX)
	t.KMOVD(reg.EAX, reg.K3)
	t.KNOTD(reg.K3, reg.K4)
}

// four adds the products of channels k…k+3.
func (t *tileBF16) four(rows, k int) {
	w := func(chain, v int) reg.VecPhysical { return t.vector[24+2*chain+v] }
	for v := range t.width {
		first, second := at(unitW, t.wBytes(k)+v*t.Bytes()), at(unitW, t.wBytes(k+2)+v*t.Bytes())
		t.VPSLLD(operand.Imm(16), first, w(0, v))
		t.VMOVDQU16(second, reg.K3, w(0, v))
		t.VPSRLD(operand.Imm(16), second, w(1, v))
		t.VMOVDQU16(first, reg.K4, w(1, v))
	}
	even, odd := t.vector[30], t.vector[31]
	for r := range rows {
		t.VPBROADCASTQ(t.x(r, k), odd)
		t.VPSHUFB(t.order(0), odd, even)
		t.VPSHUFB(t.order(1), odd, odd)
		for v := range t.width {
			t.vdpbf16ps(w(0, v), even, t.acc(2*r, v))
			t.vdpbf16ps(w(1, v), odd, t.acc(2*r+1, v))
		}
	}
}

// vdpbf16ps is z += x·y.
func (m *machine) vdpbf16ps(y, x, z reg.VecPhysical) { m.bf16(f3, 0x52, "VDPBF16PS", y, x, z) }
