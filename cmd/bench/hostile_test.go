package main

import (
	"context"
	"slices"
	"testing"

	"spdiff/asm"
	"spdiff/cmd/internal/cli/clitest"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	var leave []string
	if asm.ISA() == "generic" {
		leave = []string{"scaling"} // a step of digits-s takes long without assembly, and is not interrupted
	}
	clitest.Hostile{
		Leave: leave,
		Run: func(ctx context.Context, args []string) error {
			if !slices.Contains(args, "-scaling=a.png") { // which has steps of its own
				args = append(slices.Clone(args), "gemm/784", "solver/dopri")
			}
			return run(ctx, args)
		},
		Base:  func(int) []string { return []string{"-runs=1", "-threads=2"} },
		Words: []string{"bf16", "float32", "a.png"},
		Share: 16,
	}.Test(t)
}
