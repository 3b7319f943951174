//go:build !purego

package asm

//go:generate go -C internal/gen run ./vector
//go:generate go -C internal/gen run ./product

import (
	"fmt"

	"github.com/klauspost/cpuid/v2"
)

// facts are what the choice of instruction sets looks at.
type facts struct {
	avx2, fma        bool   // the processor has it, and the system lets programs use its registers
	avx512           bool   // F, BW, DQ and VL, and BMI2, likewise
	avx512BF16       bool   // the instructions that round to bf16
	amxTile, amxBF16 bool   // the processor has it
	state            uint64 // XCR0: whose registers the system keeps for programs
	dots             bool   // their sums of two products are those of the definition
	denied           error  // why the system does not let this process use tiles
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
	if f.amxTile && f.amxBF16 && f.noTiles() == "" {
		names = append(names, "amx")
	}
	if f.noDots() == "" {
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

// refused returns the instruction sets that the processor has and that sets leaves out, best first.
func (f facts) refused() (all []Refusal) {
	if why := f.noTiles(); f.amxTile && f.amxBF16 && why != "" {
		all = append(all, Refusal{"amx", why})
	}
	if why := f.noDots(); f.avx512BF16 && why != "" {
		all = append(all, Refusal{"avx512bf16", why})
	}
	return all
}

// What an instruction of bf16 lacks.
const (
	lacksAVX512 = "there is not all of AVX-512 F, BW, DQ and VL and BMI2, which it needs"
	lacksBits   = "its products have other bits than asm.TileBF16 defines"
)

// noTiles says why a processor's tiles are not used, and nothing where they are.
func (f facts) noTiles() string {
	switch {
	case !f.avx512:
		return lacksAVX512
	case !f.avx512BF16:
		return "there is no AVX512_BF16, which it needs"
	case f.state&tileState != tileState:
		return fmt.Sprintf("the operating system does not keep tiles (XCR0 is %#x)", f.state)
	case f.denied != nil:
		return fmt.Sprintf("the operating system gives no permission (%v)", f.denied)
	case !f.tiles:
		return lacksBits
	}
	return ""
}

// noDots says why a processor's AVX512_BF16 is not used, and nothing where it is.
func (f facts) noDots() string {
	switch {
	case !f.avx512:
		return lacksAVX512
	case !f.dots:
		return lacksBits
	}
	return ""
}

// detect returns the instruction sets that can be used, and those that the processor has but that cannot. It asks for permission, which is
// the process's from then on, where it would be of use.
func detect() ([]string, []Refusal) {
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
	if f.amx() {
		f.denied = requestTiles()
		f.tiles = f.denied == nil && agrees(tileAMX)
	}
	return f.sets(), f.refused()
}
