package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where a tile keeps what. DI points to the arguments throughout.
var (
	tilesLeft = reg.R13
	zAt       = reg.R14 // the tile's place in z
	xAt       = reg.RDX // and in x, in bytes from a segment's beginning

	// While segments are summed:
	segment      = reg.RSI
	segmentsLeft = reg.R8
	xFirst       = reg.R9  // the first half of the rows
	xSecond      = reg.R10 // the second half
	wAt          = reg.R11
	depthLeft    = reg.R12
	xLater       = reg.R15                                   // the next tile
	xStride      = []reg.Register{reg.RAX, reg.RBX, reg.RCX} // 1, 3 and 5 times the distance of rows

	// Before and after:
	zFirst  = reg.R9
	zSecond = reg.R10
	zStride = []reg.Register{reg.R11, reg.R12, reg.R8}
	biasAt  = reg.RSI
)

// unroll is how many channels one turn of the loop takes: at 4 the 4 instructions of the loop itself are a tenth of a 4-row
// tile's and a fiftieth of a full one's.
func (m *machine) unroll() int { return m.number("tileTurn") }

// ahead is from how many rows on AVX-512 prefetches weights, 8 channels ahead: that takes tiles of 10 to 14 rows from 93.5 %
// to 99.3 % of the multiply-add ceiling on an Intel core with two units, but tiles of 7 rows from 98 % to 93 %.
const ahead = 10

// fetches reports whether what comes next is fetched into the second cache meanwhile.
func (m *machine) fetches(rows int) bool { return rows > m.rows/2 }

// later leaves what a segment fetches, and how far each turn steps through it. The first of several segments fetches the next tile's rows
// of z, which takes tied products of 64 and 128 channels from 79 and 86 % of the ceiling to 82 and 88 %. The others fetch their share of
// what the caller names, or else the next tile's rows of x. A single segment does better without those of z: 25088×64×576 is 10 % slower
// with them. All rows of a tile are taken to lie together.
func (m *machine) later(name func(string) string, rows int) {
	m.CMPQ(segmentsLeft, m.field("segmentCount"))
	m.JNE(m.To(name("further")))
	m.CMPQ(segmentsLeft, operand.Imm(1))
	m.JE(m.To(name("further")))
	m.MOVQ(m.field("zTile"), xLater)
	m.ADDQ(zAt, xLater)
	m.JMP(m.To(name("rows")))
	m.Label(name("further"))
	m.MOVQ(m.field("next"), xLater)
	m.TESTQ(xLater, xLater)
	m.JZ(m.To(name("own")))
	m.MOVQ(m.field("nextSegment"), depthLeft)
	m.ADDQ(depthLeft, m.field("next"))
	m.MOVQ(m.field("nextStep"), depthLeft)
	m.JMP(m.To(name("depth")))
	m.Label(name("own"))
	m.MOVQ(m.field("xTile"), xLater)
	m.ADDQ(xFirst, xLater)
	m.Label(name("rows"))
	m.MOVQ(operand.U32(uint32(4*m.unroll()*rows)), depthLeft)
	m.Label(name("depth"))
	m.MOVQ(depthLeft, m.field("laterStep"))
}

// tiles writes the kernels of panels two vectors and one vector wide.
func (m *machine) tiles() {
	m.table()
	m.tile(2)
	m.tile(1)
}

// tile writes the kernel for panels of width vectors: a chain of comparisons, then a loop for each number of rows.
func (m *machine) tile(width int) {
	m.function(fmt.Sprintf("tile%d", width), "tileArgs")
	m.MOVQ(m.field("count"), tilesLeft)
	m.MOVQ(m.field("z"), zAt)
	m.XORL(reg.EDX, reg.EDX)
	m.MOVQ(m.field("cols"), reg.RCX)
	m.masks(width)
	m.MOVQ(m.field("xRow"), xStride[0])
	m.multiples(xStride)
	m.MOVQ(m.field("rows"), reg.RSI)
	for rows := m.rows; rows > 1; rows-- {
		m.CMPQ(reg.RSI, operand.Imm(uint64(rows)))
		m.JEQ(m.To(label("tile", rows, width)))
	}
	for rows := 1; rows <= m.rows; rows++ {
		m.tileRows(rows, width)
	}
}

// multiples sets s[1] and s[2] to 3 and 5 times s[0], where tiles have rows enough to need them.
func (m *machine) multiples(s []reg.Register) {
	if m.Wide() {
		m.LEAQ(operand.Mem{Base: s[0], Index: s[0], Scale: 2}, s[1])
		m.LEAQ(operand.Mem{Base: s[0], Index: s[0], Scale: 4}, s[2])
	}
}

// row returns the place of row r of a tile: halves of at most 7 rows, reached by scaled multiples of the distance.
func row(first, second reg.Register, stride []reg.Register, r, rows, offset int) operand.Mem {
	base, h := first, (rows+1)/2
	if r >= h {
		base, r = second, r-h
	}
	mem := operand.Mem{Base: base, Disp: offset}
	switch r {
	case 1, 2, 4:
		mem.Index, mem.Scale = stride[0], uint8(r)
	case 3, 6:
		mem.Index, mem.Scale = stride[1], uint8(r/3)
	case 5:
		mem.Index, mem.Scale = stride[2], 1
	}
	return mem
}

