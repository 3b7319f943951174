package spdiff

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// comparison returns one of a generator's images, or of others, with settings that may make no sense, none of which would take long.
func (r caller) comparison(g Generator) Comparison {
	h, w, channels := g.Shape()
	c := Comparison{Generator: g, Sampling: Sampling{N: r.IntN(6), Reversal: r.reversal()}, Seeds: r.IntN(3), Reference: r.scattered(h, w, channels),
		Extractor: newProjections(1 + r.IntN(4)), Group: group.All()[r.IntN(7)], Inverse: r.IntN(2) == 0, Kernel: r.IntN(3) == 0, Cover: r.IntN(3) == 0,
		Classes: 2 * r.IntN(2), Orientations: 4 * r.IntN(2), Folds: r.IntN(4), Nearest: r.IntN(4), Restore: r.IntN(3) / 2 * (h / 8),
		Denoising: Denoising{Reversal: Reversal{Steps: 2}}}
	switch r.IntN(8) {
	case 0:
		c.Generator, c.Seeds, c.Images = nil, 1, r.scattered(h, w, channels)
	case 1:
		c.Extractor = nil
	}
	if r.IntN(2) == 0 {
		r.spoil(reflect.ValueOf(&c).Elem(), 20)
	}
	for _, n := range []*int{&c.Sampling.N, &c.Sampling.Steps, &c.Denoising.Steps, &c.Seeds} {
		if *n > 5 && *n <= max(maxShare, sde.MaxSteps) { // makes sense, and may take hours
			*n = 2
		}
	}
	return c
}

// scattered returns a few images of numbers at random, now and then too few, of another shape, or none.
func (r caller) scattered(h, w, c int) Source {
	switch r.IntN(16) {
	case 0:
		return nil
	case 1:
		h++
	}
	x := tensor.New(r.IntN(7), h, w, c)
	for i := range x.Data() {
		x.Data()[i] = float32(2*r.Float64() - 1)
	}
	return Images(x, nil)
}

// compare measures how far a generator's images are from others; merged alone they are as far, and each number can be written.
func (r caller) compare(g Generator) {
	t, err := Measure(context.Background(), r.comparison(g))
	if !r.measured("Measure", err) {
		return
	}
	one, err := t.Quality(context.Background())
	if !r.measured("Quality", err) {
		return
	}
	text, err := json.Marshal(one)
	if err != nil {
		r.t.Errorf("a quality that cannot be written: %v", err)
	}
	merged, err := MergeTallies(t)
	if !r.measured("MergeTallies", err) {
		return
	}
	two, err := merged.Quality(context.Background())
	again, _ := json.Marshal(two)
	if err != nil || !slices.Equal(text, again) {
		r.t.Errorf("measured %s, merged %s (%v)", text, again, err)
	}
	_, err = merged.Reference()
	r.measured("Reference", err)
}

// measured is expected of what compares images.
func (r caller) measured(what string, err error) bool {
	r.t.Helper()
	return r.expected(what, err, new(*ComparisonError), new(*SettingError), new(*ImageError), new(*MemoryError), new(*sde.NotFiniteError),
		new(*sde.TieError), new(*sde.ToleranceError))
}
