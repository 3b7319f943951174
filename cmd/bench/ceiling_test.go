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
		want, tiles := []string{"fma"}, isa == "amx" || isa == "avx512bf16"
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
