package main

import (
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// Whatever its flags say, the command ends with an error or does what they say.
func TestHostileFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	m, images, others := model(t), labelled(t, 1), archive(t, 2, false)
	clitest.Hostile{
		Run: run,
		Base: func(i int) []string {
			args := []string{"-reference=" + images, "-features=corners", "-n=4", "-limit=8", "-json"}
			if i%2 == 0 {
				return append(args, "-samples="+others)
			}
			args = append(args, "-model="+m, "-steps=2", "-batch=4")
			if i%4 == 1 {
				return append(args, "-measure=fd,psnr,nearest", "-restore=1", "-nearest=1")
			}
			return args
		},
		Words: []string{m, images, others, "corners", "all", "fd,kid", "precision,recall", "psnr,ssim", "nearest,classes", "C4", "D4", "oc", "bf16", "heun", "0/2", "a.npz", "a.png"},
	}.Test(t)
}
