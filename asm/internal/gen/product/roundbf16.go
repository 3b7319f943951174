package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where the functions that round keep what. DI points to the arguments throughout.
var (
	roundZ    = reg.R8 // the row's next numbers, or the next column
	roundX    = reg.R9
	colsLeft  = reg.R10
	fillLeft  = reg.R11
	roundRow  = reg.R12 // a row's place in z
	roundFrom = reg.R13 // and in x
)

// roundings writes what rounds rows, and what rounds and transposes them.
func (m *machine) roundings() {
	m.table()
	if m.Wide() {
		writeRoundConstants(m.Context)
	}
	m.roundRows()
	m.transpose()
}

// The constants of rounding, by their place in a table of eight of each.
const (
	below = iota // what carries into bit 16 from more than half, or from half and an odd number
	one
	quiet    // of a NaN
	exponent // 0 of what becomes zero
	sign
	high
	roundConstants
)

func writeRoundConstants(c *build.Context) {
	c.StaticGlobal("rounding")
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, u := range [roundConstants]uint32{1<<15 - 1, 1, 1 << 22, 0xff << 23, 1 << 31, 0xffff << 16} {
		for lane := range 8 {
			c.AddDatum(32*i+4*lane, operand.U32(u))
		}
	}
}

// constant is where a constant of rounding is: for AVX2 in memory, for AVX-512 in a register of its own.
func (m *machine) constant(i int) operand.Op {
	if m.Wide() {
		return m.vector[24+i]
	}
	return operand.NewDataAddr(operand.NewStaticSymbol("rounding"), 32*i)
}

// loadConstants fills AVX-512's registers for them.
func (m *machine) loadConstants() {
	for i := range roundConstants {
		if m.Wide() {
			m.VBROADCASTSS(operand.NewDataAddr(operand.NewStaticSymbol("rounding"), 32*i), m.vector[24+i])
		}
	}
}

// round rounds a vector, by way of others: a NaN becomes a quiet one, and what has no exponent a zero.
func (m *machine) round(u reg.VecPhysical, t []reg.VecPhysical) {
	m.VPSRLD(operand.Imm(16), u, t[0])
	if m.Wide() {
		m.VPANDD(m.constant(one), t[0], t[0])
		m.VPADDD(m.constant(below), t[0], t[0])
		m.VPADDD(u, t[0], t[0])
		m.VFPCLASSPSZ(operand.Imm(0x81), u, reg.K3) // NaN
		m.VFPCLASSPSZ(operand.Imm(0x20), u, reg.K4) // denormals
		m.VPORD(m.constant(quiet), u, reg.K3, t[0])
		m.VPANDD(m.constant(sign), u, reg.K4, t[0])
		m.VPANDD(m.constant(high), t[0], u)
		return
	}
	m.VPAND(m.constant(one), t[0], t[0])
	m.VPADDD(m.constant(below), t[0], t[0])
	m.VPADDD(u, t[0], t[0])
	m.VCMPPS(operand.Imm(3), u, u, t[1])
	m.VPOR(m.constant(quiet), u, t[2])
	m.VBLENDVPS(t[1], t[2], t[0], t[0])
	m.VPAND(m.constant(exponent), u, t[1])
	m.VPXOR(t[2], t[2], t[2])
	m.VPCMPEQD(t[2], t[1], t[1])
	m.VPAND(m.constant(sign), u, t[2])
	m.VBLENDVPS(t[1], t[2], t[0], t[0])
	m.VPAND(m.constant(high), t[0], u)
}

// firstLanes makes the mask of as many lanes as a register says, of none at least and all at most: of AVX-512 in k, of AVX2 in v.
// It uses CX, DX and SI.
func (m *machine) firstLanes(n reg.Register, k reg.Register, v reg.VecPhysical) reg.Register {
	m.XORL(reg.ECX, reg.ECX)
	m.MOVL(operand.U32(uint32(m.Lanes)), reg.EDX)
	m.CMPQ(n, reg.RCX)
	m.CMOVQGT(n, reg.RCX)
	m.CMPQ(reg.RCX, reg.RDX)
	m.CMOVQGT(reg.RDX, reg.RCX)
	if m.Wide() {
		m.Ones(reg.RCX, reg.RSI)
		m.KMOVW(reg.ESI, k)
		return k
	}
	m.VMOVUPS(m.Window(reg.RCX, reg.RSI), v)
	return v
}

// roundRows writes the loop over rows that are rounded and filled with zeros.
func (m *machine) roundRows() {
	m.function("roundRows", "roundArgs")
	m.loadConstants()
	m.MOVQ(m.field("z"), roundRow)
	m.MOVQ(m.field("x"), roundFrom)
	v, t := m.vector[0], m.vector[1:4]
	m.Label("row")
	m.MOVQ(roundRow, roundZ)
	m.MOVQ(roundFrom, roundX)
	m.MOVQ(m.field("cols"), colsLeft)
	m.MOVQ(m.field("fill"), fillLeft)
	next := func() {
		m.ADDQ(operand.Imm(uint64(m.Bytes())), roundX)
		m.ADDQ(operand.Imm(uint64(m.Bytes())), roundZ)
		m.SUBQ(operand.Imm(uint64(m.Lanes)), fillLeft)
		m.SUBQ(operand.Imm(uint64(m.Lanes)), colsLeft)
	}
	m.CMPQ(colsLeft, operand.Imm(uint64(m.Lanes)))
	m.JLT(m.To("rest"))
	m.Label("full")
	m.VMOVUPS(at(roundX, 0), v)
	m.round(v, t)
	m.VMOVUPS(v, at(roundZ, 0))
	next()
	m.CMPQ(colsLeft, operand.Imm(uint64(m.Lanes)))
	m.JGE(m.To("full"))
	m.Label("rest")
	m.TESTQ(fillLeft, fillLeft)
	m.JLE(m.To("filled"))
	m.LoadVector(at(roundX, 0), m.firstLanes(colsLeft, reg.K1, t[0]), v)
	m.round(v, t)
	m.StoreVector(v, m.firstLanes(fillLeft, reg.K2, t[0]), at(roundZ, 0))
	next()
	m.JMP(m.To("rest"))
	m.Label("filled")
	m.ADDQ(m.field("zStep"), roundRow)
	m.ADDQ(m.field("xStep"), roundFrom)
	m.DECQ(m.field("rows"))
	m.JNZ(m.To("row"))
	m.End()
}

