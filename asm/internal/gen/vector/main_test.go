package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestFilesAreUpToDate compares the files of package asm with what this generator writes.
func TestFilesAreUpToDate(t *testing.T) {
	dir := filepath.Join("..", "..", "..")
	files, err := generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what is generated; in asm/internal/gen, go run ./vector", name)
		}
	}
}

func TestParseGivesTypesToNames(t *testing.T) {
	got := parse("z []float32, lo, hi float32, x, y []float32")
	want := []param{{"z", true}, {"lo", false}, {"hi", false}, {"x", true}, {"y", true}}
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("parse = %v, want %v", got, want)
		}
	}
}
