// Package machine is what the generators have in common: the two instruction sets of amd64, labels, and the masks of the lanes of
// a vector that is not full.
package machine

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A Machine writes functions of one instruction set.
type Machine struct {
	*build.Context
	Suffix string // of function names
	Lanes  int    // float32 in a vector
	labels int    // in the current function
}

// AVX512 and AVX2 are the instruction sets, without a context.
var (
	AVX512 = Machine{Suffix: "AVX512", Lanes: 16}
	AVX2   = Machine{Suffix: "AVX2", Lanes: 8}
)

// Wide reports whether this is AVX-512, which has 32 registers and registers for masks.
func (m *Machine) Wide() bool { return m.Lanes == 16 }

// Bytes is the size of a vector.
func (m *Machine) Bytes() int { return 4 * m.Lanes }

// Begin begins the function name and suffix, whose signature is still to be said.
func (m *Machine) Begin(name string) {
	m.Function(name + m.Suffix)
	m.Attributes(attr.NOSPLIT)
	m.labels = 0
}

// End returns from the function.
func (m *Machine) End() {
	m.VZEROUPPER()
	m.RET()
}

// NewLabel returns a label that the function does not have yet.
func (m *Machine) NewLabel(name string) string {
	m.labels++
	return fmt.Sprintf("%s%d", name, m.labels)
}

// To is a label as what an instruction jumps to.
func (m *Machine) To(label string) operand.LabelRef { return operand.LabelRef(label) }

// table is the name of 16 words of ones and 16 of zeros: the window of it that begins n words before the middle is AVX2's mask of
// the first n lanes.
const table = "masks"

// WriteMasks writes that table into the file.
func WriteMasks(c *build.Context) {
	c.StaticGlobal(table)
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 16 {
		word := operand.U64(0)
		if i < 8 {
			word--
		}
		c.AddDatum(8*i, word)
	}
}

// Window returns where AVX2's masks of the first n lanes are, of one vector or two. It negates n, and uses another register.
func (m *Machine) Window(n, other reg.Register) operand.Mem {
	m.NEGQ(n)
	m.LEAQ(operand.NewDataAddr(operand.NewStaticSymbol(table), 0), other)
	return operand.Mem{Base: other, Index: n, Scale: 4, Disp: 64}
}

// Ones sets the first n bits of a register, and clears the others: AVX-512's masks, for KMOVW.
func (m *Machine) Ones(n, bits reg.Register) {
	m.MOVQ(operand.I32(-1), bits)
	m.BZHIQ(n, bits, bits)
}

// LoadVector loads a vector: all of it, or the lanes of a mask and zeros beyond.
func (m *Machine) LoadVector(from operand.Mem, mask, to reg.Register) {
	switch {
	case mask == nil:
		m.VMOVUPS(from, to)
	case m.Wide():
		m.VMOVUPS_Z(from, mask, to)
	default:
		m.VMASKMOVPS(from, mask, to)
	}
}

// StoreVector stores a vector: all of it, or the lanes of a mask.
func (m *Machine) StoreVector(from, mask reg.Register, to operand.Mem) {
	switch {
	case mask == nil:
		m.VMOVUPS(from, to)
	case m.Wide():
		m.VMOVUPS(from, mask, to)
	default:
		m.VMASKMOVPS(from, mask, to)
	}
}
