package spdiff

import (
	"errors"
	"strings"
	"testing"

	"spdiff/group"
)

// Classes of images that are to be denoised as what they are, and that the model has not, are found before the work. Where others are said,
// or the images are not denoised, they do not matter.
func TestClassesOfTheReference(t *testing.T) {
	p, reference := newProjections(4), blots(2, 8, 1, asTheyAre).(inMemory)
	reference.classes = []int{0, 1, 0, 7, 0, -1, 0, 0}
	steps := Reversal{Steps: 2}
	c := Comparison{Generator: shaken(t, tiny(group.C4, WT)), Sampling: Sampling{N: 6, Reversal: steps}, Reference: reference, Extractor: p,
		Restore: 4, Denoising: Denoising{Reversal: steps}}
	for _, alone := range []bool{false, true} { // the only thing that is measured
		var e *ComparisonError
		c.NoDistance = alone
		if _, err := Evaluate(t.Context(), c); !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "evaluation: image 3 of the reference is of class 7") {
			t.Errorf("%v; want a *ComparisonError of image 3", err)
		}
	}
	if n := p.calls.Load(); n > 0 {
		t.Errorf("found after %d evaluations of features", n)
	}
	less := c
	less.Restore = 3
	if q := evaluatedAs(t, less); q.Restored != 3 {
		t.Errorf("%d images are denoised", q.Restored)
	}
	c.Denoising.Classes = []int{1}
	if q := evaluatedAs(t, c); q.Restored != 4 {
		t.Errorf("%d images are denoised as class 1", q.Restored)
	}
}
