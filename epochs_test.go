package spdiff

import (
	"slices"
	"testing"
)

// Every epoch shows each image once, in an order of its own, however batches fall; and which image a draw shows does not
// depend on what was asked before.
func TestEpochs(t *testing.T) {
	const n = 7
	for _, batch := range []int{1, 3, 7, 10, 40} {
		e := newEpochs(5, n)
		var all []int
		images := make([]int, batch)
		for first := 0; first < 280; first += batch {
			e.images(images, first)
			all = append(all, images...)
			alone := newEpochs(5, n)
			again := make([]int, batch)
			alone.images(again, first)
			if !slices.Equal(again, images) {
				t.Fatalf("batch %d: the images from draw %d on are %v, and %v when asked first", batch, first, images, again)
			}
		}
		orders := map[[n]int]bool{}
		for k := 0; k+n <= len(all); k += n {
			orders[[n]int(all[k:])] = true
			seen := slices.Sorted(slices.Values(all[k : k+n]))
			if !slices.Equal(seen, []int{0, 1, 2, 3, 4, 5, 6}) {
				t.Errorf("batch %d: the epoch at draw %d shows %v", batch, k, seen)
			}
		}
		if len(orders) < 35 {
			t.Errorf("batch %d: 40 epochs have %d orders", batch, len(orders))
		}
	}
	a, b := make([]int, 20), make([]int, 20)
	e, f := newEpochs(5, 20), newEpochs(6, 20)
	e.images(a, 0)
	f.images(b, 0)
	if slices.Equal(a, b) {
		t.Error("two seeds have the same order")
	}
}
