package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels that make operands in pairs: float32 are rounded two vectors at a time by VCVTNE2PS2BF16, which every machine with
// AMX has. What lies in columns is interleaved, or goes through the arguments' room, 16 rows of 16 pairs, and comes back transposed.
var (
	pairsX, pairsZ       = reg.RSI, reg.RDX // of the block
	pairsCols, pairsFill = reg.R8, reg.R9   // numbers left to read and to write
	pairsRows            = reg.R10          // left to read
	pairsXRow, pairsZRow = reg.R11, reg.R12
	pairsFrom, pairsTo   = reg.R13, reg.R14 // within the block
	pairsCount           = reg.R15
	pairsAhead           = reg.RAX
)

// pairKernels writes them.
func (m *machine) pairKernels() {
	m.Suffix = "Pairs"
	m.interleaving()
	m.roundPairs()
	m.packPairs()
	m.packTransposedPairs()
	m.transposePairs()
}

// cvt rounds 32 numbers to bf16, those of low into the lower half.
func (m *machine) cvt(low, high, to reg.VecPhysical) {
	m.bf16(f2, 0x72, "VCVTNE2PS2BF16", low, high, to)
}

// bf16 writes an instruction of AVX512_BF16 on three registers as bytes, for Go's assembler knows none.
func (m *machine) bf16(prefix, opcode byte, name string, last, second, to reg.VecPhysical) {
	l, s, t := encoded(last), encoded(second), encoded(to)
	inverted := func(bit byte, at int) byte { return (1 - bit&1) << at }
	c := []byte{0x62,
		inverted(t>>3, 7) | inverted(l>>4, 6) | inverted(l>>3, 5) | inverted(t>>4, 4) | 2,
		(15-s&15)<<3 | 4 | prefix,
		0x40 | inverted(s>>4, 3),
		opcode,
		0xc0 | t&7<<3 | l&7}
	m.bytes(c, fmt.Sprintf("%s %s, %s, %s", name, last.Asm(), second.Asm(), to.Asm()))
}

// interleavingTable is the order of the halves of a vector that alternates them.
const interleavingTable = "interleaving"

func (m *machine) interleaving() {
	m.StaticGlobal(interleavingTable)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 16 {
		m.AddDatum(4*i, operand.U32(uint32(i|(16+i)<<16)))
	}
}

// beginPairs begins a kernel of the common arguments.
func (m *machine) beginPairs(name string) {
	m.function(name, "pairsArgs")
	m.MOVQ(m.field("x"), pairsX)
	m.MOVQ(m.field("z"), pairsZ)
	m.MOVQ(m.field("rows"), pairsRows)
	m.MOVQ(m.field("xRow"), pairsXRow)
	m.MOVQ(m.field("zRow"), pairsZRow)
	m.MOVQ(m.field("cols"), pairsCols)
	m.MOVQ(m.field("fill"), pairsFill)
}

// first sets the lowest bits of RAX, as many as a count says, at most 32 and at least none; RCX is used.
func (m *machine) first(count reg.Register) {
	m.XORL(reg.ECX, reg.ECX)
	m.TESTQ(count, count)
	m.CMOVQGT(count, reg.RCX)
	m.MOVQ(operand.U32(32), reg.RAX)
	m.CMPQ(reg.RCX, reg.RAX)
	m.CMOVQGT(reg.RAX, reg.RCX)
	m.Ones(reg.RCX, reg.RAX)
}

// masks32 sets K1 and K2 to the masks of two vectors of float32 of as many numbers as are left.
func (m *machine) masks32(count reg.Register) {
	m.first(count)
	m.KMOVW(reg.EAX, reg.K1)
	m.SHRQ(operand.Imm(16), reg.RAX)
	m.KMOVW(reg.EAX, reg.K2)
}

