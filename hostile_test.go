package spdiff

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// bounded fails unless f takes less than 64 MiB of memory.
func bounded(t *testing.T, what string, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("%s takes %d MiB", what, n>>20)
	}
}

// written returns the path of a file of a kind with this configuration and number of steps, and a tensor.
func written(t *testing.T, kind, config, steps string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hostile.safetensors")
	f := &safetensors.File{Metadata: map[string]string{kindKey: kind, configKey: config, stepsKey: steps, imagesKey: "10"}}
	f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "x", Value: tensor.New(3)})
	if err := safetensors.WriteSealed(path, f); err != nil {
		t.Fatal(err)
	}
	return path
}

// changed returns the JSON of a small configuration that f has changed.
func changed(f func(*Config)) string {
	c := tiny(group.C4, WT)
	f(&c)
	return string(c.JSON())
}

// What a file claims takes no memory before it is seen to be there: models and states of all sizes, of a few bytes each, are
// errors that name the file.
func TestHostileFiles(t *testing.T) {
	same := func(*Config) {}
	for _, c := range []struct{ name, config, steps, model, state string }{
		{"no JSON", "{", "1", "unexpected EOF", "unexpected EOF"},
		{"an unknown member", `{"batches": 3}`, "1", "unknown field", "unknown field"},
		{"two objects", changed(same) + "{}", "1", "something follows", "something follows"},
		{"half a billion parameters", changed(func(c *Config) { c.Network.Width = 1024 }), "1", "parameters; the file is damaged", "no state of a training"},
		{"more than there may be", changed(func(c *Config) { c.Network.Width = 1 << 16 }), "1", "must be from 1 to", "must be from 1 to"},
		{"a thousand means", changed(func(c *Config) { c.Optimiser.Averages = make([]nn.Average, 1000) }), "1", "must be from 0 to", "must be from 0 to"},
		{"a great batch", changed(func(c *Config) { c.Batch = 1 << 16 }), "1", "damaged", "no state of a training"},
		{"steps beyond counting", changed(same), "36028797018963968", "damaged", "number of steps"},
		{"steps beyond numbers", changed(same), "99999999999999999999", "damaged", "number of steps"},
		{"negative steps", changed(same), "-1", "damaged", "number of steps"},
	} {
		path, state := written(t, KindDiffusion, c.config, c.steps), written(t, KindState, c.config, c.steps)
		bounded(t, c.name, func() {
			if _, err := Load(path); err == nil || !strings.Contains(err.Error(), c.model) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: Load: %v; want an error with the path and %q", c.name, err, c.model)
			}
			if _, err := Resume(state, blobs{10, 8}, 9); err == nil || !strings.Contains(err.Error(), c.state) || !strings.Contains(err.Error(), state) {
				t.Errorf("%s: Resume: %v; want an error with the path and %q", c.name, err, c.state)
			}
		})
	}
}

// A state that is cut short anywhere is an error, and so is a flipped length.
func TestTruncatedState(t *testing.T) {
	tr, err := NewTrainer(tiny(group.C4, WT), blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 7, 8, 100, len(whole) / 2, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Resume(path, blobs{10, 8}, 9); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("the first %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// Batches and results that no machine holds are errors before memory is taken, and the model is as good as before.
func TestTooMuchForTheMachine(t *testing.T) {
	var e *MemoryError
	c := tiny(group.C4, WT)
	c.Network.ImageHeight, c.Network.ImageWidth, c.Batch = 1<<14, 1<<14, 1<<16
	bounded(t, "a training", func() {
		if _, err := NewTrainer(c, blobs{10, 1 << 14}); !errors.As(err, &e) || !strings.Contains(err.Error(), "65536 images") {
			t.Errorf("a step of 65536 large images: %v", err)
		}
	})
	m := train(t, tiny(group.C4, WT))
	want := sample(t, m, Sampling{Reversal: Reversal{Steps: 2}})
	for _, s := range []Sampling{{N: maxDraws / 2}, {N: maxDraws}} {
		bounded(t, fmt.Sprintf("%+v", s), func() {
			if _, err := m.Sample(context.Background(), s); !errors.As(err, &e) {
				t.Errorf("%+v: %v", s, err)
			}
		})
	}
	if _, err := m.Sample(context.Background(), Sampling{Reversal: Reversal{First: maxDraws}}); err == nil || !strings.Contains(err.Error(), "go from 0 to") {
		t.Errorf("an image beyond the last: %v", err)
	}
	if got := sample(t, m, Sampling{Reversal: Reversal{Steps: 2}}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the model draws otherwise after the errors")
	}
}
