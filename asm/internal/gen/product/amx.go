package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tmm is one of the eight tile registers.
type tmm int

// The prefixes that VEX encodes, and the two opcodes of most instructions.
const (
	none, f3, f2 = 0, 2, 3

	opConfig = 0x49 // and release
	opMove   = 0x4b
	opDot    = 0x5c
)

func (m *machine) ldtilecfg(from operand.Mem) {
	m.amx(none, opConfig, 0, 0, from, "LDTILECFG "+from.Asm())
}

func (m *machine) tileloadd(from operand.Mem, t tmm) {
	m.amx(f2, opMove, int(t), 0, from, fmt.Sprintf("TILELOADD %s, TMM%d", from.Asm(), t))
}

func (m *machine) tilestored(t tmm, to operand.Mem) {
	m.amx(f3, opMove, int(t), 0, to, fmt.Sprintf("TILESTORED TMM%d, %s", t, to.Asm()))
}

func (m *machine) tilerelease() { m.amx(none, opConfig, 0, 0, tmm(0), "TILERELEASE") }

// tdpbf16ps is z += x·y.
func (m *machine) tdpbf16ps(y, x, z tmm) {
	m.amx(f3, opDot, int(z), int(y), x, fmt.Sprintf("TDPBF16PS TMM%d, TMM%d, TMM%d", y, x, z))
}

// amx writes an instruction: three bytes of VEX, the opcode, ModRM with a register and where is a place in memory or a tile.
func (m *machine) amx(prefix, opcode byte, register, second int, where any, text string) {
	vex := byte(0xe2) // opcodes 0F 38, no fourth bit of a register, all inverted
	var rest []byte
	switch at := where.(type) {
	case tmm:
		rest = []byte{0xc0 | byte(register)<<3 | byte(at)}
	case operand.Mem:
		base := encoded(at.Base)
		vex ^= base >> 3 << 5
		index, scale := byte(4), byte(0)
		if at.Index != nil {
			index, scale = encoded(at.Index), map[uint8]byte{1: 0, 2: 1, 4: 2, 8: 3}[at.Scale]
			vex ^= index >> 3 << 6
		}
		rest = []byte{0x84 | byte(register)<<3, scale<<6 | index&7<<3 | base&7}
		for i := range 4 {
			rest = append(rest, byte(int32(at.Disp)>>(8*i)))
		}
	}
	bytes := append([]byte{0xc4, vex, byte(15-second)<<3 | prefix, opcode}, rest...)
	m.bytes(bytes, text)
}

// bytes writes an instruction as bytes, for neither avo nor Go's assembler knows it, with a comment for who reads.
func (m *machine) bytes(b []byte, text string) {
	var s []string
	for _, v := range b {
		s = append(s, fmt.Sprintf("BYTE $0x%02x", v))
	}
	m.Comment(text)
	m.Instruction(&ir.Instruction{Opcode: strings.Join(s, "; ")})
}

// encoded is a register's in encodings.
func encoded(r reg.Register) byte { return byte(r.(reg.Physical).PhysicalIndex()) }
