package main

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	gen "spdiff/asm/internal/gen/machine"
	"spdiff/asm/internal/gen/source"
)

// A machine is an instruction set and the tile that fits its registers: rows×2 accumulators, 2 vectors of weights, and the
// rest for numbers of x in all lanes. AVX-512 has 32 registers, 28+2+2; AVX2 has 16, 12+2+2.
type machine struct {
	gen.Machine
	rows   int // most rows of a tile
	vector []reg.VecPhysical

	source    *source.Source // of package asm
	arguments string         // the struct of it that DI points to
}

var machines = []machine{
	{Machine: gen.AVX512, rows: 14, vector: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}},
	{Machine: gen.AVX2, rows: 6, vector: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}},
}

// acc is the accumulator of row r and vector v of two.
func (m *machine) acc(r, v int) reg.VecPhysical { return m.vector[2*r+v] }

// weight is the register of vector v of the weights.
func (m *machine) weight(v int) reg.VecPhysical { return m.vector[2*m.rows+v] }

// spread is the register for the number of x of row r, one of two in turn.
func (m *machine) spread(r int) reg.VecPhysical { return m.vector[2*m.rows+2+r%2] }

// function begins a function of one argument, a pointer to package asm's struct of that name, which it leaves in DI.
func (m *machine) function(name, arguments string) {
	m.Begin(name)
	m.Pragma("noescape")
	m.arguments = arguments
	t := types.NewNamed(types.NewTypeName(token.NoPos, nil, arguments, nil), m.source.Struct(arguments), nil)
	a := types.NewTuple(types.NewParam(token.NoPos, nil, "a", types.NewPointer(t)))
	m.Signature(gotypes.NewSignature(nil, types.NewSignatureType(nil, nil, nil, a, nil, false)))
	m.Load(m.Param("a"), reg.RDI)
}

// field is a field of the arguments, element one of an array. Distances there are in bytes.
func (m *machine) field(name string) operand.Mem { return m.element(name, 0) }

func (m *machine) element(name string, i int) operand.Mem {
	return operand.Mem{Base: reg.RDI, Disp: m.source.Offset(m.arguments, name) + 8*i}
}

// number is package asm's constant of that name.
func (m *machine) number(name string) int { return int(m.source.Number(name)) }

// at is the memory at base plus offset bytes.
func at(base reg.Register, offset int) operand.Mem { return operand.Mem{Base: base, Disp: offset} }

// label makes a name that occurs once in a function.
func label(what string, rows, width int) string { return fmt.Sprintf("%s%dx%d", what, rows, width) }

// align begins a cache line of code.
func (m *machine) align() {
	m.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.Imm(64)}})
}
