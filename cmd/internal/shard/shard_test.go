package shard

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli"
)

func find(t *testing.T, args, env string) (Shard, error) {
	t.Helper()
	var f Flags
	set := flag.NewFlagSet("x", flag.ContinueOnError)
	f.Define(set)
	if err := set.Parse(strings.Fields(args)); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for pair := range strings.FieldsSeq(env) {
		name, value, _ := strings.Cut(pair, "=")
		if name == "K" {
			name = "JOB_COMPLETION_INDEX"
		}
		values[strings.Replace(name, "S_", "SLURM_ARRAY_TASK_", 1)] = value
	}
	return f.Find(func(name string) string { return values[name] })
}

// Flags and variables say which part; the flag is stronger.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		args, env string
		want      Shard
	}{
		{"", "", Whole},
		{"-shard 2/8", "", Shard{2, 8}},
		{"-shard 0/1", "", Whole},
		{"-shard 2/8", "S_ID=5 S_MIN=0 S_MAX=9 S_COUNT=10", Shard{2, 8}},
		{"", "S_ID=5 S_MIN=0 S_MAX=9 S_COUNT=10", Shard{5, 10}},
		{"", "S_ID=5 S_MIN=3 S_MAX=6 S_COUNT=4", Shard{2, 4}},
		{"", "S_ID=9 S_MIN=1 S_MAX=13 S_COUNT=4 S_STEP=4", Shard{2, 4}},
		{"-shards 8", "S_ID=5 S_MIN=0 S_MAX=7 S_COUNT=8", Shard{5, 8}},
		{"-shards 8", "S_ID=5 S_MIN=5 S_MAX=5 S_COUNT=1", Shard{5, 8}}, // one part again
		{"-shards 8", "S_ID=7 S_MIN=1 S_MAX=7 S_COUNT=2", Shard{7, 8}},
		{"-shards 8", "K=3", Shard{3, 8}},
		{"-shards 1", "K=0", Whole},
		{"", "K=3", Whole}, // a number without a count is no part
		{"-shards 1", "", Whole},
	} {
		if got, err := find(t, c.args, c.env); err != nil || got != c.want {
			t.Errorf("%q with %q: %v, %v; want %v", c.args, c.env, got, err, c.want)
		}
	}
}

func TestFindRefuses(t *testing.T) {
	for _, c := range [][3]string{
		{"-shard 8/8", "", "from 0"}, {"-shard -1/8", "", "I/N"}, {"-shard 3", "", "I/N"}, {"-shard a/b", "", "I/N"}, {"-shard 1/0", "", "I/N"},
		{"-shard 1/2 -shards 2", "", "from the environment"}, {"-shards -1", "", "from 1 to"}, {"-shards 8", "", "-shard I/8"},
		{"-shards 8", "K=8", "from 0 to 7"}, {"-shards 8", "K=x", "from 0 to 7"},
		{"", "S_ID=7 S_MIN=1 S_MAX=7 S_COUNT=2", "-shards"}, {"", "S_ID=5 S_MIN=5 S_MAX=5 S_COUNT=1", "-shards"},
		{"-shards 8", "S_ID=3 S_MIN=1 S_MAX=8 S_COUNT=8", "--array=0-7"}, {"", "S_ID=9 S_MIN=0 S_MAX=69999 S_COUNT=70000", "65536"},
		{"", "S_ID=x S_MIN=0 S_MAX=3 S_COUNT=4", "array"}, {"-shards 4", "S_ID=5 S_MIN=5 S_MAX=5 S_COUNT=1", "from 0 to 3"},
	} {
		var usage *cli.UsageError
		if got, err := find(t, c[0], c[1]); !errors.As(err, &usage) || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%q with %q: %v, %v; want an error with %q", c[0], c[1], got, err, c[2])
		}
	}
}

// The shares of all parts are everything once, and their sizes differ by one at most.
func TestShare(t *testing.T) {
	for _, n := range []int{0, 1, 7, 100, math.MaxInt / 7} {
		at := 0
		for i := range 7 {
			from, to := Shard{i, 7}.Share(n)
			if from != at || to-from < n/7 || to-from > n/7+1 {
				t.Errorf("%d of 7 of %d: %d to %d, after %d", i, n, from, to, at)
			}
			at = to
		}
		if at != n {
			t.Errorf("all of %d are %d", n, at)
		}
	}
}

func ExampleShard_Name() {
	s := Shard{2, 8}
	fmt.Println(s.Name("out.d/part.npz"), s.Name("out.d/images"), s.Name(".hidden"), Whole.Name("a.npz"))
	// Output: out.d/part.2-of-8.npz out.d/images.2-of-8 .hidden.2-of-8 a.npz
}
