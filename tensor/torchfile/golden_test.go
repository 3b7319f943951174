package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor/safetensors"
)

// goldens are the files of testdata with tensors; testdata/make_torchfile_golden.py made them and says what is in them.
var goldens = []string{"state", "types", "views", "nn"}

// legacies are those in the format of PyTorch before 1.6.
var legacies = []string{"legacy", "legacyviews"}

// same fails unless two files have the same tensors, by name, shape, bits and order.
func same(t *testing.T, name string, got, want *safetensors.File) {
	t.Helper()
	if len(got.Tensors) != len(want.Tensors) {
		t.Fatalf("%s: %d tensors, want %d", name, len(got.Tensors), len(want.Tensors))
	}
	for i, w := range want.Tensors {
		g := got.Tensors[i]
		if g.Name != w.Name || !g.Value.Shape().Equal(w.Value.Shape()) || !slices.EqualFunc(g.Value.Data(), w.Value.Data(), sameBits) {
			t.Errorf("%s: tensor %d is %q %v %v, want %q %v %v", name, i, g.Name, g.Value.Shape(), g.Value.Data(), w.Name, w.Value.Shape(), w.Value.Data())
		}
	}
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

// What PyTorch wrote is read as PyTorch reads it, in every bit.
func TestReadsAsPyTorch(t *testing.T) {
	for _, name := range slices.Concat(goldens, legacies) {
		got, err := Read("testdata/" + name + ".pt")
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := safetensors.Read("testdata/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		same(t, name, got, want)
		if !maps.Equal(got.Metadata, want.Metadata) {
			t.Errorf("%s: the metadata is %v, want %v", name, got.Metadata, want.Metadata)
		}
	}
}

// What is not read says why, and what to do.
func TestRefusesByName(t *testing.T) {
	for name, want := range map[string]string{
		"danger.pt":         `"system" of Python's module "posix"`,
		"script.pt":         "TorchScript",
		"state.safetensors": "no file of PyTorch",
		"none.pt":           "no such file",
		"":                  "not a regular file",
	} {
		f, err := Read("testdata/" + name)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, %v; want an error with %q", name, f, err, want)
		}
	}
	_, err := Read("testdata/danger.pt")
	var g *GlobalError
	if !errors.As(err, &g) || g.Module != "posix" || g.Name != "system" {
		t.Errorf("danger.pt: %v", err)
	}
}

// A file that was cut anywhere is an error, and so is one with a flipped bit in what its checksums cover.
func TestDamage(t *testing.T) {
	whole, err := os.ReadFile("testdata/views.pt")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := Read("testdata/views.pt")
	for n := range whole {
		if f, err := decode(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes: %v", n, len(whole), f)
		}
	}
	found := 0
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		got, err := decode(b)
		if err != nil {
			found++
			continue
		}
		same(t, fmt.Sprintf("byte %d", i), got, want)
	}
	if found < 1000 {
		t.Errorf("of %d flipped bits %d are found", len(whole), found)
	}
}

func decode(b []byte) (*safetensors.File, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

// Tensors of random types, shapes and strides, in random protocols, written by PyTorch anew. Starting it takes some seconds, so the
// test wants to be asked for: SPDIFF_PYTHON=/usr/bin/python3 go test -run Exchange ./tensor/torchfile
func TestExchange(t *testing.T) {
	python := os.Getenv("SPDIFF_PYTHON")
	if exec.Command(python, "-c", "import torch").Run() != nil {
		t.Skip("SKIPPED: no exchange of files with PyTorch; SPDIFF_PYTHON does not name a Python that has it")
	}
	const files = 6
	folder := t.TempDir()
	if out, err := exec.Command(python, "../../testdata/make_torchfile_golden.py", fmt.Sprint(files), folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for seed := range files {
		path := filepath.Join(folder, fmt.Sprint(seed))
		got, err := Read(path + ".pt")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want, err := safetensors.Read(path + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Tensors) < 100 {
			t.Errorf("seed %d: only %d tensors", seed, len(got.Tensors))
		}
		same(t, fmt.Sprintf("seed %d", seed), got, want)
	}
}

// Legacy files have no checksums. Cut anywhere they are errors, and with a flipped bit they are errors or files within the bounds.
func TestLegacyDamage(t *testing.T) {
	whole, err := os.ReadFile("testdata/legacyviews.pt")
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if f, err := decode(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes: %v", n, len(whole), f)
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if f, err := decode(b); err == nil {
			check(t, f, len(b))
		}
	}
}
