package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tileBF16 writes the kernel for panels of width vectors, in one of two ways. With one number a slot a unit of the depth is two
// channels, and a multiply-add takes one. In pairs it is four channels, and an instruction takes two of a chain.
type tileBF16 struct {
	*machine
	width  int
	paired bool
}

// Where a tile of bf16 keeps what. DI points to the arguments throughout; what changes per tile, segment and step is kept there.
var (
	unitsLeft = reg.RCX
	unitAt    = reg.RSI // in bytes from a row's place in the step
	blockAt   = reg.RAX // the block's place in the table of rows
	blockSize = reg.RBX
	stepW     = reg.R15 // the step's weights
	unitW     = reg.RDX
	rowAt     = []reg.Register{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14}
)

// channels is how many a step has.
func (t *tileBF16) channels() int { return t.number("StepBF16") }

// unit is how many channels a unit has, turn how many units one turn of the loop takes.
func (t *tileBF16) unit() int {
	if t.paired {
		return 4
	}
	return 2
}

func (t *tileBF16) turn() int { return 8 / t.unit() }

// xBytes is how many bytes n channels of a row have, and wBytes how many they have in the panel.
func (t *tileBF16) xBytes(n int) int {
	if t.paired {
		return 2 * n
	}
	return 4 * n
}

func (t *tileBF16) wBytes(n int) int { return t.xBytes(n) * t.width * t.Lanes }

// rows is the most rows of a block: those whose chains, two a number, leave room in the registers.
func (t *tileBF16) rows() int {
	if t.paired {
		return 6
	}
	return t.machine.rows / 2
}

// tilesBF16 writes the kernels of panels two vectors and one vector wide.
func (m *machine) tilesBF16() {
	m.table()
	for _, width := range []int{2, 1} {
		(&tileBF16{m, width, false}).write(fmt.Sprintf("tileBF16x%d", width))
	}
	if m.Wide() {
		m.pairTable()
		for _, width := range []int{2, 1} {
			(&tileBF16{m, width, true}).write(fmt.Sprintf("tilePairsx%d", width))
		}
	}
}

