package spdiff

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn"
)

// A rate that falls on demand is that of a configuration that had it from the beginning: the same bits, through a saved state too. A
// twin that falls one step later has others.
func TestFall(t *testing.T) {
	c := tiny(group.C4, GC)
	steps := func(tr *Trainer, n int) (rates []float64) {
		for range n {
			s, err := tr.Step()
			if err != nil {
				t.Fatal(err)
			}
			rates = append(rates, s.Rate)
		}
		return rates
	}
	begin := func(c Config) *Trainer {
		tr, err := NewTrainer(c, blobs{10, 8})
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	tr := begin(c)
	steps(tr, 3)
	if err := tr.Fall(4); err != nil {
		t.Fatal(err)
	}
	steps(tr, 2)
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Resume(path, blobs{10, 8}, 20)
	if err != nil {
		t.Fatal(err)
	}
	rates := steps(back, 3)
	if want := []float64{0.4e-3, 0.2e-3, 1e-3}; !near(rates, want) {
		t.Errorf("the rates are %v, want %v", rates, want)
	}
	known := c
	known.Rate.Falls = []nn.Fall{{From: 3, To: 7}}
	late := c
	late.Rate.Falls = []nn.Fall{{From: 4, To: 8}}
	whole, other := begin(known), begin(late)
	steps(whole, 8)
	steps(other, 8)
	if !slices.Equal(weights(whole.Model()), weights(back.Model())) {
		t.Error("a rate that falls on demand makes another model than one that was to")
	}
	if slices.Equal(weights(other.Model()), weights(back.Model())) {
		t.Error("one that falls a step later makes the same")
	}
	if got := back.Config().Rate.Falls; !slices.Equal(got, known.Rate.Falls) {
		t.Errorf("the configuration has the falls %v", got)
	}
}

// near reports whether numbers are equal but for rounding.
func near(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 })
}

func TestFallErrors(t *testing.T) {
	tr, err := NewTrainer(tiny(group.C4, WT), blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	says := func(n int, want string) {
		t.Helper()
		var e *ConfigError
		if err := tr.Fall(n); !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("Fall(%d): %v, want %q", n, err, want)
		}
	}
	beyond := MaxSteps
	beyond++ // negative where an int has 32 bits
	says(0, "it must be from 1")
	says(beyond, "it must be from 1")
	if err := tr.Fall(5); err != nil {
		t.Fatal(err)
	}
	says(5, "falls already")
	for _, f := range [][2]int{{5, 5}, {9, 7}, {-1, 3}, {7, beyond}} {
		var e *ConfigError
		if err := tr.FallBetween(f[0], f[1]); !errors.As(err, &e) || !strings.Contains(err.Error(), "at most") {
			t.Errorf("FallBetween(%d, %d): %v", f[0], f[1], err)
		}
	}
	if err := tr.FallBetween(7, 9); err != nil || len(tr.Config().Rate.Falls) != 2 {
		t.Errorf("a fall to come: %v, %v", tr.Config().Rate.Falls, err)
	}
}

// A configuration may have falls that are to come: another goes before them, where it does not meet them, and states can be loaded.
func TestFallBeforeAnother(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Rate.Falls = []nn.Fall{{From: 6, To: 9}}
	tr, err := NewTrainer(c, blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Fall(7); err == nil || !strings.Contains(err.Error(), "falls already") {
		t.Errorf("a fall that meets another: %v", err)
	}
	if err := tr.Fall(6); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Resume(path, blobs{10, 8}, 20)
	if err != nil {
		t.Fatal(err)
	}
	if want := []nn.Fall{{From: 0, To: 6}, {From: 6, To: 9}}; !slices.Equal(back.Config().Rate.Falls, want) || len(c.Rate.Falls) != 1 {
		t.Errorf("falls %v, and %v in what was given", back.Config().Rate.Falls, c.Rate.Falls)
	}
}