// roundPairs writes the kernel that rounds rows, 32 numbers at a time.
func (m *machine) roundPairs() {
	m.beginPairs("round")
	m.CMPQ(pairsFill, operand.Imm(32))
	m.JLE(m.To("short"))
	m.Label("row")
	m.MOVQ(pairsX, pairsFrom)
	m.MOVQ(pairsZ, pairsTo)
	m.MOVQ(m.field("cols"), pairsCols)
	m.MOVQ(m.field("fill"), pairsFill)
	m.JMP(m.To("next"))
	m.Label("whole")
	m.VMOVUPS(at(pairsFrom, 0), reg.Z0)
	m.VMOVUPS(at(pairsFrom, 64), reg.Z1)
	m.cvt(reg.Z0, reg.Z1, reg.Z2)
	m.VMOVUPS(reg.Z2, at(pairsTo, 0))
	m.furtherPairs(128, 64)
	m.Label("next")
	m.CMPQ(pairsCols, operand.Imm(32))
	m.JGE(m.To("whole"))
	m.TESTQ(pairsFill, pairsFill)
	m.JLE(m.To("done"))
	m.masks32(pairsCols)
	m.VMOVUPS_Z(at(pairsFrom, 0), reg.K1, reg.Z0)
	m.VMOVUPS_Z(at(pairsFrom, 64), reg.K2, reg.Z1)
	m.cvt(reg.Z0, reg.Z1, reg.Z2)
	m.first(pairsFill)
	m.KMOVD(reg.EAX, reg.K3)
	m.VMOVDQU16(reg.Z2, reg.K3, at(pairsTo, 0))
	m.furtherPairs(128, 64)
	m.JMP(m.To("next"))
	m.Label("done")
	m.ADDQ(pairsXRow, pairsX)
	m.ADDQ(pairsZRow, pairsZ)
	m.DECQ(pairsRows)
	m.JNZ(m.To("row"))
	m.End()
	m.roundShortPairs()
}

// roundShortPairs rounds rows of one vector of pairs each.
func (m *machine) roundShortPairs() {
	m.Label("short")
	m.masks32(pairsCols)
	m.first(pairsFill)
	m.KMOVD(reg.EAX, reg.K3)
	m.Label("shortRow")
	m.VMOVUPS_Z(at(pairsX, 0), reg.K1, reg.Z0)
	m.VMOVUPS_Z(at(pairsX, 64), reg.K2, reg.Z1)
	m.cvt(reg.Z0, reg.Z1, reg.Z2)
	m.VMOVDQU16(reg.Z2, reg.K3, at(pairsZ, 0))
	m.ADDQ(pairsXRow, pairsX)
	m.ADDQ(pairsZRow, pairsZ)
	m.DECQ(pairsRows)
	m.JNZ(m.To("shortRow"))
	m.End()
}

// furtherPairs goes on by 32 numbers of a row.
func (m *machine) furtherPairs(from, to int) {
	m.ADDQ(operand.U32(uint32(from)), pairsFrom)
	m.ADDQ(operand.Imm(uint64(to)), pairsTo)
	m.SUBQ(operand.Imm(32), pairsCols)
	m.SUBQ(operand.Imm(32), pairsFill)
}

// alternate rounds two vectors and leaves their numbers in turn, by way of Z31, the table.
func (m *machine) alternate(even, odd, to reg.VecPhysical) {
	m.cvt(even, odd, to)
	m.VPERMW(to, reg.Z31, to)
}

// loadInterleaving loads the table.
func (m *machine) loadInterleaving() {
	m.VMOVUPS(operand.NewDataAddr(operand.NewStaticSymbol(interleavingTable), 0), reg.Z31)
}

