package asm

import "testing"

// The ceilings that products are measured against are counted in operations and can be run everywhere.
func TestPeaks(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		for _, p := range []struct {
			name  string
			run   func(int)
			flops func(int) float64
			least float64
		}{
			{"PeakFMA", PeakFMA, PeakFlops, 2 * 4},
			{"PeakTile", PeakTile, PeakTileFlops, 2 * 4},
		} {
			t.Log(ISA(), p.name, p.flops(1), "operations a round")
			if p.flops(3) != 3*p.flops(1) || p.flops(1) < p.least {
				t.Errorf("%s: a round is %v operations, three are %v", p.name, p.flops(1), p.flops(3))
			}
			p.run(0)
			p.run(3)
		}
		if isa := ISA(); isa != "amx" && isa != "avx512bf16" && PeakTileFlops(1) != PeakFlops(1) {
			t.Errorf("a round of bf16 products is %v operations, of the multiply-adds that they are made of %v", PeakTileFlops(1), PeakFlops(1))
		}
	})
}
