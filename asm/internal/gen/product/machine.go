package main

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A machine is an instruction set and the tile that fits its registers: rows×2 accumulators, 2 vectors of weights, and the
// rest for numbers of x in all lanes. AVX-512 has 32 registers, 28+2+2; AVX2 has 16, 12+2+2.
type machine struct {
	*build.Context
	suffix string
	lanes  int // float32 in a vector
	rows   int // most rows of a tile
	vector []reg.VecPhysical
}

var machines = []machine{
	{suffix: "AVX512", lanes: 16, rows: 14, vector: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}},
	{suffix: "AVX2", lanes: 8, rows: 6, vector: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}},
}

func (m *machine) wide() bool { return m.lanes == 16 }

// bytes is the size of a vector.
func (m *machine) bytes() int { return 4 * m.lanes }

// acc is the accumulator of row r and vector v of two.
func (m *machine) acc(r, v int) reg.VecPhysical { return m.vector[2*r+v] }

// weight is the register of vector v of the weights.
func (m *machine) weight(v int) reg.VecPhysical { return m.vector[2*m.rows+v] }

// spread is the register for the number of x of row r, one of two in turn.
func (m *machine) spread(r int) reg.VecPhysical { return m.vector[2*m.rows+2+r%2] }

// function begins a function of one argument, a pointer to package asm's struct of that name, which it leaves in DI.
func (m *machine) function(name, argument string) {
	m.Function(name + m.suffix)
	m.Attributes(attr.NOSPLIT)
	m.Pragma("noescape")
	t := types.NewNamed(types.NewTypeName(token.NoPos, nil, argument, nil), types.NewStruct(nil, nil), nil)
	a := types.NewTuple(types.NewParam(token.NoPos, nil, "a", types.NewPointer(t)))
	m.Signature(gotypes.NewSignature(nil, types.NewSignatureType(nil, nil, nil, a, nil, false)))
	m.Load(m.Param("a"), reg.RDI)
}

func (m *machine) end() {
	m.VZEROUPPER()
	m.RET()
}

// field is a word of the arguments that DI points to.
func field(offset int) operand.Mem { return operand.Mem{Base: reg.RDI, Disp: offset} }

// at is the memory at base plus offset bytes.
func at(base reg.Register, offset int) operand.Mem { return operand.Mem{Base: base, Disp: offset} }

// label makes a name that occurs once in a function.
func label(what string, rows, width int) string { return fmt.Sprintf("%s%dx%d", what, rows, width) }

// jump is a label as an operand.
func jump(name string) operand.LabelRef { return operand.LabelRef(name) }

// align begins a cache line of code.
func (m *machine) align() {
	m.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.Imm(64)}})
}
