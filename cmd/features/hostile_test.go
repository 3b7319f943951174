package main

import (
	"context"
	"slices"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	clitest.Hostile{
		Run: func(ctx context.Context, args []string) error {
			return run(ctx, append(slices.Clone(args), "digits"))
		},
		Base:  func(int) []string { return []string{"-data=digits", "-steps=1"} },
		Words: []string{"digits", "cells", "a.safetensors", "folder/a.safetensors", ".safetensors"},
		Share: 4,
	}.Test(t)
}
