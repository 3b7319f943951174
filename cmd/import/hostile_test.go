package main

import (
	"fmt"
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
		Base: func(i int) []string { // a file of its own, for import takes the place of none, and one flag less: its values are another's to say
			args := []string{"-in=" + in, "-size=8", "-qkv=legacy", "-schedule=linear", "-predict=eps", "-groups=2"}
			args = append(args, []string{"-head-channels=4", "-heads=2"}[i%2])
			return append(args, fmt.Sprintf("-out=model-%d.safetensors", i))
		},
		Words: []string{in, "legacy", "new", "8x8", "16x16", "cosine", "edm", "wt", "oc", "C4", "out.safetensors"},
	}.Test(t)
}
