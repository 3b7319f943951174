package spdiff

import (
	"errors"
	"strings"
	"testing"
)

// A part that is nil, as of a file that could not be read, is an error that says which, wherever it stands.
func TestMergeNilTally(t *testing.T) {
	c := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 20, 1, asTheyAre), Extractor: newProjections(4)}
	part, err := Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for want, parts := range map[string][]*Tally{"part number 0 ": {nil, part}, "part number 1 ": {part, nil}} {
		var e *ComparisonError
		if _, err := MergeTallies(parts...); !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want a *ComparisonError with %q", err, want)
		}
	}
}
