//go:build !purego

package asm

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/klauspost/cpuid/v2"
)

// needBF16 skips a test where the processor does not round to bf16 by itself.
func needBF16(t *testing.T) {
	if !cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL, cpuid.AVX512BF16) {
		t.Skip("SKIPPED: the kernels that make pairs: this machine has no AVX512_BF16")
	}
}

// The kernels that make pairs need no tiles: they are held to what they say wherever they can run.
func TestRoundingToPairs(t *testing.T) {
	needBF16(t)
	defer SetISA(ISA())
	SetISA("pairs")
	for _, f := range []rounder{
		{"roundAMX", roundAMX, true, false},
		{"transposeAMX", transposeAMX, false, false},
		{"packAMX", func(z []float32, _ int, x []float32, r *Rounding) { packAMX(z, x, r) }, false, true},
		{"packTransposedAMX", func(z []float32, _ int, x []float32, r *Rounding) { packTransposedAMX(z, x, r) }, true, true},
	} {
		t.Run(f.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(55, 56))
			for range 400 {
				f.check(t, r, f.randomRounding(r))
			}
		})
	}
}

// The processor's instruction is BF16, to the bit: here for every sign, exponent and first seven bits. It was compared for all
// numbers once.
func TestProcessorRoundsAsBF16(t *testing.T) {
	needBF16(t)
	lows := []uint32{0, 1, 0x3fff, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xc000, 0xffff}
	x, z := make([]float32, 1<<16), make([]float32, 1<<15)
	for _, low := range lows {
		for i := range x {
			x[i] = math.Float32frombits(uint32(i)<<16 | low)
		}
		roundPairs(&pairsArgs{x: from(x, 0), z: unsafe.Pointer(&z[0]), rows: 1, cols: len(x), fill: len(x)})
		for i, v := range unsafe.Slice((*uint16)(unsafe.Pointer(&z[0])), len(x)) {
			if want := uint16(math.Float32bits(BF16(x[i])) >> 16); v != want {
				t.Fatalf("%#x becomes %#x, want %#x", math.Float32bits(x[i]), v, want)
			}
		}
	}
}

// Rows and columns that are too long for a call are rounded in several.
func TestRoundingToPairsOfManyNumbers(t *testing.T) {
	needBF16(t)
	defer SetISA(ISA())
	SetISA("pairs")
	r := rand.New(rand.NewPCG(57, 58))
	const n = callLen/16 + 77
	(&rounder{"roundAMX", roundAMX, true, false}).check(t, r,
		&Rounding{Lines: 1, Rows: n, Cols: 17, XRow: 17, Fill: 18, ZRow: 19, ZLine: 19 * n})
	(&rounder{"transposeAMX", transposeAMX, false, false}).check(t, r,
		&Rounding{Lines: 1, Rows: n, Cols: 17, XRow: 17, Fill: n + 5, ZRow: n + 6, ZLine: 17 * (n + 6)})
}
