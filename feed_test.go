package spdiff

import (
	"slices"
	"testing"

	"spdiff/group"
)

// Rotate moves an image by one element whenever it is shown, each element as often as others over the images; Augment by another at
// each draw. A class stays with its image.
func TestRotateOnceAugmentAnew(t *testing.T) {
	const n, epochs = 400, 3
	for _, g := range []group.Group{group.H, group.C4, group.D4} {
		for _, c := range []struct{ rotate, augment bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
			f := newFeed(feeding{seed: 3, batch: 10, classes: 2, group: g, rotate: c.rotate, augment: c.augment}, blobs{n, 8})
			seen, counts := fed(t, f, epochs)
			once := !slices.ContainsFunc(seen, func(elements map[int]bool) bool { return len(elements) != 1 })
			if once == c.augment {
				t.Errorf("%v, %+v: that every image keeps its element is %v", g, c, once)
			}
			share, still := epochs*n/g.Order(), counts[0] == epochs*n
			if still == (c.rotate || c.augment) || !still && (slices.Min(counts) < share*2/3 || slices.Max(counts) > share*4/3) {
				t.Errorf("%v, %+v: the elements occur %v times", g, c, counts)
			}
		}
	}
}

// fed returns the elements that move each image in so many epochs, and how often each does; and checks that they do.
func fed(t *testing.T, f *feed, epochs int) (seen []map[int]bool, counts []int) {
	defer f.reader.stop()
	n := f.reader.source.Len()
	seen, counts = make([]map[int]bool, n), make([]int, f.group.Order())
	shown, still, moved := make([]int, f.batch), make([]float32, 64), make([]float32, 64)
	order := newEpochs(f.seed, n)
	for step := range epochs * n / f.batch {
		if err := f.fill(step); err != nil {
			t.Fatal(err)
		}
		order.images(shown, step*f.batch)
		for j, i := range shown {
			class, err := f.reader.source.Image(still, i)
			if err != nil {
				t.Fatal(err)
			}
			a := f.elements[j]
			if f.group.Act(moved, still, a, 1, 8, 8, 1); !slices.Equal(f.image(j), moved) || f.class[j] != class {
				t.Fatalf("%v: image %d is not moved by its element, or has another class", f.group, i)
			}
			if seen[i] == nil {
				seen[i] = map[int]bool{}
			}
			seen[i][a] = true
			counts[a]++
		}
	}
	return seen, counts
}

// Where the next step's draws have no numbers, nothing is read ahead.
func TestFeedEndsWithTheNumbers(t *testing.T) {
	const last = maxDraws/4 - 1
	for step, ahead := range map[int]int{last - 1: last, last: none} {
		f := newFeed(feeding{seed: 3, batch: 4, classes: 2}, blobs{10, 8})
		err := f.fill(step)
		if got := f.reader.step; err != nil || got != ahead {
			t.Errorf("step %d: that of number %d is read ahead, want %d (%v)", step, got, ahead, err)
		}
		f.reader.stop()
	}
}
