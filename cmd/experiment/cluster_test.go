package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// The manifest and the script have as many parts as rotated MNIST has jobs, and their arguments are flags that there are.
func TestClusterFiles(t *testing.T) {
	job, script := read(t, "../../docs/cluster/experiment.yaml"), read(t, "../../docs/cluster/experiment.sbatch")
	n := len(parsed(t, "rotmnist").jobs())
	for text, want := range map[string]string{
		job:    fmt.Sprintf("completions: %d\n", n),
		script: fmt.Sprintf("#SBATCH --array=0-%d\n", n-1),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	for _, want := range []string{fmt.Sprintf("- -shards=%d\n", n), "completionMode: Indexed", "apiVersion: batch/v1", "restartPolicy: OnFailure"} {
		if !strings.Contains(job, want) {
			t.Errorf("experiment.yaml has no %q", want)
		}
	}
	if !strings.Contains(script, fmt.Sprintf("PARTS:-%d}", n)) || !strings.Contains(script, `exec ./experiment "$@" -shards "$PARTS"`) {
		t.Errorf("experiment.sbatch is no array of %d parts", n)
	}
	t.Setenv("JOB_COMPLETION_INDEX", "3")
	var args []string
	for _, a := range regexp.MustCompile(`(?m)^ {12}- (rotmnist|-.*)$`).FindAllStringSubmatch(job, -1) {
		args = append(args, a[1])
	}
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	if o.part.Index != 3 || o.part.Of != n || o.Data != "mnist:/data/mnist" || o.out != "/data/e" {
		t.Errorf("the manifest's arguments %v: %+v", args, o)
	}
	from, to := o.part.Share(n)
	if from != 3 || to != 4 {
		t.Errorf("part 3 has the jobs from %d to %d", from, to)
	}
}
