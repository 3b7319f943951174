//go:build !purego

package asm

import (
	"slices"
	"testing"
)

// Of all combinations of what a machine can have and allow, an instruction set is offered where all that it needs is there, and the
// better ones come first.
func TestSets(t *testing.T) {
	const bits = 10
	offered := map[string]int{}
	for i := range 1 << bits {
		has := func(bit int) bool { return i>>bit&1 == 1 }
		f := facts{avx2: has(0), fma: has(1), avx512: has(2), avx512BF16: has(3), amxTile: has(4), amxBF16: has(5), permitted: has(8), dots: has(9),
			state: 0xe7 | uint64(i>>6&3)<<17}
		var want []string
		if i>>2&0x7f == 0x7f { // all from AVX-512 to the permission
			want = append(want, "amx")
		}
		if has(2) && has(9) {
			want = append(want, "avx512bf16")
		}
		if has(2) {
			want = append(want, "avx512")
		}
		if i&3 == 3 {
			want = append(want, "avx2")
		}
		got := f.sets()
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", f, got, want)
		}
		for _, name := range got {
			offered[name]++
		}
	}
	for name, want := range map[string]int{"amx": 8, "avx512bf16": 256, "avx512": 512, "avx2": 256} {
		if offered[name] != want {
			t.Errorf("%s is offered %d times, want %d", name, offered[name], want)
		}
	}
}

// XCR0 has the bits that the facts rest on: those of whatever cpuid is believed about.
func TestXCR0(t *testing.T) {
	const avx, avx512 = 6, 0xe6
	for name, want := range map[string]uint64{"avx2": avx, "avx512": avx512} {
		if slices.Contains(Available(), name) && xcr0()&want != want {
			t.Errorf("there is %s, but XCR0 is %#x", name, xcr0())
		}
	}
}

// The sums by which dots looks are on both sides of where rounding leads up to the least normal number again.
func TestBelowLeast(t *testing.T) {
	defer SetISA(ISA())
	SetISA("pairs")
	x, w := belowLeast()
	for c := range pairNarrow {
		for chain := range 2 {
			e := float32(0)
			for k := chain; k < StepBF16; k += 2 {
				e = stepFMA(x[k], w[placeBF16(k, c, pairNarrow)], e)
			}
			want := float32(leastNormal)
			if c >= pairNarrow/2 {
				want = 0
			}
			if e != want {
				t.Errorf("column %d, chain %d: %x, want %x", c, chain, e, want)
			}
		}
	}
}
