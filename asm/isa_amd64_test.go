//go:build !purego

package asm

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// Of all combinations of what a machine can have and allow, an instruction set is offered where all that it needs is there, and the
// better ones come first. Where the processor alone has it, there is a reason: the first thing that is missing.
func TestSets(t *testing.T) {
	const bits = 11
	offered, refused := map[string]int{}, map[string]int{}
	for i := range 1 << bits {
		has := func(bit int) bool { return i>>bit&1 == 1 }
		f := facts{avx2: has(0), fma: has(1), avx512: has(2), avx512BF16: has(3), amxTile: has(4), amxBF16: has(5), dots: has(9),
			tiles: has(10), state: 0xe7 | uint64(i>>6&3)<<17}
		if !has(8) {
			f.denied = errors.New("not today")
		}
		var want []string
		if i>>2&0x7f == 0x7f && has(10) { // all from AVX-512 to the permission, and its products are right
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
		for _, r := range f.refused() {
			refused[r.ISA]++
			if slices.Contains(got, r.ISA) || !strings.Contains(r.Why, missing(r.ISA, has)) {
				t.Errorf("%+v: %v are offered, and %s is not: %q, want %q", f, got, r.ISA, r.Why, missing(r.ISA, has))
			}
		}
	}
	// A quarter has AMX, 512 of which 8 are offered; half has AVX512_BF16, 1024 of which 256 are.
	if refused["amx"] != 504 || refused["avx512bf16"] != 768 {
		t.Errorf("refused are %v", refused)
	}
	for name, want := range map[string]int{"amx": 8, "avx512bf16": 512, "avx512": 1024, "avx2": 512} {
		if offered[name] != want {
			t.Errorf("%s is offered %d times, want %d", name, offered[name], want)
		}
	}
}

// missing returns a word for the first thing that an instruction set of bf16 lacks, by the bits of TestSets.
func missing(isa string, has func(bit int) bool) string {
	switch {
	case !has(2):
		return "not all of AVX-512"
	case isa == "avx512bf16":
		return "other bits"
	case !has(3):
		return "AVX512_BF16"
	case !has(6) || !has(7):
		return "XCR0"
	case !has(8):
		return "no permission (not today)"
	}
	return "other bits"
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

// pairsBy is a kernel whose chains are links of some kind.
func pairsBy(link func(x, w, e float32) float32) pairKernel {
	return func(z, _ []float32, segments []SegmentBF16, t *Tiling) {
		s := segments[0]
		for r := range t.Rows {
			for c := range t.Cols {
				z := &z[t.Z.at(0, r, t.Rows)+c]
				for from := 0; from < t.Depth; from += StepBF16 {
					var chains [2]float32
					for k := from; k < from+StepBF16; k++ {
						chains[k%2] = link(NumberBF16(s.X, t.X.at(0, r, t.Rows)+k), weightBF16(s.W, k, c, t.Width), chains[k%2])
					}
					*z = stepAdd(*z, stepAdd(chains[0], chains[1]))
				}
			}
		}
	}
}

// A machine whose products differ from the definition anywhere next to the least normal number is found out.
func TestAgrees(t *testing.T) {
	early := func(x, w, e float32) float32 { // looks at a number before it rounds it
		if s := float64(x)*float64(w) + float64(e); math.Abs(s) < leastNormal {
			return zeroLike(float32(s))
		}
		return FMA(x, w, e)
	}
	late := func(x, w, e float32) float32 { return flush(FMA(x, w, e)) } // rounds it as a denormal one first
	for name, c := range map[string]struct {
		kernel pairKernel
		want   bool
	}{
		"plain Go":             {tileBF16Generic, true},
		"the definition":       {pairsBy(stepFMA), true},
		"early":                {pairsBy(early), false},
		"late":                 {pairsBy(late), false},
		"denormals":            {pairsBy(FMA), false},
		"two roundings a link": {pairsBy(func(x, w, e float32) float32 { return stepAdd(float32(x*w), e) }), false},
	} {
		if got := agrees(c.kernel); got != c.want {
			t.Errorf("%s: agrees is %v, want %v", name, got, c.want)
		}
	}
}

// The sums by which agrees looks are on both sides of where rounding leads up to the least normal number again.
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
