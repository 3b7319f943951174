package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The tiles of a product: up to 32 rows in two runs of 16, the first and second of Strides, by 32 columns in two of 16.
var (
	tileAcc = [2][2]tmm{{0, 1}, {2, 3}} // of a run of rows and of columns
	tileX   = [2]tmm{4, 5}              // of a run of rows
	tileW   = [2]tmm{6, 7}              // of columns
)

// The kernel's registers are those of tile, but for the distances of rows.
var (
	amxXRow = reg.RAX
	amxWRow = reg.RBX
	amxZRow = reg.RCX

	amxPanel = reg.R15 // from the first tile's panel to the tile's
)

// amxFamily writes what is for machines with AMX, beside AVX-512 and not once more beside AVX2.
func (m *machine) amxFamily() {
	if m.Wide() {
		m.tileAMX()
		m.pairKernels()
		m.peakAMX()
		m.xcr0()
	}
}

// tileAMX writes the product. The tiles' configuration leaves out missing rows and columns, so that nothing outside is read.
// The code only has to know whether there is a second run of rows, and of columns.
func (m *machine) tileAMX() {
	m.Suffix = "AMX"
	m.function("tileBF16", "tileAMXArgs")
	m.ldtilecfg(m.field("config"))
	m.MOVQ(m.field("count"), tilesLeft)
	m.MOVQ(m.field("z"), zAt)
	m.XORL(reg.EDX, reg.EDX)
	m.XORL(reg.R15L, reg.R15L)
	m.MOVQ(m.field("xRow"), amxXRow)
	m.MOVQ(m.field("wRow"), amxWRow)
	m.MOVQ(m.field("shape"), reg.RSI)
	for shape := 3; shape > 0; shape-- {
		m.CMPQ(reg.RSI, operand.Imm(uint64(shape)))
		m.JEQ(m.To(label("tile", 1+shape/2, 1+shape%2)))
	}
	for shape := range 4 {
		m.amxTiles(1+shape/2, 1+shape%2)
	}
}

// amxTiles writes the loop over tiles of one run of rows or two, and of columns.
func (m *machine) amxTiles(rows, cols int) {
	name := func(s string) string { return label(s, rows, cols) }
	m.Label(name("tile"))
	m.amxStart(rows, cols)
	m.MOVQ(m.field("segments"), segment)
	m.MOVQ(m.field("segmentCount"), segmentsLeft)
	m.TESTQ(segmentsLeft, segmentsLeft)
	m.JZ(m.To(name("store")))
	m.Label(name("segment"))
	m.MOVQ(at(segment, m.source.Offset("SegmentBF16", "At")), xFirst)
	m.ADDQ(xFirst, xFirst)
	m.ADDQ(at(segment, m.source.Offset("SegmentBF16", "X")), xFirst)
	m.MOVQ(at(segment, m.source.Offset("SegmentBF16", "W")), wAt)
	m.ADDQ(amxPanel, wAt)
	m.ADDQ(xAt, xFirst)
	m.MOVQ(m.field("xGap"), xSecond)
	m.ADDQ(xFirst, xSecond)
	m.amxSteps(rows, cols)
	m.ADDQ(operand.Imm(uint64(m.source.Size("SegmentBF16"))), segment)
	m.DECQ(segmentsLeft)
	m.JNZ(m.To(name("segment")))
	m.Label(name("store"))
	m.amxRows()
	for r := range rows {
		for c := range cols {
			m.tilestored(tileAcc[r][c], amxRun([]reg.Register{zFirst, zSecond}[r], amxZRow, 64*c))
		}
	}
	m.ADDQ(m.field("xTile"), xAt)
	m.ADDQ(m.field("zTile"), zAt)
	m.ADDQ(m.field("wTile"), amxPanel)
	m.DECQ(tilesLeft)
	m.JNZ(m.To(name("tile")))
	m.tilerelease()
	m.End()
}

