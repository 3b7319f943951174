package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/grid"
)

// What could not be measured of a model is a usage error before the first training: Δx₀ of one with classes on images without labels, and
// one that is conditioned on its last prediction by a solver with steps of its own for each image. So is what could not be trained: a model
// with classes on images without labels, or of more classes.
func TestCheckTrainings(t *testing.T) {
	bare, eleven := images(t), images(t)
	labels := func(data string) string {
		return filepath.Join(strings.TrimPrefix(data, "mnist:"), "train-labels-idx1-ubyte")
	}
	text, err := os.ReadFile(labels(eleven))
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] = 10
	if err := errors.Join(os.Remove(labels(bare)), os.WriteFile(labels(eleven), text, 0o644)); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"-tables ablation":                                                  "",
		"-tables ablation -reference " + bare:                               "no labels",
		"-tables solvers -diffusion -classes=10 -reference " + bare:         "no labels",
		"-tables solvers -diffusion -classes=0 -reference " + bare:          "",
		"-tables solvers -reference " + bare:                                "",
		"-tables solvers -models spgan -gan -classes=10 -reference " + bare: "",
		"-tables ablation -restore 0 -reference " + bare:                    "",
		"-tables ablation -solver dopri":                                    "gc-condition-1 is conditioned",
		"-tables solvers -solver dopri":                                     "",
		"-tables solvers -solver dopri -diffusion -condition":               "gc-1 is conditioned",
		"-tables solvers -solver heun -diffusion -condition":                "",
		"-tables ablation -data " + eleven:                                  "gc-classes-1: -classes 10: labels go up to 10",
		"-tables solvers -models spgan -data " + eleven:                     "spgan-1: -classes 10: labels go up to 10",
		"-tables solvers -data " + eleven:                                   "",
		"-tables ablation -restore 0 -data " + bare:                         "by -tables",
		"-tables solvers -reference " + single(t):                           "it has 1 image",
	} {
		_, err := newLab(t.Context(), parsed(t, "rotmnist -sizes 8 -seeds 1 -models gc "+args))
		var usage *cli.UsageError
		if want == "" && err != nil || want != "" && (!errors.As(err, &usage) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; want %q", args, err, want)
		}
	}
}

// single writes a digit, and returns what names it.
func single(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := grid.Write(filepath.Join(dir, "a.png"), make([]float32, 28*28), 1, 28, 28, 1); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A diffusion has the classes that -classes says, else its preset's.
func TestClassesOf(t *testing.T) {
	for flags, want := range map[string]int{"-preset digits-s": 0, "-preset cells": 3, "-preset cells -classes 0": 0, "-preset digits-s -classes 3 --classes=10": 10} {
		if got := classesOf(strings.Fields(flags)); got != want {
			t.Errorf("%s: %d classes, want %d", flags, got, want)
		}
	}
}
