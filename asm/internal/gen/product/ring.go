package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where a ring's sums keep what. DI points to the arguments throughout.
var (
	ringEdgesAt   = reg.RAX
	ringCornersAt = reg.RBX
	ringZNext     = reg.RDX
	ringAt        = []reg.Register{reg.R8, reg.R9, reg.R10}   // above, x, below, a pixel ahead
	ringNext      = []reg.Register{reg.R11, reg.R12, reg.R13} // their distances of pixels
	ringPixels    = reg.R14                                   // left
	ringChannel   = reg.R15                                   // bytes from a pixel's beginning
	ringFrom      = []string{"above", "x", "below"}           // fields; their distances and places begin with these names
)

// A ring is which sums a kernel computes.
type ring struct {
	*machine
	edges, corners bool
	masked         bool
}

// rings writes the sums of the neighbours of pixels: nearest, next nearest, both.
func (m *machine) rings() {
	m.table()
	(&ring{machine: m, edges: true}).write("ringEdges")
	(&ring{machine: m, corners: true}).write("ringCorners")
	(&ring{machine: m, edges: true, corners: true}).write("ringBoth")
}

// write writes the loops over rows and over vectors of channels.
func (r *ring) write(name string) {
	r.function(name, "ringArgs")
	r.MOVQ(r.field("channels"), reg.RCX)
	r.ANDQ(operand.Imm(uint64(r.Lanes-1)), reg.RCX)
	r.masks(1)
	r.MOVQ(r.field("zPixel"), ringZNext)
	for i := range 3 {
		r.MOVQ(r.field(ringFrom[i]+"Pixel"), ringNext[i])
	}
	r.Label("row")
	r.XORQ(ringChannel, ringChannel)
	r.MOVQ(r.field("channels"), reg.RCX)
	r.MOVQ(reg.RCX, r.field("channelsLeft"))
	r.Label("vector")
	r.CMPQ(r.field("channelsLeft"), operand.Imm(uint64(r.Lanes)))
	r.JLT(r.To("rest"))
	r.line("full")
	r.ADDQ(operand.Imm(uint64(r.Bytes())), ringChannel)
	r.SUBQ(operand.Imm(uint64(r.Lanes)), r.field("channelsLeft"))
	r.JNZ(r.To("vector"))
	r.JMP(r.To("next"))
	r.Label("rest")
	r.columns()
	(&ring{r.machine, r.edges, r.corners, true}).line("masked")
	r.Label("next")
	for i := range 3 {
		r.MOVQ(r.field(ringFrom[i]+"Row"), reg.RCX)
		r.ADDQ(reg.RCX, r.field(ringFrom[i]+"At"))
	}
	r.MOVQ(r.field("zRow"), reg.RCX)
	r.ADDQ(reg.RCX, r.field("zAt"))
	r.DECQ(r.field("height"))
	r.JNZ(r.To("row"))
	r.End()
}

// columns loads AVX2's masks of the channels of the last vector.
func (r *ring) columns() {
	if !r.Wide() {
		r.MOVQ(r.field("channelsLeft"), reg.RSI)
		r.window()
		r.vectorMasks(1)
	}
}

// slot is the register of a row's pixel: three pixels, left, here and right, in turn.
func (r *ring) slot(row, pixel int) reg.VecPhysical { return r.vector[3*row+pixel%3] }

// line writes the walk along a row with a vector of channels. Each pixel's three new vectors are loaded, the other six are
// in registers; the loop is unrolled so that they need not move.
func (r *ring) line(name string) {
	for i := range 3 {
		r.MOVQ(r.field(ringFrom[i]), ringAt[i])
		r.ADDQ(r.field(ringFrom[i]+"At"), ringAt[i])
		r.ADDQ(ringChannel, ringAt[i])
		r.VXORPS(r.slot(i, 0), r.slot(i, 0), r.slot(i, 0))
		r.right(i, 0)
	}
	r.MOVQ(r.field("zAt"), ringCornersAt)
	r.ADDQ(ringChannel, ringCornersAt)
	r.MOVQ(ringCornersAt, ringEdgesAt)
	r.ADDQ(r.field("edges"), ringEdgesAt)
	r.ADDQ(r.field("corners"), ringCornersAt)
	r.MOVQ(r.field("width"), ringPixels)
	r.align()
	r.Label(name)
	for pixel := range 3 {
		r.DECQ(ringPixels)
		r.JZ(r.To(fmt.Sprint(name, "Last", pixel)))
		for i := range 3 {
			r.right(i, pixel+1)
		}
		r.sums(pixel)
	}
	r.JMP(r.To(name))
	for pixel := range 3 {
		r.Label(fmt.Sprint(name, "Last", pixel))
		for i := range 3 {
			r.VXORPS(r.slot(i, pixel+2), r.slot(i, pixel+2), r.slot(i, pixel+2))
		}
		r.sums(pixel)
		if pixel < 2 {
			r.JMP(r.To(name + "Done"))
		}
	}
	r.Label(name + "Done")
}

// right loads the vector to the right of a pixel.
func (r *ring) right(row, pixel int) {
	if row == 1 && !r.edges {
		return
	}
	r.LoadVector(at(ringAt[row], 0), r.mask(0, r.masked), r.slot(row, pixel+1))
	r.ADDQ(ringNext[row], ringAt[row])
}

// sums writes the sums of a pixel.
func (r *ring) sums(pixel int) {
	here := func(row, dx int) reg.VecPhysical { return r.slot(row, pixel+1+dx) }
	if r.edges {
		r.tree([4]reg.VecPhysical{here(0, 0), here(2, 0), here(1, -1), here(1, 1)}, ringEdgesAt, r.vector[9:])
	}
	if r.corners {
		r.tree([4]reg.VecPhysical{here(0, -1), here(2, 1), here(0, 1), here(2, -1)}, ringCornersAt, r.vector[9:])
	}
}

// tree stores the sum of four vectors. It asks for its place four pixels ahead: sums that go to the second cache take 2.5 to 3.2 ns
// a vector, not 2.9 to 3.8.
func (r *ring) tree(x [4]reg.VecPhysical, to reg.Register, room []reg.VecPhysical) {
	r.PREFETCHT0(operand.Mem{Base: to, Index: ringZNext, Scale: 4})
	r.VADDPS(x[1], x[0], room[0])
	r.VADDPS(x[3], x[2], room[1])
	r.VADDPS(room[1], room[0], room[0])
	r.StoreVector(room[0], r.mask(0, r.masked), at(to, 0))
	r.ADDQ(ringZNext, to)
}