// tileRows writes the loop over tiles of some number of rows.
func (m *machine) tileRows(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	m.Label(name("tile"))
	m.start(rows, width)
	m.MOVQ(m.field("segments"), segment)
	m.MOVQ(m.field("segmentCount"), segmentsLeft)
	m.TESTQ(segmentsLeft, segmentsLeft)
	m.JZ(m.To(name("store")))
	m.Label(name("segment"))
	m.MOVQ(at(segment, m.source.Offset("Segment", "X")), xFirst)
	m.MOVQ(at(segment, m.source.Offset("Segment", "W")), wAt)
	m.ADDQ(xAt, xFirst)
	m.MOVQ(m.field("xGap"), xSecond)
	m.ADDQ(xFirst, xSecond)
	if m.fetches(rows) {
		m.later(name, rows)
	}
	m.depth(rows, width)
	m.ADDQ(operand.Imm(uint64(m.source.Size("Segment"))), segment)
	m.DECQ(segmentsLeft)
	m.JNZ(m.To(name("segment")))
	m.Label(name("store"))
	m.store(rows, width)
	m.ADDQ(m.field("xTile"), xAt)
	m.ADDQ(m.field("zTile"), zAt)
	m.DECQ(tilesLeft)
	m.JNZ(m.To(name("tile")))
	m.End()
}

// depth writes the sum over the channels of a segment.
func (m *machine) depth(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	step, unroll := width*m.Bytes(), m.unroll()
	turn, bytes := operand.Imm(uint64(unroll)), operand.Imm(uint64(4*unroll))
	m.MOVQ(m.field("depth"), depthLeft)
	m.SUBQ(turn, depthLeft)
	m.JLT(m.To(name("rest")))
	m.align()
	m.Label(name("deep"))
	for k := range unroll {
		m.channel(rows, width, 4*k, step*k)
		if m.fetches(rows) && 64*k < 4*unroll*rows {
			m.PREFETCHT1(at(xLater, 64*k))
		}
	}
	if m.fetches(rows) {
		m.ADDQ(m.field("laterStep"), xLater)
	}
	m.ADDQ(bytes, xFirst)
	m.ADDQ(bytes, xSecond)
	m.ADDQ(operand.I32(int32(step*unroll)), wAt)
	m.SUBQ(turn, depthLeft)
	m.JGE(m.To(name("deep")))
	m.Label(name("rest"))
	m.ADDQ(turn, depthLeft)
	m.JZ(m.To(name("done")))
	m.Label(name("last"))
	m.channel(rows, width, 0, 0)
	m.ADDQ(operand.Imm(4), xFirst)
	m.ADDQ(operand.Imm(4), xSecond)
	m.ADDQ(operand.I32(int32(step)), wAt)
	m.DECQ(depthLeft)
	m.JNZ(m.To(name("last")))
	m.Label(name("done"))
}

// channel adds the products of one channel.
func (m *machine) channel(rows, width, x, w int) {
	for v := range width {
		m.VMOVUPS(at(wAt, w+v*m.Bytes()), m.weight(v))
	}
	for r := range rows {
		m.VBROADCASTSS(row(xFirst, xSecond, xStride, r, rows, x), m.spread(r))
		for v := range width {
			m.VFMADD231PS(m.weight(v), m.spread(r), m.acc(r, v))
		}
		if rows >= ahead && width == 2 && m.Wide() && (r == 1 || r == 5) {
			m.PREFETCHT0(at(wAt, w+1024+r/4*m.Bytes()))
		}
	}
}

// zRows leaves what row needs to find the rows of z.
func (m *machine) zRows() {
	m.MOVQ(zAt, zFirst)
	m.MOVQ(m.field("zGap"), zSecond)
	m.ADDQ(zFirst, zSecond)
	m.MOVQ(m.field("zRow"), zStride[0])
	m.multiples(zStride)
}

// start fills the accumulators: with the bias, or with z where the bias is nil.
func (m *machine) start(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	m.columnMasks(width)
	m.MOVQ(m.field("bias"), biasAt)
	m.TESTQ(biasAt, biasAt)
	m.JZ(m.To(name("again")))
	for v := range width {
		m.LoadVector(at(biasAt, v*m.Bytes()), m.mask(v, true), m.acc(0, v))
		for r := 1; r < rows; r++ {
			m.VMOVAPS(m.acc(0, v), m.acc(r, v))
		}
	}
	m.JMP(m.To(name("begin")))
	m.Label(name("again"))
	m.zRows()
	for r := range rows {
		for v := range width {
			m.LoadVector(row(zFirst, zSecond, zStride, r, rows, v*m.Bytes()), m.mask(v, true), m.acc(r, v))
		}
	}
	m.Label(name("begin"))
}

// store writes the accumulators to z, without masks where all columns are there.
func (m *machine) store(rows, width int) {
	name := func(s string) string { return label(s, rows, width) }
	m.zRows()
	m.CMPQ(m.field("cols"), operand.Imm(uint64(width*m.Lanes)))
	m.JNE(m.To(name("masked")))
	for r := range rows {
		for v := range width {
			m.VMOVUPS(m.acc(r, v), row(zFirst, zSecond, zStride, r, rows, v*m.Bytes()))
		}
	}
	m.JMP(m.To(name("stored")))
	m.Label(name("masked"))
	m.columnMasks(width)
	for r := range rows {
		for v := range width {
			m.StoreVector(m.acc(r, v), m.mask(v, true), row(zFirst, zSecond, zStride, r, rows, v*m.Bytes()))
		}
	}
	m.Label(name("stored"))
}

// columnMasks makes ready the masks of the columns.
func (m *machine) columnMasks(width int) {
	if !m.Wide() {
		m.MOVQ(m.field("cols"), reg.RSI)
		m.window()
		m.vectorMasks(width)
	}
}
