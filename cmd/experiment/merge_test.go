package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Parts that have one cell twice are merged if it has the same numbers, and are an error that names both files if it has not; so are
// parts of other settings.
func TestMergeTwice(t *testing.T) {
	t.Chdir(t.TempDir())
	o := parsed(t, "rotmnist -merge -models gc -sizes 600 -seeds 1 -tables minutes -out e a b")
	gc := inventedOf("600/gc-1", whole)
	for _, folder := range []string{"a", "b"} {
		if err := writeRecord(folder, gc); err != nil {
			t.Fatal(err)
		}
		if err := o.keep(folder); err != nil {
			t.Fatal(err)
		}
		gc.Drawing, gc.Training.Seconds, gc.Training.Machine, gc.Commands = 7, 8, "another", nil // which are no numbers of the model
	}
	average := gc
	average.Cell, average.Model = "600/oc-1", "oc"
	if err := errors.Join(os.MkdirAll("a/600/wt-1", 0o755), os.MkdirAll("a/600/plain-1", 0o755), writeRecord("a", average)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writeJSON("a/600/plain-1/"+trainedFile, gc.Training), writeJSON("a/600/wt-1/"+trainedFile, gc.Training), writeJSON("a/600/gc-1/"+trainedFile, gc.Training)); err != nil {
		t.Fatal(err)
	}
	if err := merge(o); err != nil {
		t.Errorf("the same twice: %v", err)
	}
	if has("e/600/wt-1/"+trainedFile) || !has("e/600/gc-1/"+trainedFile) || !has("e/600/plain-1/"+trainedFile) {
		t.Error("trainings are done elsewhere if something of them was measured, and else not")
	}
	for _, args := range []string{"cells -merge -out e", "cells -merge -out new a"} {
		if err := merge(parsed(t, args)); err == nil || !strings.Contains(err.Error(), "has the experiment rotmnist") {
			t.Errorf("%s: %v", args, err)
		}
	}
	if has("new") {
		t.Error("parts of another experiment were brought over")
	}
	gc.Quality.FD++
	if err := writeRecord("b", gc); err != nil {
		t.Fatal(err)
	}
	if err := merge(o); err == nil || !strings.Contains(err.Error(), "600/gc-1") || !strings.Contains(err.Error(), "other numbers") {
		t.Errorf("other numbers: %v", err)
	}
	o.Samples++
	if err := o.settings.keep("c"); err == nil {
		t.Error("settings were written into no folder")
	}
	if err := writeRecord("c", gc); err != nil {
		t.Fatal(err)
	}
	if err := o.keep("c"); err != nil {
		t.Fatal(err)
	}
	o.folders = []string{"c"}
	if err := merge(o); err == nil || !strings.Contains(err.Error(), "-samples") {
		t.Errorf("other settings: %v", err)
	}
}

// measuredElsewhere makes the folder of an experiment with one cell, whose training is done.
func measuredElsewhere(t *testing.T, o *options, folder string) {
	t.Helper()
	gc := inventedOf("600/gc-1", whole)
	if err := errors.Join(writeRecord(folder, gc), o.keep(folder), writeJSON(filepath.Join(folder, gc.Cell, trainedFile), gc.Training)); err != nil {
		t.Fatal(err)
	}
}

// A training that is done elsewhere and half done in -out, where it has a state or a model, is an error that names both, and nothing is
// brought over; where it is done too there is none.
func TestMergeHalfTrained(t *testing.T) {
	t.Chdir(t.TempDir())
	o := parsed(t, "rotmnist -merge -models gc -sizes 600 -seeds 1 -tables minutes -out e a")
	measuredElsewhere(t, o, "a")
	there := filepath.Join("e", "600", "gc-1")
	for _, name := range []string{modelFile, "state-000000020.safetensors"} {
		if err := errors.Join(os.RemoveAll("e"), os.MkdirAll(there, 0o755), os.WriteFile(filepath.Join(there, name), nil, 0o644)); err != nil {
			t.Fatal(err)
		}
		err := merge(o)
		if err == nil || !strings.Contains(err.Error(), filepath.Join("a", "600", "gc-1", trainedFile)) || !strings.Contains(err.Error(), "begun in "+there) {
			t.Errorf("with %s: %v", name, err)
		}
		if has(filepath.Join(there, trainedFile)) || has(recordPath(there, whole)) {
			t.Errorf("with %s: something was brought over", name)
		}
	}
	if err := errors.Join(writeJSON(filepath.Join(there, trainedFile), inventedOf("600/gc-1", whole).Training), merge(o)); err != nil {
		t.Errorf("done in both: %v", err)
	}
}

