package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"spdiff/asm"
)

// The ceilings are those of the instruction set in use; one without products of bf16 says that it has none.
func TestCeilings(t *testing.T) {
	defer asm.SetISA(asm.ISA())
	for _, isa := range asm.Available() {
		asm.SetISA(isa)
		var names []string
		for _, c := range ceilingCases() {
			names = append(names, c.name)
		}
		want, tiles := []string{"fma"}, isa == "amx" || isa == "avx512bf16" || isa == "generic"
		if tiles {
			want = append(want, "fma/tile")
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: ceilings are %q, want %q", isa, names, want)
		}
		err := run(context.Background(), []string{"-list", "fma/tile"})
		if tiles != (err == nil) || !tiles && !strings.Contains(err.Error(), "there is no fma/tile: "+isa) {
			t.Errorf("%s: fma/tile: %v", isa, err)
		}
	}
}

// Below the ceilings stands why there is none of bf16, and each instruction set that the processor has in vain, with the reason.
func TestRemarks(t *testing.T) {
	defer asm.SetISA(asm.ISA())
	asm.SetISA("generic") // which has both ceilings
	if lines := remarks(nil); len(lines) > 0 {
		t.Errorf("where nothing is refused it says %q", lines)
	}
	got := remarks([]asm.Refusal{{ISA: "amx", Why: "arch_prctl: no"}, {ISA: "avx512bf16", Why: "other bits"}})
	if want := []string{"amx: not offered: arch_prctl: no", "avx512bf16: not offered: other bits"}; !slices.Equal(got, want) {
		t.Errorf("it says %q, want %q", got, want)
	}
	asm.SetISA("pairs") // whose bf16 has no ceiling
	if lines := remarks(nil); len(lines) != 1 || lines[0] != noTile() {
		t.Errorf("without a ceiling of bf16 it says %q, want %q", lines, noTile())
	}
}
