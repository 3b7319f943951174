package main

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// Parts that have one cell twice are merged if it has the same numbers, and are an error that names both files if it has not; so are
// parts of other settings.
func TestMergeTwice(t *testing.T) {
	t.Chdir(t.TempDir())
	o := parsed(t, "rotmnist -merge -models gc -sizes 600 -seeds 1 -tables minutes -out e a b")
	var gc record
	for _, r := range invented() {
		if r.Cell == "600/gc-1" && r.Measure == whole {
			gc = r
		}
	}
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
	if err := merge(parsed(t, "cells -merge -out e")); err == nil || !strings.Contains(err.Error(), "has the experiment rotmnist") {
		t.Errorf("of another experiment: %v", err)
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
