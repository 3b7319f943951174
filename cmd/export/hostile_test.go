package main

import (
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/group"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	_, tied := trained(t, tiny(group.C4, spdiff.WT))
	_, plain := trained(t, tiny(group.C1, spdiff.Plain))
	t.Chdir(t.TempDir())
	clitest.Hostile{
		Run:   run,
		Base:  func(i int) []string { return []string{"-model=" + []string{tied, plain}[i%2], "-steps=3"} },
		Words: []string{tied, plain, "a.onnx", "folder/a.onnx", ".onnx"},
		Share: 2,
	}.Test(t)
}
