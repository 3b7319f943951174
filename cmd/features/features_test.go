package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/grid"
	"spdiff/nn/fd"
)

func TestHelp(t *testing.T) {
	help := clitest.Help(t, run)
	for _, n := range networks {
		if !strings.Contains(help, " "+n.name+" ") {
			t.Errorf("-h does not speak of %s", n.name)
		}
	}
	for _, flag := range []string{"-data", "-out", "-threads", "-steps", "-seed", "mnist:FOLDER"} {
		if !strings.Contains(help, flag) {
			t.Errorf("-h does not speak of %s", flag)
		}
	}
}

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                          "name one network after the flags: digits, cells",
		"digits cells":              "name one network",
		"faces":                     `there is no network "faces"; there are: digits, cells`,
		"digits":                    "-data is missing",
		"-steps 0 cells":            "-steps and -threads must be at least 1",
		"-threads 0 cells":          "at least 1",
		"-out weights.pt cells":     "must end in .safetensors",
		"-rate 3 cells":             "flag provided but not defined",
		"-seed -1 cells":            "invalid value",
		"-data digits -steps x yes": "invalid value",
	})
}

// A short training writes the file whose hash it prints, and it is a network.
func TestTrain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "short.safetensors")
	var err error
	said := clitest.Captured(t, func() {
		err = run(context.Background(), []string{"-data", "digits", "-steps", "2", "-out", path, "digits"})
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := fd.NewDigits(file)
	if err != nil {
		t.Fatal(err)
	}
	label := strings.TrimPrefix(n.Name(), "digits/")
	for _, want := range []string{"features: digits on 60000 images (generated digits), 2 steps of 64, seed 1", "step 2 of 2   loss", "SHA-256 " + label, fmt.Sprintf("%d bytes", len(file))} {
		if !strings.Contains(said, want) {
			t.Errorf("it says %q; want %q in it", said, want)
		}
	}
}

// What is left out of a folder is said before the work, and a context that has ended ends the reading of it.
func TestFolder(t *testing.T) {
	folder := t.TempDir()
	err := errors.Join(grid.WriteSingle(filepath.Join(folder, "a.png"), make([]float32, 64), 8, 8, 1),
		os.WriteFile(filepath.Join(folder, "readme.txt"), nil, 0o644))
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-data", folder, "-out", filepath.Join(t.TempDir(), "w.safetensors"), "digits"}
	said := clitest.Captured(t, func() { err = run(t.Context(), args) })
	if err == nil || !strings.Contains(err.Error(), "8×8×1") || !strings.Contains(said, `data:  left out, as files of other kinds: 1 ".txt"`) {
		t.Errorf("%v; it says %q", err, said)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	said = clitest.Captured(t, func() { err = run(ctx, args) })
	if !errors.Is(err, context.Canceled) || said != "" {
		t.Errorf("%v; it says %q", err, said)
	}
}

// What cannot be done is said before the work, and nothing is written by a training that is stopped.
func TestErrors(t *testing.T) {
	folder := t.TempDir()
	out, taken := filepath.Join(folder, "w.safetensors"), filepath.Join(folder, "taken.safetensors")
	if err := os.Mkdir(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		args []string
		want string
	}{
		{context.Background(), []string{"-data", "digits", "-out", out, "cells"}, "28×28×1; the network is of 64×64×3"},
		{context.Background(), []string{"-out", filepath.Join(folder, "none", "w.safetensors"), "cells"}, "none"},
		{ended, []string{"-out", taken, "cells"}, "-out " + taken + ": it is there, and no file"},
		{context.Background(), []string{"-data", "mnist:" + folder, "-out", out, "digits"}, "train-images"},
		{ended, []string{"-out", out, "cells"}, "0 of 1000 steps"},
	} {
		var err error
		clitest.Captured(t, func() { err = run(c.ctx, c.args) })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.args, err, c.want)
		}
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
}
