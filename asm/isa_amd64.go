//go:build !purego

package asm

//go:generate go -C internal/gen run ./vector
//go:generate go -C internal/gen run ./product

import "github.com/klauspost/cpuid/v2"

// facts are what the choice of instruction sets looks at.
type facts struct {
	avx2, fma        bool   // the processor has it, and the system lets programs use its registers
	avx512           bool   // F, BW, DQ and VL, and BMI2, likewise
	avx512BF16       bool   // the instructions that round to bf16
	amxTile, amxBF16 bool   // the processor has it
	state            uint64 // XCR0: whose registers the system keeps for programs
	dots             bool   // their sums of two products are those of the definition
	permitted        bool   // the system lets this process use tiles
	tiles            bool   // their products are those of the definition
}

// tileState are the bits of XCR0 for the tiles' configuration and data.
const tileState = 1<<17 | 1<<18

// amx reports whether there is AMX, and AVX-512 for everything else. It does not look at the permission.
func (f facts) amx() bool {
	return f.avx512 && f.avx512BF16 && f.amxTile && f.amxBF16 && f.state&tileState == tileState
}

// sets returns the instruction sets that can be used, best first.
func (f facts) sets() []string {
	var names []string
	if f.amx() && f.permitted && f.tiles {
		names = append(names, "amx")
	}
	if f.avx512 && f.dots {
		names = append(names, "avx512bf16")
	}
	if f.avx512 {
		names = append(names, "avx512")
	}
	if f.avx2 && f.fma {
		names = append(names, "avx2")
	}
	return names
}

// detect returns the instruction sets that can be used. It asks for permission, which is the process's from then on, where it
// would be of use.
func detect() []string {
	has := cpuid.CPU.Supports
	f := facts{
		avx2:       has(cpuid.AVX2),
		fma:        has(cpuid.FMA3),
		avx512:     has(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL, cpuid.BMI2),
		avx512BF16: has(cpuid.AVX512BF16),
		amxTile:    has(cpuid.AMXTILE) || emulated,
		amxBF16:    has(cpuid.AMXBF16) || emulated,
	}
	if has(cpuid.OSXSAVE) {
		f.state = xcr0()
	}
	if emulated {
		f.state |= tileState
	}
	f.dots = f.avx512 && f.avx512BF16 && agrees(tileDot)
	f.permitted = f.amx() && requestTiles()
	f.tiles = f.permitted && agrees(tileAMX)
	return f.sets()
}
