package main

import (
	"testing"

	"spdiff"
)

// The interval of several seeds holds that of each, so that seeds which happen to agree have no narrower one than their samples give; a
// seed whose features have no jackknife counts as its number alone.
func TestDistances(t *testing.T) {
	of := func(fd, low, high float64) record {
		return record{Quality: spdiff.Quality{Frechet: &spdiff.Frechet{FD: fd, FDLow: low, FDHigh: high}}}
	}
	failed := of(1, 0, 99)
	failed.Failed = "NaN"
	for _, c := range []struct {
		some []record
		want span
	}{
		{[]record{of(10, 8, 12)}, span{1, 10, 8, 12}},
		{[]record{of(10, 8, 12), of(10, 9, 13)}, span{2, 10, 8, 13}},
		{[]record{of(10, 9, 11), of(20, 16, 24), of(15, 15, 15)}, span{3, 15, 9, 24}},
		{[]record{of(10, 7, 13), of(12, 11, 12.5), failed}, span{2, 11, 7, 13}},
		{[]record{of(10, 10, 10), of(12, 12, 12)}, span{2, 11, 10, 12}},
		{nil, span{}},
	} {
		if got := distances(c.some); got != c.want {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}