// packPairs writes the kernel of panels whose depth runs along the rows of x: two rows in turn, a panel's row at a time, of one
// vector, or two where fill is more than 16.
func (m *machine) packPairs() {
	m.beginPairs("pack")
	m.loadInterleaving()
	m.masks32(pairsCols)
	m.SUBQ(operand.Imm(2), pairsRows)
	m.JLT(m.To("last"))
	m.MOVQ(m.field("ahead"), pairsAhead)
	m.Label("two")
	m.MOVQ(pairsX, pairsFrom)
	m.ADDQ(pairsXRow, pairsFrom)
	for v := range 2 {
		m.PREFETCHT0(operand.Mem{Base: pairsX, Index: pairsAhead, Scale: 1, Disp: 64 * v})
		m.PREFETCHT0(operand.Mem{Base: pairsFrom, Index: pairsAhead, Scale: 1, Disp: 64 * v})
	}
	m.packPair(func(v int) { m.VMOVUPS_Z(at(pairsFrom, 64*v), []reg.Register{reg.K1, reg.K2}[v], reg.Z1) }, "narrow")
	m.LEAQ(operand.Mem{Base: pairsX, Index: pairsXRow, Scale: 2}, pairsX)
	m.ADDQ(pairsZRow, pairsZ)
	m.SUBQ(operand.Imm(2), pairsRows)
	m.JGE(m.To("two"))
	m.Label("last")
	m.ADDQ(operand.Imm(2), pairsRows)
	m.JZ(m.To("done"))
	m.packPair(func(int) { m.VXORPS(reg.Z1, reg.Z1, reg.Z1) }, "done")
	m.Label("done")
	m.End()
}

// packPair writes a row of pairs, whose second numbers load leaves in Z1.
func (m *machine) packPair(load func(v int), name string) {
	for v := range 2 {
		if v == 1 {
			m.CMPQ(pairsFill, operand.Imm(16))
			m.JLE(m.To(name))
		}
		m.VMOVUPS_Z(at(pairsX, 64*v), []reg.Register{reg.K1, reg.K2}[v], reg.Z0)
		load(v)
		m.alternate(reg.Z0, reg.Z1, reg.Z2)
		m.VMOVUPS(reg.Z2, at(pairsZ, 64*v))
	}
	if name != "done" {
		m.Label(name)
	}
}

// packTransposedPairs writes the kernel of panels whose columns are the rows of x, at most 16: 32 channels at a time.
func (m *machine) packTransposedPairs() {
	m.beginPairs("packTransposed")
	m.Label("block")
	m.masks32(pairsCols)
	m.MOVQ(pairsX, pairsFrom)
	m.roomAt(pairsTo)
	m.MOVQ(pairsRows, pairsCount)
	m.Label("collect")
	m.VMOVUPS_Z(at(pairsFrom, 0), reg.K1, reg.Z0)
	m.VMOVUPS_Z(at(pairsFrom, 64), reg.K2, reg.Z1)
	m.cvt(reg.Z0, reg.Z1, reg.Z2)
	m.VMOVUPS(reg.Z2, at(pairsTo, 0))
	m.ADDQ(pairsXRow, pairsFrom)
	m.ADDQ(operand.Imm(64), pairsTo)
	m.DECQ(pairsCount)
	m.JNZ(m.To("collect"))
	m.MOVQ(pairsFill, pairsCount) // pairs are half as many
	m.INCQ(pairsCount)
	m.SHRQ(operand.Imm(1), pairsCount)
	m.transposed(func(v reg.VecPhysical) {
		m.VMOVUPS(v, at(pairsZ, 0))
		m.ADDQ(pairsZRow, pairsZ)
	})
	m.ADDQ(operand.U32(128), pairsX)
	m.SUBQ(operand.Imm(32), pairsCols)
	m.SUBQ(operand.Imm(32), pairsFill)
	m.JG(m.To("block"))
	m.End()
}

// roomAt leaves where the room is.
func (m *machine) roomAt(to reg.Register) { m.LEAQ(m.field("room"), to) }

