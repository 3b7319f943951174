package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// VDPBF16PS adds two products of bf16 to a float32: of a pair, first the product of the high halves, then that of the low ones, each
// a multiply-add that flushes. So it takes two numbers of a chain at a time, if they are in one word: of four numbers in turn the
// even chain's word is the third and the first, low half first, and the odd one's the fourth and the second. A step's weights are
// brought into this order once a tile, and its rows once a block, in a room of the caller's.

// The room: a step's weights, then a block's rows.
const (
	roomRows  = 16 * 2 * 64
	roomBytes = roomRows + 7*64
)

// roomX is where the rows are.
var roomX = reg.R8

// fours is the name of the order of bytes that makes words of each four numbers.
const fours = "fours"

func (m *machine) fourTable() {
	m.StaticGlobal(fours)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, u := range []uint32{0x01000504, 0x03020706, 0x09080d0c, 0x0b0a0f0e} {
		m.AddDatum(4*i, operand.U32(u))
	}
}

// makeRoom has the room begin with a line of the cache, and sets K3 and K4 to the masks of low and high halves.
func (t *tileBF16) makeRoom() {
	if need := roomBytes + 63; int(t.source.Number("roomBF16"))*4 < need {
		panic("package asm's roomBF16 is too small")
	}
	t.MOVQ(t.field("room"), reg.RAX)
	t.ADDQ(operand.Imm(63), reg.RAX)
	t.ANDQ(operand.I32(-64), reg.RAX)
	t.MOVQ(reg.RAX, t.field("room"))
	t.MOVL(operand.U32(0x55555555), reg.EAX)
	t.KMOVD(reg.EAX, reg.K3)
	t.KNOTD(reg.K3, reg.K4)
}

// weightsToRoom brings a step's weights there, four numbers of all columns at a time. In the panel a word is two in turn.
func (t *tileBF16) weightsToRoom() {
	from, to, left := reg.R8, reg.R9, reg.R10
	t.MOVQ(stepW, from)
	t.MOVQ(t.field("room"), to)
	t.MOVQ(t.field("stepUnits"), left)
	t.Label("weights")
	for v := range t.width {
		even, odd := t.vector[2*v], t.vector[2*v+1]
		first, second := at(from, v*t.Bytes()), at(from, t.wBytes(1)+v*t.Bytes())
		t.VPSLLD(operand.Imm(16), first, even)
		t.VMOVDQU16(second, reg.K3, even)
		t.VPSRLD(operand.Imm(16), second, odd)
		t.VMOVDQU16(first, reg.K4, odd)
		t.VMOVUPS(even, at(to, v*t.Bytes()))
		t.VMOVUPS(odd, at(to, t.wBytes(1)+v*t.Bytes()))
	}
	t.ADDQ(operand.I32(int32(t.wBytes(2))), from)
	t.ADDQ(operand.I32(int32(t.wBytes(2))), to)
	t.DECQ(left)
	t.JNZ(t.To("weights"))
}

// rowsToRoom brings the rows of a block there, and leaves where in roomX.
func (t *tileBF16) rowsToRoom(rows int) {
	t.MOVQ(t.field("room"), roomX)
	t.ADDQ(operand.I32(roomRows), roomX)
	t.VBROADCASTI32X4(operand.NewDataAddr(operand.NewStaticSymbol(fours), 0), t.vector[rows])
	for r := range rows {
		t.MOVQ(at(blockAt, 8*r), reg.R9)
		t.ADDQ(t.field("x"), reg.R9)
		t.VMOVUPS(at(reg.R9, 0), t.vector[r])
		t.VPSHUFB(t.vector[rows], t.vector[r], t.vector[r])
		t.VMOVUPS(t.vector[r], at(roomX, 64*r))
	}
}

// vdpbf16ps is z += x·y.
func (m *machine) vdpbf16ps(y, x, z reg.VecPhysical) { m.bf16(f3, 0x52, "VDPBF16PS", y, x, z) }