// amxSteps writes the sum over the steps of a segment.
func (m *machine) amxSteps(rows, cols int) {
	name := func(s string) string { return label(s, rows, cols) }
	m.MOVQ(m.field("steps"), depthLeft)
	m.TESTQ(depthLeft, depthLeft)
	m.JZ(m.To(name("done")))
	m.align()
	m.Label(name("step"))
	m.tileloadd(amxRun(xFirst, amxXRow, 0), tileX[0])
	for c := range cols {
		m.tileloadd(amxRun(wAt, amxWRow, 64*c), tileW[c])
		m.tdpbf16ps(tileW[c], tileX[0], tileAcc[0][c])
	}
	if rows == 2 {
		m.tileloadd(amxRun(xSecond, amxXRow, 0), tileX[1])
		for c := range cols {
			m.tdpbf16ps(tileW[c], tileX[1], tileAcc[1][c])
		}
	}
	m.ADDQ(operand.Imm(64), xFirst)
	m.ADDQ(operand.Imm(64), xSecond)
	m.ADDQ(m.field("wStep"), wAt)
	m.DECQ(depthLeft)
	m.JNZ(m.To(name("step")))
	m.Label(name("done"))
}

// amxRun is a tile in memory: where it begins, and its rows' distance.
func amxRun(base, distance reg.Register, offset int) operand.Mem {
	return operand.Mem{Base: base, Index: distance, Scale: 1, Disp: offset}
}

// amxRows leaves where the rows of z are.
func (m *machine) amxRows() {
	m.MOVQ(zAt, zFirst)
	m.MOVQ(m.field("zGap"), zSecond)
	m.ADDQ(zFirst, zSecond)
	m.MOVQ(m.field("zRow"), amxZRow)
}

// amxStart loads the accumulators: from z, or from the bias with a distance of 0.
func (m *machine) amxStart(rows, cols int) {
	name := func(s string) string { return label(s, rows, cols) }
	m.amxRows()
	m.MOVQ(m.field("bias"), biasAt)
	m.TESTQ(biasAt, biasAt)
	m.JZ(m.To(name("begin")))
	m.amxFetch(rows, cols)
	m.MOVQ(biasAt, zFirst)
	m.MOVQ(biasAt, zSecond)
	m.XORL(reg.ECX, reg.ECX)
	m.Label(name("begin"))
	for r := range rows {
		for c := range cols {
			m.tileloadd(amxRun([]reg.Register{zFirst, zSecond}[r], amxZRow, 64*c), tileAcc[r][c])
		}
	}
}

// amxFetch fetches the rows of z, 16 of each run, which are written and not read. With it tied products of 64 channels by 28×28 pixels and of
// 256 by 7×7 take 15 and 20 % less, and others as long as without.
func (m *machine) amxFetch(rows, cols int) {
	name := label("fetch", rows, cols)
	m.MOVQ(operand.U32(16), depthLeft)
	m.Label(name)
	for r := range rows {
		for c := range cols {
			m.prefetchw([]reg.Register{zFirst, zSecond}[r], 64*c)
		}
	}
	m.ADDQ(amxZRow, zFirst)
	m.ADDQ(amxZRow, zSecond)
	m.DECQ(depthLeft)
	m.JNZ(m.To(name))
}

// prefetchw fetches a line of the cache, to be written, from less than 128 bytes beyond one of the registers R8 to R15 but R12.
func (m *machine) prefetchw(base reg.Register, offset int) {
	m.bytes([]byte{0x41, 0x0f, 0x0d, 0x48 | encoded(base)&7, byte(offset)}, fmt.Sprintf("PREFETCHW %d(%s)", offset, base.(reg.Physical).Asm()))
}

// peakAMX writes a loop of products on tiles alone, of four accumulators, so that no latency shows.
func (m *machine) peakAMX() {
	m.Suffix = "AMX"
	m.Begin("peak")
	m.SignatureExpr("func(n int, config *byte)")
	m.Load(m.Param("n"), reg.RAX)
	m.Load(m.Param("config"), reg.RDI)
	m.ldtilecfg(operand.Mem{Base: reg.RDI})
	m.Label("round")
	for r := range tileX {
		for c := range tileW {
			m.tdpbf16ps(tileW[c], tileX[r], tileAcc[r][c])
		}
	}
	m.DECQ(reg.RAX)
	m.JNZ(m.To("round"))
	m.tilerelease()
	m.End()
}

// xcr0 writes the function that tells whose registers the operating system keeps.
func (m *machine) xcr0() {
	m.Function("xcr0")
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr("func() uint64")
	m.XORL(reg.ECX, reg.ECX)
	m.XGETBV()
	m.SHLQ(operand.Imm(32), reg.RDX)
	m.ORQ(reg.RDX, reg.RAX)
	m.Store(reg.RAX, m.ReturnIndex(0))
	m.RET()
}
