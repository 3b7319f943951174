// Package shard says which part of a work is a process's: by a flag, or by the variables that Slurm's arrays and Kubernetes'
// indexed jobs set. Parts are numbered from 0.
package shard

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"spdiff/cmd/internal/cli"
)

// A Shard is part number Index of Of.
type Shard struct{ Index, Of int }

// Whole is all of a work.
var Whole = Shard{0, 1}

// Whole reports whether the part is all there is.
func (s Shard) Whole() bool { return s.Of == 1 }

// String returns the shard as the flag takes it.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Share returns which of n things are the part's: from … to−1.
func (s Shard) Share(n int) (from, to int) {
	return int(int64(n) * int64(s.Index) / int64(s.Of)), int(int64(n) * int64(s.Index+1) / int64(s.Of))
}

// Name returns a name with the part before its extension: "a.npz" becomes "a.2-of-8.npz". That of the whole it leaves alone.
func (s Shard) Name(path string) string {
	if s.Whole() {
		return path
	}
	at := len(path)
	if dot := strings.LastIndexByte(path, '.'); dot > strings.LastIndexAny(path, `/\`)+1 {
		at = dot
	}
	return fmt.Sprintf("%s.%d-of-%d%s", path[:at], s.Index, s.Of, path[at:])
}

// Flags are the flags that say which part.
type Flags struct {
	shard string
	count int
}

// Define defines the flags.
func (f *Flags) Define(set *flag.FlagSet) {
	set.StringVar(&f.shard, "shard", "", "do one part of the work: `I/N`, part I of N, from 0/N to N-1/N")
	set.IntVar(&f.count, "shards", 0, "number of parts; JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID says which one to do;\n"+
		"not needed where all tasks of a Slurm array run")
}

// most bounds the number of parts.
const most = 1 << 16

// Find returns the part. The environment is asked where -shard says nothing: get is os.Getenv.
func (f *Flags) Find(get func(string) string) (Shard, error) {
	switch {
	case f.shard != "" && f.count != 0:
		return Whole, cli.Usagef("-shard says how many parts there are; -shards is for an index from the environment")
	case f.shard != "":
		return parse(f.shard)
	case f.count < 0 || f.count > most:
		return Whole, cli.Usagef("-shards is %d; there are from 1 to %d parts", f.count, most)
	case get("JOB_COMPLETION_INDEX") != "" && f.count > 0:
		return f.byIndex("JOB_COMPLETION_INDEX", get)
	case get("SLURM_ARRAY_TASK_ID") != "":
		return f.bySlurm(get)
	case f.count > 1:
		return Whole, cli.Usagef("-shards %d: neither JOB_COMPLETION_INDEX nor SLURM_ARRAY_TASK_ID says which part; -shard I/%d does", f.count, f.count)
	}
	return Whole, nil
}

func parse(text string) (Shard, error) {
	index, of, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	if !ok || err1 != nil || err2 != nil || n < 1 || n > most || i < 0 || i >= n {
		return Whole, cli.Usagef("-shard is %q; it must be I/N, part I of N numbered from 0: the parts of 4 are 0/4, 1/4, 2/4 and 3/4", text)
	}
	return Shard{i, n}, nil
}

// byIndex returns the part whose number a variable has.
func (f *Flags) byIndex(name string, get func(string) string) (Shard, error) {
	i, err := strconv.Atoi(get(name))
	if err != nil || i < 0 || i >= f.count {
		return Whole, cli.Usagef("%s is %q; with -shards %d it must be from 0 to %d", name, get(name), f.count, f.count-1)
	}
	return Shard{i, f.count}, nil
}

// bySlurm returns the part of an array's task. An array of all parts says their number itself, and may begin anywhere; where -shards says
// it, as where only some run again, the parts are numbered from 0.
func (f *Flags) bySlurm(get func(string) string) (Shard, error) {
	count := number(get("SLURM_ARRAY_TASK_COUNT"), 1)
	if first := number(get("SLURM_ARRAY_TASK_MIN"), 0); f.count == count && first > 0 {
		return Whole, cli.Usagef("a Slurm array from %d, and -shards %d: parts are numbered from 0, as in --array=0-%d", first, count, count-1)
	}
	if f.count > 0 {
		return f.byIndex("SLURM_ARRAY_TASK_ID", get)
	}
	id, first := number(get("SLURM_ARRAY_TASK_ID"), -1), number(get("SLURM_ARRAY_TASK_MIN"), 0)
	last, step := number(get("SLURM_ARRAY_TASK_MAX"), first+count-1), number(get("SLURM_ARRAY_TASK_STEP"), 1)
	switch {
	case count > most:
		return Whole, cli.Usagef("a Slurm array of %d tasks: there are at most %d parts", count, most)
	case count < 1 || step < 1 || id < first || id > last || (id-first)%step != 0 || (last-first)/step+1 != count:
		return Whole, cli.Usagef("task %s of a Slurm array of %d from %d to %d: task numbers must be evenly spaced, as in --array=0-7; "+
			"to run only some parts again, say by -shards how many there are in all", get("SLURM_ARRAY_TASK_ID"), count, first, last)
	case count == 1 && first > 0:
		return Whole, cli.Usagef("a Slurm array of task %d alone: -shards says how many parts there are", id)
	}
	return Shard{(id - first) / step, count}, nil
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 1<<30 {
		return n
	}
	return otherwise
}
