package spdiff

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// held returns n blobs as a tensor, with their classes.
func held(n int) (*tensor.Tensor, []int) {
	x, classes := tensor.New(n, 8, 8, 1), make([]int, n)
	for i := range n {
		classes[i], _ = blobs{n, 8}.Image(x.Data()[i*64:(i+1)*64], i)
	}
	return x, classes
}

// Images in memory train to the same bits as the source that they came from, and so do the first of more.
func TestImages(t *testing.T) {
	c := tiny(group.C4, WT)
	want := weights(train(t, c))
	x, classes := held(10)
	more, moreClasses := held(13)
	for name, s := range map[string]Source{"in memory": Images(x, classes), "the first": Limit(Images(more, moreClasses), 10)} {
		m, err := Train(context.Background(), c, s, nil)
		if err != nil || !slices.Equal(weights(m), want) {
			t.Errorf("%s: other weights (%v)", name, err)
		}
	}
	if class, err := Images(x, nil).Image(make([]float32, 64), 3); class != 0 || err != nil {
		t.Errorf("without classes: class %d, %v", class, err)
	}
}

func TestImagesPanics(t *testing.T) {
	for want, f := range map[string]func(){
		"it must be images × rows": func() { Images(tensor.New(2, 8, 8), nil) },
		"2 images and 3 classes":   func() { Images(tensor.New(2, 8, 8, 1), make([]int, 3)) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*SourceError); !ok || !strings.Contains(e.Error(), want) {
					t.Errorf("%v; want a *SourceError with %q", e, want)
				}
			}()
			f()
		}()
	}
}

func TestLimit(t *testing.T) {
	s := blobs{10, 8}
	for n, want := range map[int]int{-1: 0, 0: 0, 3: 3, 10: 10, 11: 10} {
		if got := Limit(s, n).Len(); got != want {
			t.Errorf("the first %d of 10 are %d", n, got)
		}
	}
	var e *SourceError
	if _, err := NewTrainer(tiny(group.C4, WT), Limit(s, 0)); !errors.As(err, &e) || !strings.Contains(err.Error(), "no images") {
		t.Errorf("no images: %v", err)
	}
	_, err := NewTrainer(tiny(group.C4, WT), blobs{10, 9})
	for _, want := range []string{"9×9×1", "Network.ImageHeight", "Network.ImageWidth", "Network.Out"} {
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("other images than the network takes: %v; want %q", err, want)
		}
	}
}
