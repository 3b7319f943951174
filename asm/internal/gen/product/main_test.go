package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCommitted demands that the assembly in package asm is what would be written now.
func TestCommitted(t *testing.T) {
	for _, f := range families {
		files, err := generate(f.name, f.write)
		if err != nil {
			t.Fatal(f.name, ": ", err)
		}
		for name, want := range files {
			if got, err := os.ReadFile(filepath.Join("..", "..", "..", name)); err != nil {
				t.Error(err)
			} else if !bytes.Equal(got, want) {
				t.Errorf("%s differs; run go generate in package asm", name)
			}
		}
	}
}
