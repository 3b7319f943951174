package main

import (
	"fmt"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	c := small(&options{steps: 1, seed: 1})
	c.Network.Width, c.Network.Mult, c.Batch = 8, []int{1}, 1
	model := clitest.Model(t, c, spdiff.Limit(digits.New(0, 10), 3))
	clitest.Hostile{
		Run: run,
		Base: func(i int) []string {
			n := 1 + i%len(figures)
			args := append([]string{"-out=figures", fmt.Sprintf("-only=%d", n)}, quick...)
			if n == 1 {
				args = append(args, "-model="+model)
			}
			return args
		},
		Words: []string{model, "figures", "1,2", "4"},
		Share: 8,
	}.Test(t)
}
