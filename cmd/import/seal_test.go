package main

import (
	"errors"
	"os"
	"testing"

	"spdiff"
	"spdiff/tensor/safetensors"
)

// A model that is imported says what it is, and one that is damaged afterwards is not read.
func TestSealed(t *testing.T) {
	path, _, err := importing(t, "-in "+weights(t, small(), nil)+said+"-head-channels 8 -qkv legacy")
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.ReadSealed(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Metadata["kind"] != spdiff.KindDiffusion {
		t.Errorf("its kind is %q", f.Metadata["kind"])
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	var damaged *safetensors.SealError
	if _, err := spdiff.Load(path); !errors.As(err, &damaged) {
		t.Errorf("a weight of another bit: %v", err)
	}
}