// A drawing that is not done has pictures and no numbers: nothing of its cell is brought over.
func TestMergeUnfinishedDrawing(t *testing.T) {
	t.Chdir(t.TempDir())
	o := parsed(t, "rotmnist -merge -models gc -sizes 600 -seeds 1 -tables minutes -out e a b")
	measuredElsewhere(t, o, "a")
	measuredElsewhere(t, o, "b")
	cell := filepath.Join("b", "600", "gc-1")
	for folder, text := range map[string]string{"a": "done", "b": "begun"} {
		if err := os.WriteFile(filepath.Join(folder, "600", "gc-1", measuredDir, samplesFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Remove(recordPath(cell, whole)), merge(o)); err != nil {
		t.Error(err)
	}
	if got := read(t, "e", "600", "gc-1", measuredDir, samplesFile); got != "done" {
		t.Errorf("the picture is that which is %q", got)
	}
}

// A curve over minutes whose points were not all measured is missing, where the models of the way are.
func TestMergeUnfinishedCurve(t *testing.T) {
	t.Chdir(t.TempDir())
	o := parsed(t, "rotmnist -merge -models gc -sizes 600 -seeds 1 -tables minutes -out e")
	measuredElsewhere(t, o, "e")
	at := filepath.Join("e", "600", "gc-1")
	for name, text := range map[string]string{"models/step-000000008.safetensors": "", "state-000000008.safetensors": "", "config.json": "{}", "log.csv": ""} {
		path := filepath.Join(at, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := merge(o); err == nil || !strings.Contains(err.Error(), "600/gc-1/step-000000008") {
		t.Errorf("%v", err)
	}
}

// A training that broke off has no numbers, and is the same whichever version said so.
func TestMergeFailed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "whole.json")
	var all []string
	for _, quality := range []string{`{"fd":0,"fd_low":0,"fd_high":0,"fd_all":null,"n":0}`, `{"n":0}`} {
		if err := os.WriteFile(path, []byte(`{"cell":"a","failed":"NaN","quality":`+quality+`}`), 0o644); err != nil {
			t.Fatal(err)
		}
		text, err := timeless(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	if all[0] != all[1] {
		t.Errorf("%s and %s", all[0], all[1])
	}
}

// Older records of GANs say a solver, which evaluate refuses of one; the report does not.
func TestCommandsOfOlderGANs(t *testing.T) {
	gan := inventedOf("600/gc-1", whole)
	gan.Model, gan.Cell, gan.Commands = "spgan", "600/spgan-1", []string{"go run ./cmd/evaluate -model m -n 100 -solver ddim -steps 50 -seed 1"}
	plain := gan
	plain.Model, plain.Cell = "plain", "600/plain-1"
	text := results{parsed(t, "rotmnist"), []record{gan, plain}}.lines()
	if !strings.Contains(text, "-n 100 -seed 1\n") || !strings.Contains(text, "-n 100 -solver ddim -steps 50 -seed 1\n") {
		t.Errorf("%s", text)
	}
}

// A folder's name may have what patterns take for their own. What a killed process left aside is not brought over.
func TestMergeNames(t *testing.T) {
	t.Chdir(t.TempDir())
	o := parsed(t, "rotmnist -merge -models gc -sizes 600 -seeds 1 -tables minutes -out e e[1]")
	measuredElsewhere(t, o, "e[1]")
	aside := filepath.Join("600", "gc-1", measuredDir, ".whole.json.5.aside")
	if err := os.WriteFile(filepath.Join("e[1]", aside), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := merge(o); err != nil {
		t.Fatal(err)
	}
	if !has(recordPath(filepath.Join("e", "600", "gc-1"), whole)) || has(filepath.Join("e", aside)) {
		t.Error("the record was not brought over, or what was left aside was")
	}
}
