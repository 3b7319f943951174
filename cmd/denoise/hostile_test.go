package main

import (
	"os"
	"path/filepath"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/grid"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b") // for -in .. has its results beside it
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	c, err := spdiff.DefaultConfig("digits-s")
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Width, c.Network.Mult, c.Network.Blocks, c.Network.Attention = 8, []int{1}, 1, nil
	c.Network.Groups, c.Network.Head = 4, 8
	c.Batch, c.Steps = 1, 1
	model := clitest.Model(t, c, spdiff.Limit(digits.New(0, 10), 3))
	if err := grid.WriteSingle("in.png", make([]float32, 30*30), 30, 30, 1); err != nil {
		t.Fatal(err)
	}
	clitest.Hostile{
		Run:   run,
		Base:  func(int) []string { return []string{"-model", model, "-in", "in.png", "-steps", "2"} },
		Words: []string{"heun", "dpm", "ddim", "out.png", "out.jpg", "in.png"},
	}.Test(t)
}
