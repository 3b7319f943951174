package sde_test

import (
	"math"
	"testing"

	"spdiff/sde"
)

// The time of a level has that ratio of noise to data, on every process, and ends stand for levels that no time has.
func TestTimeOf(t *testing.T) {
	for _, p := range []sde.Process{sde.PaperCosine, sde.SongLinear, sde.SongVE, sde.EDM{}} {
		for _, level := range []float64{0.05, 1, 7} {
			alpha, sigma := p.Marginal(sde.TimeOf(p, level))
			if r := sigma / alpha; math.Abs(r-level) > 1e-9*level {
				t.Errorf("%T: σ/α is %v, want %v", p, r, level)
			}
		}
		first, last, _ := sde.Span(p)
		if high, low := sde.TimeOf(p, math.Inf(1)), sde.TimeOf(p, 0); high != first || math.Abs(low-last) > 1e-12*first {
			t.Errorf("%T: beyond all levels times are %v and %v, want %v and %v", p, high, low, first, last)
		}
	}
}
