package spdiff

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn"
)

// A state holds a model for each of its running means, the same that its trainer gives; each is another.
func TestLoadState(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Optimiser.Averages = []nn.Average{{Rate: 0.9, Ramp: true}, {Rate: 0.5}}
	tr, err := NewTrainer(c, blobs{6, 8})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	var hashes []uint64
	for k := Last; k < 2; k++ {
		m, err := LoadState(path, k)
		if err != nil {
			t.Fatal(err)
		}
		got, want := hash(weights(m)), hash(weights(tr.Average(k)))
		if got != want {
			t.Errorf("mean %d: the weights are not the trainer's", k)
		}
		hashes = append(hashes, got)
	}
	if hashes[1] == hashes[2] || hashes[1] != hash(weights(tr.Model())) {
		t.Error("the means are the same, or the first is not the model's")
	}
	if hashes[0] != hash(weights(&Model{network: tr.network})) {
		t.Error("the last weights are not those of the network that is trained")
	}
	var wrong *ConfigError
	for _, k := range []int{Last - 1, 2} {
		if _, err := LoadState(path, k); !errors.As(err, &wrong) {
			t.Errorf("mean %d of 2: %v", k, err)
		}
	}
}

// On other images a training goes on from its weights and step; what is saved then says how many there are.
func TestResumeOn(t *testing.T) {
	tr, err := NewTrainer(tiny(group.C4, WT), blobs{6, 8})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Step(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	var wrong *SourceError
	if _, err := Resume(path, blobs{9, 8}, 5); !errors.As(err, &wrong) {
		t.Errorf("9 images for 6: %v", err)
	}
	on, err := ResumeOn(path, blobs{9, 8}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if on.Steps() != 1 || hash(weights(on.Model())) != hash(weights(tr.Model())) {
		t.Error("it is another model")
	}
	if err := on.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(path, blobs{9, 8}, 5); err != nil {
		t.Error(err)
	}
	if _, err := ResumeOn(path, nil, 5); !errors.As(err, &wrong) {
		t.Errorf("no images: %v", err)
	}
}

// The error of a state that is damaged, or is none, names the file, once.
func TestLoadStateNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := trainer(t, tiny(group.C4, WT), blobs{6, 8}).Save(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)-1] ^= 1
	for _, path := range []string{put(t, string(whole)), foreignFile(t, nil), filepath.Join(t.TempDir(), "none")} {
		if _, err := LoadState(path, 0); err == nil || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%v; want an error with %s once", err, path)
		}
	}
}
