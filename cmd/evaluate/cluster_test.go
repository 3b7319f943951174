package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// clusterFile returns a file of docs/cluster.
func clusterFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "cluster", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The manifest's job has as many indices as parts, and its arguments are flags that there are.
func TestClusterFiles(t *testing.T) {
	job := clusterFile(t, "job.yaml")
	for _, line := range []string{"apiVersion: batch/v1", "kind: Job", "completionMode: Indexed", "restartPolicy: OnFailure"} {
		if !strings.Contains(job, line) {
			t.Errorf("job.yaml has no %s", line)
		}
	}
	completions := regexp.MustCompile(`completions: (\d+)`).FindStringSubmatch(job)
	parts := regexp.MustCompile(`- -shards=(\d+)`).FindStringSubmatch(job)
	if completions == nil || parts == nil || completions[1] != parts[1] {
		t.Errorf("completions %v, -shards %v", completions, parts)
	}
	t.Setenv("JOB_COMPLETION_INDEX", "3")
	dir := t.TempDir()
	var args []string
	for _, a := range regexp.MustCompile(`(?m)^ +- (-.*)$`).FindAllStringSubmatch(job, -1) {
		args = append(args, strings.ReplaceAll(a[1], "/data", dir))
	}
	o, err := parse(args)
	if err != nil || o.part.Index != 3 || o.part.Of != 8 || !slices.Equal(o.written(), []string{filepath.Join(dir, "evaluation.3-of-8.npz")}) {
		t.Errorf("the job's arguments: %v", err)
	}
	for name, command := range map[string]string{"evaluate.sbatch": "./evaluate", "sample.sbatch": "./sample"} {
		script := clusterFile(t, name)
		if !strings.HasPrefix(script, "#!") || !strings.Contains(script, "#SBATCH --array=0-7") || !strings.Contains(script, "PARTS:-8") ||
			!strings.Contains(script, "exec "+command+" -shards") {
			t.Errorf("%s is no array of eight parts", name)
		}
	}
	docker := clusterFile(t, "Dockerfile")
	if !strings.Contains(docker, "\nFROM scratch\n") || !strings.Contains(docker, `ENTRYPOINT ["/evaluate"]`) {
		t.Error("the image has more than the program")
	}
}

// What the scripts give to evaluate, and show to be given, are flags that there are.
func TestScripts(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	script := filepath.Join(docs, "cluster", "evaluate.sbatch")
	shown := clitest.Calls(t, script, "evaluate.sbatch", ")", "")[0]
	calls := clitest.Calls(t, script, "./evaluate", "$PARTS", "8", "${SLURM_CPUS_PER_TASK:-0}", "2", `"$@"`, strings.Join(shown, " "))
	calls = append(calls, clitest.Calls(t, filepath.Join(docs, "defaults.sh"), `"$out/evaluate"`, "$data", "digits", "$out", ".", "$name", "wt")...)
	if len(calls) != 4 {
		t.Fatalf("they call it %d times: %q", len(calls), calls)
	}
	for name, value := range map[string]string{"JOB_COMPLETION_INDEX": "", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "7"} {
		t.Setenv(name, value)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("evaluation.0-of-8.npz", nil, 0o644); err != nil { // which -merge finds
		t.Fatal(err)
	}
	for _, args := range calls {
		sharded := slices.Contains(args, "-shards")
		t.Setenv("SLURM_ARRAY_TASK_ID", map[bool]string{true: "3"}[sharded]) // the other calls are of no array
		if o, err := parse(args); err != nil || sharded && (o.part.Index != 3 || o.part.Of != 8) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