// transpose writes the loop over blocks of as many columns as a vector has lanes, of no more rows than that: each becomes a row.
func (m *machine) transpose() {
	m.function("transpose", "roundArgs")
	m.MOVQ(m.field("z"), roundZ)
	m.MOVQ(m.field("x"), roundFrom)
	m.MOVQ(m.field("cols"), colsLeft)
	m.MOVQ(m.field("rows"), roundRow)
	m.MOVQ(m.field("fill"), fillLeft)
	m.Label("block")
	m.loadBlock()
	m.transposeVectors()
	m.storeBlock()
	m.ADDQ(operand.Imm(uint64(m.Bytes())), roundFrom)
	m.SUBQ(operand.Imm(uint64(m.Lanes)), colsLeft)
	m.JG(m.To("block"))
	m.End()
}

// loadBlock rounds the numbers of the rows that there are, and leaves zeros for the others.
func (m *machine) loadBlock() {
	m.loadConstants()
	mask := m.firstLanes(colsLeft, reg.K1, m.vector[m.Lanes])
	for i := range m.Lanes {
		m.VXORPS(m.vector[i], m.vector[i], m.vector[i])
	}
	m.MOVQ(roundFrom, roundX)
	for i := range m.Lanes {
		m.CMPQ(roundRow, operand.Imm(uint64(i)))
		m.JLE(m.To("loaded"))
		m.LoadVector(at(roundX, 0), mask, m.vector[i])
		m.round(m.vector[i], m.vector[m.Lanes+1:])
		m.ADDQ(m.field("xStep"), roundX)
	}
	m.Label("loaded")
}

// transposeVectors transposes the square of numbers in the first vectors. First each four rows are transposed in blocks of 4×4, of
// which a vector has one in each 128 bits, then the blocks.
func (m *machine) transposeVectors() {
	n := m.Lanes
	from, to := m.vector[:n], m.vector[n:2*n]
	for i := 0; i < n; i += 4 {
		for j := 0; j < 4; j += 2 {
			m.VUNPCKLPS(from[i+j+1], from[i+j], to[i+j])
			m.VUNPCKHPS(from[i+j+1], from[i+j], to[i+j+1])
		}
		for j := range 2 {
			m.VUNPCKLPD(to[i+j+2], to[i+j], from[i+2*j])
			m.VUNPCKHPD(to[i+j+2], to[i+j], from[i+2*j+1])
		}
	}
	if !m.Wide() {
		for c := range 4 {
			m.VPERM2F128(operand.Imm(0x20), from[4+c], from[c], to[c])
			m.VPERM2F128(operand.Imm(0x31), from[4+c], from[c], to[4+c])
		}
		return
	}
	const even, odd = operand.U8(0x88), operand.U8(0xdd)
	for c := range 4 {
		for i, which := range []operand.U8{even, odd} {
			m.VSHUFF32X4(which, from[4+c], from[c], to[4*i+c])
			m.VSHUFF32X4(which, from[12+c], from[8+c], to[8+4*i+c])
		}
	}
	for c := range 4 {
		for i := range 2 {
			m.VSHUFF32X4(even, to[8+4*i+c], to[4*i+c], from[4*i+c])
			m.VSHUFF32X4(odd, to[8+4*i+c], to[4*i+c], from[8+4*i+c])
		}
	}
}

// storeBlock stores the columns that there are, so many numbers of each.
func (m *machine) storeBlock() {
	column, spare := m.vector[:m.Lanes], m.vector[m.Lanes]
	if !m.Wide() {
		column, spare = m.vector[m.Lanes:2*m.Lanes], m.vector[0]
		m.CMPQ(fillLeft, operand.Imm(uint64(m.Lanes)))
		m.JNE(m.To("masked"))
		m.storeColumns(column, nil)
		m.Label("masked")
	}
	m.storeColumns(column, m.firstLanes(fillLeft, reg.K2, spare))
	m.Label("stored")
}

// storeColumns stores columns, with a mask or without.
func (m *machine) storeColumns(column []reg.VecPhysical, mask reg.Register) {
	for i := range m.Lanes {
		m.StoreVector(column[i], mask, at(roundZ, 0))
		m.ADDQ(m.field("zStep"), roundZ)
		if i < m.Lanes-1 {
			m.CMPQ(colsLeft, operand.Imm(uint64(i+1)))
			m.JLE(m.To("stored"))
		}
	}
	if mask == nil {
		m.JMP(m.To("stored"))
	}
}
