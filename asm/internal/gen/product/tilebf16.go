package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where a tile of bf16 keeps what. DI points to the arguments throughout; what changes per tile, segment and step is kept there.
var (
	pairsLeft = reg.RCX
	pairAt    = reg.RSI // in bytes from a row's place in the step
	blockAt   = reg.RAX // the block's place in the table of rows
	blockSize = reg.RBX
	stepW     = reg.R15 // the step's weights
	pairW     = reg.RDX
	rowAt     = []reg.Register{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14}
)

// How the products of a step are unrolled, in pairs of channels.
const (
	stepPairs = 16
	turnPairs = 4
)

// tilesBF16 writes the kernels of panels two vectors and one vector wide.
func (m *machine) tilesBF16() {
	m.table()
	m.tileBF16(2)
	m.tileBF16(1)
}

// blockRows is the most rows whose chains fit the registers, two a number.
func (m *machine) blockRows() int { return m.rows / 2 }

// tileBF16 writes the kernel for panels of width vectors. A step goes through the tile in blocks of rows, so that its weights are
// fetched into the first cache once a tile; z is there, too.
func (m *machine) tileBF16(width int) {
	m.function(fmt.Sprintf("tileBF16x%d", width), "tileBF16Args")
	m.flushing()
	m.MOVQ(m.field("cols"), reg.RCX)
	m.masks(width)
	m.MOVQ(m.field("z"), reg.R8)
	m.MOVQ(reg.R8, m.field("zAt"))
	m.Label("tile")
	m.biasBF16(width)
	m.MOVQ(m.field("segments"), reg.R8)
	m.MOVQ(m.field("segmentCount"), reg.R9)
	m.MOVQ(reg.R9, m.field("segmentsLeft"))
	m.TESTQ(reg.R9, reg.R9)
	m.JZ(m.To("stored"))
	m.Label("segment")
	m.segmentBF16()
	m.Label("step")
	m.step(width)
	m.MOVQ(m.field("segment"), reg.R8)
	m.ADDQ(operand.Imm(uint64(m.source.Size("SegmentBF16"))), reg.R8)
	m.DECQ(m.field("segmentsLeft"))
	m.JNZ(m.To("segment"))
	m.Label("stored")
	m.advance("zAt", "zTile")
	m.advance("xAt", "xTile")
	m.DECQ(m.field("count"))
	m.JNZ(m.To("tile"))
	m.LDMXCSR(m.field("mxcsr"))
	m.End()
}

// advance adds one argument to another.
func (m *machine) advance(to, by string) {
	m.MOVQ(m.field(by), reg.R8)
	m.ADDQ(reg.R8, m.field(to))
}

// flushing lets what is smaller than 2⁻¹²⁶ count as zero, and keeps how that was before.
func (m *machine) flushing() {
	const flushToZero, denormalsAreZero = 1 << 15, 1 << 6
	m.STMXCSR(m.field("mxcsr"))
	m.MOVL(m.field("mxcsr"), reg.EAX)
	m.ORL(operand.U32(flushToZero|denormalsAreZero), reg.EAX)
	m.MOVL(reg.EAX, m.field("flush"))
	m.LDMXCSR(m.field("flush"))
}

// biasBF16 sets the tile to the bias, if there is one.
func (m *machine) biasBF16(width int) {
	m.MOVQ(m.field("bias"), reg.R8)
	m.TESTQ(reg.R8, reg.R8)
	m.JZ(m.To("biased"))
	load := m.vector[:width]
	if !m.Wide() {
		m.MOVQ(m.field("cols"), reg.RSI)
		m.window()
		m.vectorMasks(width)
	}
	for v := range width {
		m.LoadVector(at(reg.R8, v*m.Bytes()), m.mask(v, true), load[v])
	}
	m.MOVQ(m.field("rows"), reg.RCX)
	m.LEAQ(m.field("zRow"), blockAt)
	m.Label("bias")
	m.MOVQ(at(blockAt, 0), reg.R8)
	m.ADDQ(m.field("zAt"), reg.R8)
	for v := range width {
		m.StoreVector(load[v], m.mask(v, true), at(reg.R8, v*m.Bytes()))
	}
	m.ADDQ(operand.Imm(8), blockAt)
	m.DECQ(reg.RCX)
	m.JNZ(m.To("bias"))
	m.Label("biased")
}

// segmentBF16 begins with the segment that R8 points to.
func (m *machine) segmentBF16() {
	m.MOVQ(reg.R8, m.field("segment"))
	m.MOVQ(at(reg.R8, m.source.Offset("SegmentBF16", "At")), reg.R9)
	m.SHLQ(operand.Imm(2), reg.R9)
	m.ADDQ(at(reg.R8, m.source.Offset("SegmentBF16", "X")), reg.R9)
	m.ADDQ(m.field("xAt"), reg.R9)
	m.MOVQ(reg.R9, m.field("x"))
	m.MOVQ(at(reg.R8, m.source.Offset("SegmentBF16", "W")), stepW)
	m.MOVQ(m.field("pairs"), reg.R9)
	m.MOVQ(reg.R9, m.field("pairsLeft"))
}

