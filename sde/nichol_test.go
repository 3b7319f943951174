package sde

import (
	"math"
	"testing"
)

// The noise is that of the published chain of 1000 steps, as their code makes it: β by ratios of cos², at most 0.999.
func TestNicholIsThePublishedChain(t *testing.T) {
	f := func(t float64) float64 { c := math.Cos((t + 0.008) / 1.008 * math.Pi / 2); return c * c }
	bar := 1.0
	for i := range 1000 {
		bar *= 1 - math.Min(1-f(float64(i+1)/1000)/f(float64(i)/1000), 0.999)
		alpha, sigma := Nichol{}.Marginal(float64(i+1) / 1000)
		if !near(sigma, math.Sqrt(1-bar), 1e-4*sigma) {
			t.Errorf("step %d: σ = %v, and theirs is %v", i, sigma, math.Sqrt(1-bar))
		}
		if got := math.Log(alpha / math.Sqrt(bar)); math.Abs(got) > 0.06 {
			t.Errorf("step %d: α = %v, and theirs is %v", i, alpha, math.Sqrt(bar))
		}
	}
	if alpha, sigma := (Nichol{}).Marginal(0); alpha != 1 || sigma != 0 {
		t.Errorf("it begins at α = %v, σ = %v", alpha, sigma)
	}
}