// transposed stores the columns of the room, a vector each, as many as pairsCount says, 16 at most.
func (m *machine) transposed(store func(v reg.VecPhysical)) {
	v := m.vector
	for r := range 16 {
		m.VMOVUPS(m.field("room").Offset(64*r), v[r])
	}
	for r := 0; r < 16; r += 2 { // of two rows
		m.VUNPCKLPS(v[r+1], v[r], v[16+r])
		m.VUNPCKHPS(v[r+1], v[r], v[17+r])
	}
	for r := 0; r < 16; r += 4 { // of four
		m.VUNPCKLPD(v[18+r], v[16+r], v[r])
		m.VUNPCKHPD(v[18+r], v[16+r], v[r+1])
		m.VUNPCKLPD(v[19+r], v[17+r], v[r+2])
		m.VUNPCKHPD(v[19+r], v[17+r], v[r+3])
	}
	for j := range 4 { // of eight, each with every fourth column
		m.VSHUFF32X4(operand.Imm(0x44), v[4+j], v[j], v[16+4*j])
		m.VSHUFF32X4(operand.Imm(0xee), v[4+j], v[j], v[17+4*j])
		m.VSHUFF32X4(operand.Imm(0x44), v[12+j], v[8+j], v[18+4*j])
		m.VSHUFF32X4(operand.Imm(0xee), v[12+j], v[8+j], v[19+4*j])
	}
	done := m.NewLabel("stored")
	for c := range 16 {
		j, half := 16+4*(c%4), c/8
		m.VSHUFF32X4(operand.Imm([]uint64{0x88, 0xdd}[c/4%2]), v[j+2+half], v[j+half], v[0])
		store(v[0])
		m.DECQ(pairsCount)
		m.JZ(m.To(done))
	}
	m.Label(done)
}

// transposePairs writes the kernel that makes rows of columns, at most 16: of 32 rows of x at a time.
func (m *machine) transposePairs() {
	m.beginPairs("transpose")
	m.masks32(pairsCols)
	m.Label("block")
	m.loadInterleaving()
	m.MOVQ(pairsX, pairsFrom)
	m.roomAt(pairsTo)
	m.MOVQ(operand.U32(16), pairsCount)
	m.MOVQ(m.field("ahead"), pairsAhead)
	m.LEAQ(operand.Mem{Base: pairsAhead, Index: pairsXRow, Scale: 1}, reg.RCX)
	m.Label("collect")
	m.PREFETCHT0(operand.Mem{Base: pairsFrom, Index: pairsAhead, Scale: 1})
	m.PREFETCHT0(operand.Mem{Base: pairsFrom, Index: reg.RCX, Scale: 1})
	m.VXORPS(reg.Z1, reg.Z1, reg.Z1)
	m.VXORPS(reg.Z2, reg.Z2, reg.Z2)
	m.SUBQ(operand.Imm(2), pairsRows)
	m.JLT(m.To("odd"))
	m.VMOVUPS_Z(operand.Mem{Base: pairsFrom, Index: pairsXRow, Scale: 1}, reg.K1, reg.Z1)
	m.Label("even")
	m.VMOVUPS_Z(at(pairsFrom, 0), reg.K1, reg.Z0)
	m.alternate(reg.Z0, reg.Z1, reg.Z2)
	m.LEAQ(operand.Mem{Base: pairsFrom, Index: pairsXRow, Scale: 2}, pairsFrom)
	m.Label("none")
	m.VMOVUPS(reg.Z2, at(pairsTo, 0))
	m.ADDQ(operand.Imm(64), pairsTo)
	m.DECQ(pairsCount)
	m.JNZ(m.To("collect"))
	m.MOVQ(pairsFrom, pairsX)
	m.first(pairsFill)
	m.KMOVD(reg.EAX, reg.K3)
	m.MOVQ(pairsZ, pairsTo)
	m.MOVQ(pairsCols, pairsCount)
	m.transposed(func(v reg.VecPhysical) {
		m.VMOVDQU16(v, reg.K3, at(pairsTo, 0))
		m.ADDQ(pairsZRow, pairsTo)
	})
	m.ADDQ(operand.Imm(64), pairsZ)
	m.SUBQ(operand.Imm(32), pairsFill)
	m.JG(m.To("block"))
	m.End()
	m.Label("odd") // one row is left, or none
	m.CMPQ(pairsRows, operand.I32(-1))
	m.JEQ(m.To("even"))
	m.JMP(m.To("none"))
}
