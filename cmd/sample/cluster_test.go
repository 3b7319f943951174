package main

import (
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// What the script for a Slurm array gives to sample, and shows to be given, are flags that there are, and task 3 of 8 draws its part.
func TestClusterScript(t *testing.T) {
	script := filepath.Join("..", "..", "docs", "cluster", "sample.sbatch")
	shown := clitest.Calls(t, script, "sample.sbatch")[0]
	for name, value := range map[string]string{"JOB_COMPLETION_INDEX": "", "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "7"} {
		t.Setenv(name, value)
	}
	for _, args := range clitest.Calls(t, script, "./sample", "${PARTS:-8}", "8", "${SLURM_CPUS_PER_TASK:-0}", "2", `"$@"`, strings.Join(shown, " ")) {
		o, err := parse(args)
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		if o.n != 6250 || o.first != 3*6250 || o.threads != 2 {
			t.Errorf("%q: %d images from %d by %d threads", args, o.n, o.first, o.threads)
		}
	}
}
