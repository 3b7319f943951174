package asm

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// The instruction sets that kernels choose between, by an if on one of these. Of the first three at most one is set.
var (
	useAVX512 bool // AVX-512 F, BW, DQ and VL
	useAVX2   bool // AVX2 and FMA
	useNEON   bool

	useAMX bool // AMX's tiles for bf16 products, and AVX-512 for everything else
	useDot bool // likewise AVX512_BF16's sums of two products
)

// available are the instruction sets that this build has kernels for and this machine runs, best first. refused are those that only the
// processor has.
var available, refused = detected()

func detected() ([]string, []Refusal) {
	sets, others := detect()
	return append(sets, "generic"), others
}

// isaError is what was wrong with SPDIFF_ISA.
var isaError = choose(os.Getenv("SPDIFF_ISA"))

// choose switches to the instruction set that the environment names, or to the best if it names none, or none that there is.
func choose(name string) error {
	SetISA(available[0])
	if name == "" {
		return nil
	}
	if !slices.Contains(available, name) {
		return fmt.Errorf("%w: unset SPDIFF_ISA, or name one of these", unavailable(name))
	}
	return SetISA(name)
}

// unavailable is the error of an instruction set that is not there.
func unavailable(name string) error {
	why := ""
	for _, r := range refused {
		if r.ISA == name {
			why = " (" + r.Why + ")"
		}
	}
	return fmt.Errorf("asm: no instruction set %q here%s; there are %s", name, why, strings.Join(available, ", "))
}

// ISAError returns an error if the environment variable SPDIFF_ISA, when the program started, named an instruction set that is not
// available here. Then the best one is in use. A program should check this and tell its user.
func ISAError() error { return isaError }

// ISA returns the instruction set in use: amx, avx512bf16, avx512, avx2, neon, generic, or pairs, see SetISA. It is the best that the
// machine has, unless the environment variable SPDIFF_ISA names another. It never changes a result, only the time.
func ISA() string {
	switch {
	case useAMX:
		return "amx"
	case useDot:
		return "avx512bf16"
	case pairs:
		return "pairs"
	case useAVX512:
		return "avx512"
	case useAVX2:
		return "avx2"
	case useNEON:
		return "neon"
	}
	return "generic"
}

// Available returns the instruction sets to choose from here, best first; the last is generic, plain Go.
func Available() []string { return append([]string(nil), available...) }

// A Refusal is an instruction set that the processor has but that is not among those of Available, and why, in words for a person.
type Refusal struct{ ISA, Why string }

// Refused returns what the processor has of amx and avx512bf16 and is not available: the system lacks something or does not permit
// it, or the products that are tried when the program starts have other bits than TileBF16 defines. It is empty where this build has no
// kernels for them, or the system does not keep AVX-512's registers.
func Refused() []Refusal { return append([]Refusal(nil), refused...) }

// SetISA switches to another instruction set. It is for tests and measurements: no kernel may be running, and weights
// packed before are void. Besides those of Available there is pairs: generic, but with the operands of bf16 products in pairs, and
// with the tile sizes of machines that have bf16 instructions. It shows on any machine whether a program counts places
// in numbers.
func SetISA(name string) error {
	if name == "pairs" || slices.Contains(available, name) {
		useAMX, useDot, useAVX2, useNEON = name == "amx", name == "avx512bf16", name == "avx2", name == "neon"
		useAVX512, pairs = useAMX || useDot || name == "avx512", useAMX || useDot || name == "pairs"
		return nil
	}
	return unavailable(name)
}
