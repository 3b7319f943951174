package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"spdiff/asm/internal/gen/source"
)

// TestCommitted demands that the assembly in package asm is what would be written now.
func TestCommitted(t *testing.T) {
	dir := filepath.Join("..", "..", "..")
	asm, err := source.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		files, err := generate(asm, f.name, f.write)
		if err != nil {
			t.Fatal(f.name, ": ", err)
		}
		for name, want := range files {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			} else if !bytes.Equal(got, want) {
				t.Errorf("%s differs; run go generate in package asm", name)
			}
		}
	}
}
