package asm

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
)

// golden is the hash of the results of every kernel in kernelCases, in order. It is the same on every machine and in every
// build, since a compiler that fuses or an instruction that rounds in another way would change it. It changes, too, when a
// case is added.
const golden = 0x2e232c82ad32df68

func TestBitsAreTheSameEverywhere(t *testing.T) {
	defer SetISA(ISA())
	for _, isa := range Available() {
		SetISA(isa)
		h := fnv.New64a()
		for _, k := range kernelCases {
			const p, c = 37, 29
			r := rand.New(rand.NewPCG(11, 12))
			v := make([][]float32, len(k.layout))
			for i, l := range k.layout {
				v[i] = make([]float32, map[rune]int{'X': p * c, 'c': c, '1': 1}[l])
				for j := range v[i] { // by exact steps alone
					v[i][j] = float32(r.Int32()>>8) * pow2(int32(r.IntN(24))-36)
				}
			}
			k.run(v, p, c)
			for _, x := range v[0] {
				if x != x {
					x = float32(math.Inf(1)) // NaN differ
				}
				binary.Write(h, binary.LittleEndian, x)
			}
		}
		if got := h.Sum64(); got != golden {
			t.Errorf("%s: the hash of the results is %#x, want %#x", isa, got, uint64(golden))
		}
	}
}
