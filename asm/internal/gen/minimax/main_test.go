package main

import (
	"math"
	"testing"
)

// TestErrorIsLevel holds each polynomial to the mark of the best one: its error reaches its greatest size degree + 2 times,
// with changing signs.
func TestErrorIsLevel(t *testing.T) {
	for _, p := range problems {
		c := p.remez()
		worst := p.worst(c)
		reached := 0
		for _, x := range p.extremes(c) {
			if math.Abs(p.err(c, x)) > 0.98*worst {
				reached++
			}
		}
		if reached < p.degree+2 {
			t.Errorf("%s: the error is greatest at %d points, want %d", p.name, reached, p.degree+2)
		}
		if worst > 0x1p-27 {
			t.Errorf("%s: error %g", p.name, worst)
		}
	}
}
