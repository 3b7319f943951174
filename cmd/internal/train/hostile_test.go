package train

import (
	"fmt"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")...)
	clitest.Hostile{
		Run: Run,
		Base: func(i int) []string {
			if i%4 == 3 {
				return with(quick, "-resume", "a", "-steps", itoa(11+i))
			}
			return with(tiny, "-data", "pictures", "-out", fmt.Sprintf("run-%d", i), "-steps", "3")
		},
		Words: []string{"pictures", "a", "a/state-000000010.safetensors", "C4", "D4", "reg-oc", "cf", "gc", "cells", "digits-m", "eps", "edm", "linear", "m.safetensors"},
	}.Test(t)
}
