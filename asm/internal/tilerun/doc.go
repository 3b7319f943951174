//go:build linux && amd64

// Command tilerun runs a program that uses AMX, Intel's matrix unit, on a machine without one:
//
//	t=$(mktemp -d)/tilerun; go build -o $t ./asm/internal/tilerun
//	SPDIFF_ISA=amx go test -tags amxemulated -exec $t ./asm
//
// It starts the program as its tracer. The program's AMX instructions are illegal here, so each one stops it; tilerun then does
// to registers and memory what the instruction would, and lets it go on behind it. It knows the instructions that package asm
// uses, and those alone: LDTILECFG, TILERELEASE, TILELOADD, TILESTORED and TDPBF16PS. What a processor would refuse,
// such as a tile that is not configured or matrices that do not fit together, it says on standard error and leaves illegal.
// It also refuses what a processor would not but a kernel must not do, namely to end without releasing its tiles: a
// configuration on top of another, or left when a thread ends, makes tilerun fail whatever the program says.
//
// The kernel's part is played, too: arch_prctl(ARCH_REQ_XCOMP_PERM) succeeds, and without it the first instruction is illegal.
// Detection is not: cpuid and XGETBV cannot be caught, so a program is told of the unit by the build tag amxemulated.
//
// On a machine with AMX the instructions are not illegal: there it runs nothing and says so, with code 125.
//
// A step of 32 channels takes about 50 µs, some thousand times what the unit needs. It is for tests of bits, not of time.
package main
