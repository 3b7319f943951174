package main

import (
	"os"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	weights, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	const in = "in.pt"
	t.Chdir(t.TempDir())
	if err := os.WriteFile(in, weights, 0o644); err != nil {
		t.Fatal(err)
	}
	clitest.Hostile{
		Run: run,
		Base: func(int) []string {
			return []string{"-in", in, "-size", "8", "-head-channels", "4", "-qkv", "legacy", "-schedule", "linear", "-predict", "eps", "-groups", "2"}
		},
		Words: []string{in, "legacy", "new", "8x8", "16x16", "cosine", "edm", "wt", "oc", "C4", "out.safetensors"},
	}.Test(t)
}
