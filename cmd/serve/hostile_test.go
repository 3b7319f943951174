package main

import (
	"context"
	"testing"
	"time"

	"spdiff/cmd/internal/cli/clitest"
)

// Whatever its flags say, the command ends with an error or serves until it is stopped.
func TestHostileFlags(t *testing.T) {
	m := modelFile(t, "tied")
	t.Chdir(t.TempDir())
	clitest.Hostile{
		Run: func(ctx context.Context, args []string) error {
			ctx, stop := context.WithTimeout(ctx, 10*time.Millisecond)
			defer stop()
			return run(ctx, args)
		},
		Base:  func(int) []string { return []string{"-model=" + m, "-listen=127.0.0.1:0"} },
		Words: []string{m, "b=" + m, "localhost:0", "[::1]:0", "1ms", "1000000h", "bf16"},
		Leave: []string{"drain"}, // it says how long the command goes on after its end
	}.Test(t)
}