// write writes a kernel. A step goes through the tile in blocks of rows, so that its weights are fetched into the first cache once
// a tile; z is there, too.
func (t *tileBF16) write(name string) {
	t.function(name, "tileBF16Args")
	t.flushing()
	t.MOVQ(t.field("cols"), reg.RCX)
	t.masks(t.width)
	if t.paired {
		t.loadPairTable()
	}
	t.MOVQ(t.field("z"), reg.R8)
	t.MOVQ(reg.R8, t.field("zAt"))
	t.Label("tile")
	t.bias()
	t.MOVQ(t.field("segments"), reg.R8)
	t.MOVQ(t.field("segmentCount"), reg.R9)
	t.MOVQ(reg.R9, t.field("segmentsLeft"))
	t.TESTQ(reg.R9, reg.R9)
	t.JZ(t.To("stored"))
	t.Label("segment")
	t.segment()
	t.Label("step")
	t.step()
	t.MOVQ(t.field("segment"), reg.R8)
	t.ADDQ(operand.Imm(uint64(t.source.Size("SegmentBF16"))), reg.R8)
	t.DECQ(t.field("segmentsLeft"))
	t.JNZ(t.To("segment"))
	t.Label("stored")
	t.advance("zAt", "zTile")
	t.advance("xAt", "xTile")
	t.DECQ(t.field("count"))
	t.JNZ(t.To("tile"))
	t.LDMXCSR(t.field("mxcsr"))
	t.End()
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

// bias sets the tile to the bias, if there is one.
func (t *tileBF16) bias() {
	t.MOVQ(t.field("bias"), reg.R8)
	t.TESTQ(reg.R8, reg.R8)
	t.JZ(t.To("biased"))
	t.columnMasks(t.width)
	for v := range t.width {
		t.LoadVector(at(reg.R8, v*t.Bytes()), t.mask(v, true), t.vector[v])
	}
	t.MOVQ(t.field("rows"), reg.RCX)
	t.LEAQ(t.field("zRow"), blockAt)
	t.Label("bias")
	t.MOVQ(at(blockAt, 0), reg.R8)
	t.ADDQ(t.field("zAt"), reg.R8)
	for v := range t.width {
		t.StoreVector(t.vector[v], t.mask(v, true), at(reg.R8, v*t.Bytes()))
	}
	t.ADDQ(operand.Imm(8), blockAt)
	t.DECQ(reg.RCX)
	t.JNZ(t.To("bias"))
	t.Label("biased")
}

// segment begins with the segment that R8 points to.
func (t *tileBF16) segment() {
	t.MOVQ(reg.R8, t.field("segment"))
	t.MOVQ(at(reg.R8, t.source.Offset("SegmentBF16", "At")), reg.R9)
	t.SHLQ(operand.Imm(uint64(t.xBytes(1)/2)), reg.R9)
	t.ADDQ(at(reg.R8, t.source.Offset("SegmentBF16", "X")), reg.R9)
	t.ADDQ(t.field("xAt"), reg.R9)
	t.MOVQ(reg.R9, t.field("x"))
	t.MOVQ(at(reg.R8, t.source.Offset("SegmentBF16", "W")), stepW)
	t.MOVQ(t.field("units"), reg.R9)
	t.MOVQ(reg.R9, t.field("unitsLeft"))
}

// step writes the loop over the steps of a segment, block by block.
func (t *tileBF16) step() {
	units := t.channels() / t.unit()
	t.MOVQ(t.field("unitsLeft"), reg.R8)
	t.MOVQ(operand.U32(uint32(units)), reg.R9)
	t.CMPQ(reg.R8, reg.R9)
	t.CMOVQGT(reg.R9, reg.R8)
	t.MOVQ(reg.R8, t.field("stepUnits"))
	t.LEAQ(t.field("xRow"), blockAt)
	t.LEAQ(t.field("blocks"), blockSize)
	t.Label("block")
	t.MOVQ(at(blockSize, 0), reg.RCX)
	for rows := t.rows(); rows > 1; rows-- {
		t.CMPQ(reg.RCX, operand.Imm(uint64(rows)))
		t.JEQ(t.To(label("block", rows, t.width)))
	}
	for rows := 1; rows <= t.rows(); rows++ {
		t.block(rows)
		if rows < t.rows() {
			t.JMP(t.To("blockDone"))
		}
	}
	t.Label("blockDone")
	t.ADDQ(operand.Imm(8), blockSize)
	t.CMPQ(at(blockSize, 0), operand.Imm(0))
	t.JNE(t.To("block"))
	t.ADDQ(operand.I32(int32(t.wBytes(t.channels()))), stepW)
	t.ADDQ(operand.I32(int32(t.xBytes(t.channels()))), t.field("x"))
	t.SUBQ(operand.Imm(uint64(units)), t.field("unitsLeft"))
	t.JGT(t.To("step"))
}

// block writes what a step does to a block of some number of rows.
func (t *tileBF16) block(rows int) {
	name := func(s string) string { return label(s, rows, t.width) }
	turn := operand.Imm(uint64(t.turn()))
	t.Label(name("block"))
	for r := range rows {
		t.MOVQ(at(blockAt, 8*r), rowAt[r])
		t.ADDQ(t.field("x"), rowAt[r])
	}
	for r := range 2 * rows {
		for v := range t.width {
			t.VXORPS(t.acc(r, v), t.acc(r, v), t.acc(r, v))
		}
	}
	t.MOVQ(stepW, unitW)
	t.XORL(reg.ESI, reg.ESI) // unitAt
	t.MOVQ(t.field("stepUnits"), unitsLeft)
	t.SUBQ(turn, unitsLeft)
	t.JLT(t.To(name("rest")))
	t.align()
	t.Label(name("deep"))
	t.units(rows, t.turn())
	t.SUBQ(turn, unitsLeft)
	t.JGE(t.To(name("deep")))
	t.Label(name("rest"))
	t.ADDQ(turn, unitsLeft)
	t.JZ(t.To(name("done")))
	t.Label(name("last"))
	t.units(rows, 1)
	t.DECQ(unitsLeft)
	t.JNZ(t.To(name("last")))
	t.Label(name("done"))
	t.filled(rows)
	t.add(rows)
	t.ADDQ(operand.Imm(uint64(8*rows)), blockAt)
}

// units adds the products of n units to the chains: of even channels to acc(2r), of odd ones to acc(2r+1).
func (t *tileBF16) units(rows, n int) {
	for u := range n {
		if t.paired {
			t.four(rows, t.unit()*u)
		} else {
			t.one(rows, 2*u)
			t.one(rows, 2*u+1)
		}
	}
	t.ADDQ(operand.Imm(uint64(t.xBytes(n*t.unit()))), unitAt)
	t.ADDQ(operand.I32(int32(t.wBytes(n*t.unit()))), unitW)
}

// x is where channel k of row r is.
func (t *tileBF16) x(r, k int) operand.Mem {
	return operand.Mem{Base: rowAt[r], Index: unitAt, Scale: 1, Disp: t.xBytes(k)}
}

// one adds the products of channel k.
func (t *tileBF16) one(rows, k int) {
	for v := range t.width {
		t.VMOVUPS(at(unitW, t.wBytes(k)+v*t.Bytes()), t.weight(v))
	}
	for r := range rows {
		t.VBROADCASTSS(t.x(r, k), t.spread(r))
		for v := range t.width {
			t.VFMADD231PS(t.weight(v), t.spread(r), t.acc(2*r+k%2, v))
		}
	}
}

// filled adds +0 to the chains of a step that is not full, which is what the products of its zeros would do: it makes +0 of −0.
func (t *tileBF16) filled(rows int) {
	name := func(s string) string { return label(s, rows, t.width) }
	t.CMPQ(t.field("stepUnits"), operand.Imm(uint64(t.channels()/t.unit())))
	t.JEQ(t.To(name("full")))
	zero := t.spread(0)
	t.VXORPS(zero, zero, zero)
	for r := range 2 * rows {
		for v := range t.width {
			t.VADDPS(zero, t.acc(r, v), t.acc(r, v))
		}
	}
	t.Label(name("full"))
}

// add adds the two chains of each number, and their sum to z: without masks where all columns are there.
func (t *tileBF16) add(rows int) {
	name := func(s string) string { return label(s, rows, t.width) }
	zRow := t.source.Offset("tileBF16Args", "zRow") - t.source.Offset("tileBF16Args", "xRow")
	for r := range rows {
		t.MOVQ(at(blockAt, 8*r+zRow), rowAt[r])
		t.ADDQ(t.field("zAt"), rowAt[r])
		for v := range t.width {
			t.VADDPS(t.acc(2*r+1, v), t.acc(2*r, v), t.acc(2*r, v))
		}
	}
	t.CMPQ(t.field("cols"), operand.Imm(uint64(t.width*t.Lanes)))
	t.JNE(t.To(name("masked")))
	for r := range rows {
		for v := range t.width {
			z := at(rowAt[r], v*t.Bytes())
			t.VADDPS(z, t.acc(2*r, v), t.acc(2*r, v))
			t.VMOVUPS(t.acc(2*r, v), z)
		}
	}
	t.JMP(t.To(name("added")))
	t.Label(name("masked"))
	t.columnMasks(t.width)
	for r := range rows {
		for v := range t.width {
			z := at(rowAt[r], v*t.Bytes())
			t.LoadVector(z, t.mask(v, true), t.acc(2*r+1, v))
			t.VADDPS(t.acc(2*r+1, v), t.acc(2*r, v), t.acc(2*r, v))
			t.StoreVector(t.acc(2*r, v), t.mask(v, true), z)
		}
	}
	t.Label(name("added"))
}