// step writes the loop over the steps of a segment, block by block.
func (m *machine) step(width int) {
	m.MOVQ(m.field("pairsLeft"), reg.R8)
	m.MOVQ(operand.U32(stepPairs), reg.R9)
	m.CMPQ(reg.R8, reg.R9)
	m.CMOVQGT(reg.R9, reg.R8)
	m.MOVQ(reg.R8, m.field("stepPairs"))
	m.LEAQ(m.field("xRow"), blockAt)
	m.LEAQ(m.field("blocks"), blockSize)
	m.Label("block")
	m.MOVQ(at(blockSize, 0), reg.RCX)
	for rows := m.blockRows(); rows > 1; rows-- {
		m.CMPQ(reg.RCX, operand.Imm(uint64(rows)))
		m.JEQ(m.To(label("block", rows, width)))
	}
	for rows := 1; rows <= m.blockRows(); rows++ {
		m.block16(rows, width)
		if rows < m.blockRows() {
			m.JMP(m.To("blockDone"))
		}
	}
	m.Label("blockDone")
	m.ADDQ(operand.Imm(8), blockSize)
	m.CMPQ(at(blockSize, 0), operand.Imm(0))
	m.JNE(m.To("block"))
	m.ADDQ(operand.I32(int32(2*stepPairs*width*m.Bytes())), stepW)
	m.ADDQ(operand.I32(2*stepPairs*4), m.field("x"))
	m.SUBQ(operand.Imm(stepPairs), m.field("pairsLeft"))
	m.JGT(m.To("step"))
}

// block16 writes what a step does to a block of some number of rows.
func (m *machine) block16(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	m.Label(name("block"))
	for r := range rows {
		m.MOVQ(at(blockAt, 8*r), rowAt[r])
		m.ADDQ(m.field("x"), rowAt[r])
	}
	for r := range 2 * rows {
		for v := range width {
			m.VXORPS(m.acc(r, v), m.acc(r, v), m.acc(r, v))
		}
	}
	m.MOVQ(stepW, pairW)
	m.XORL(pairAt.(reg.GPPhysical).As32(), pairAt.(reg.GPPhysical).As32())
	m.MOVQ(m.field("stepPairs"), pairsLeft)
	m.SUBQ(operand.Imm(turnPairs), pairsLeft)
	m.JLT(m.To(name("rest")))
	m.align()
	m.Label(name("deep"))
	m.pairs(rows, width, turnPairs)
	m.SUBQ(operand.Imm(turnPairs), pairsLeft)
	m.JGE(m.To(name("deep")))
	m.Label(name("rest"))
	m.ADDQ(operand.Imm(turnPairs), pairsLeft)
	m.JZ(m.To(name("done")))
	m.Label(name("last"))
	m.pairs(rows, width, 1)
	m.DECQ(pairsLeft)
	m.JNZ(m.To(name("last")))
	m.Label(name("done"))
	m.filled(rows, width)
	m.addBlock(rows, width)
	m.ADDQ(operand.Imm(uint64(8*rows)), blockAt)
}

// pairs adds the products of n pairs of channels to the chains: of even ones to acc(2r), of odd ones to acc(2r+1).
func (m *machine) pairs(rows, width, n int) {
	for k := range 2 * n {
		for v := range width {
			m.VMOVUPS(at(pairW, (k*width+v)*m.Bytes()), m.weight(v))
		}
		for r := range rows {
			m.VBROADCASTSS(operand.Mem{Base: rowAt[r], Index: pairAt, Scale: 1, Disp: 4 * k}, m.spread(r))
			for v := range width {
				m.VFMADD231PS(m.weight(v), m.spread(r), m.acc(2*r+k%2, v))
			}
		}
	}
	m.ADDQ(operand.Imm(uint64(8*n)), pairAt)
	m.ADDQ(operand.I32(int32(2*n*width*m.Bytes())), pairW)
}

// filled adds +0 to the chains of a step that is not full, which is what the products of its zeros would do: it makes +0 of −0.
func (m *machine) filled(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	m.CMPQ(m.field("stepPairs"), operand.Imm(stepPairs))
	m.JEQ(m.To(name("full")))
	m.VXORPS(m.weight(0), m.weight(0), m.weight(0))
	for r := range 2 * rows {
		for v := range width {
			m.VADDPS(m.weight(0), m.acc(r, v), m.acc(r, v))
		}
	}
	m.Label(name("full"))
}

// addBlock adds the two chains of each number, and their sum to z: without masks where all columns are there.
func (m *machine) addBlock(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	for r := range rows {
		m.MOVQ(at(blockAt, 8*r+m.source.Offset("tileBF16Args", "zRow")-m.source.Offset("tileBF16Args", "xRow")), rowAt[r])
		m.ADDQ(m.field("zAt"), rowAt[r])
		for v := range width {
			m.VADDPS(m.acc(2*r+1, v), m.acc(2*r, v), m.acc(2*r, v))
		}
	}
	m.CMPQ(m.field("cols"), operand.Imm(uint64(width*m.Lanes)))
	m.JNE(m.To(name("masked")))
	for r := range rows {
		for v := range width {
			z := at(rowAt[r], v*m.Bytes())
			m.VADDPS(z, m.acc(2*r, v), m.acc(2*r, v))
			m.VMOVUPS(m.acc(2*r, v), z)
		}
	}
	m.JMP(m.To(name("added")))
	m.Label(name("masked"))
	m.columnMasks(width)
	for r := range rows {
		for v := range width {
			z := at(rowAt[r], v*m.Bytes())
			m.LoadVector(z, m.mask(v, true), m.acc(2*r+1, v))
			m.VADDPS(m.acc(2*r+1, v), m.acc(2*r, v), m.acc(2*r, v))
			m.StoreVector(m.acc(2*r, v), m.mask(v, true), z)
		}
	}
	m.Label(name("added"))
}
