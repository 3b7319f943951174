package main

import (
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := spdiff.DefaultConfig("digits-s")
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Width, c.Network.Mult, c.Network.Blocks, c.Network.Attention, c.Network.Classes = 8, []int{1}, 1, nil, 3
	c.Network.Groups, c.Network.Head = 4, 8
	c.Batch, c.Steps = 1, 1
	model := clitest.Model(t, c, spdiff.Limit(digits.New(0, 10), 3))
	clitest.Hostile{
		Run:   run,
		Base:  func(int) []string { return []string{"-model", model, "-n", "1", "-steps", "2", "-out", "a.png"} },
		Words: []string{"em", "heun", "dpm", "dopri", "pc", "sra1", "ddpm", "a.npz", "b.png", "folder"},
	}.Test(t)
}
