package clitest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	hostileRuns = flag.Int("hostile", 200, "how often a command is run with hostile flags")
	hostileSeed = flag.Uint64("hostile-seed", 1, "seed of the hostile flags")
)

// A Hostile is a command with flags that it runs with, on tiny data, in no time.
type Hostile struct {
	Run   Command
	Base  func(i int) []string // the flags of run i, which do something small
	Words []string             // values that mean something to the command, beside those that mean harm
	Leave []string             // flags not to be touched
	Share int                  // one run in so many is made, where each takes a good part of a second; 0: all are
}

// What a flag must stand: the ends of the types, numbers that a formula does not expect, names that a path does not.
var (
	ints = strings.Fields("-1 0 1 2 3 4 5 7 8 9 10 16 17 64 100 1000 65536 2000000000 2147483647 2147483648 4611686018427387904 9223372036854775807 -9223372036854775808 " +
		"9223372036854775808 18446744073709551615 0x10")
	floats = strings.Fields("NaN Inf -Inf -1 0 1 2 1e-12 7e-6 1e-300 5e-324 1e300 0.001 0.25 0.5 0.999 0.999999999999 1.0000001 -0.0 100 1e9")
	bools  = strings.Fields("true false 1 0 T maybe")
	others = strings.Fields(". .. nowhere nowhere/at/all - -- % %s%d%n , 1,,1 1 1,1 1,2,2 2,4 0.9,0.99 1,1,1,1,1,1,1,1,1,1,1,1 9223372036854775807,2 a:b ? x?y=z " +
		"digits digits?seed=1 mnist: npy:x?range=0,0 é 🙂")
	odd = []string{"", " ", "x\x00y", strings.Repeat("long", 2000), "1" + strings.Repeat("0", 400)}
)

// fitting returns values for a flag of a type that -h names: for the most part such as it can read.
func (h Hostile) fitting(r *rand.Rand, kind string) string {
	all, numeric := map[string][]string{"int": ints, "uint": ints, "float": floats, "": bools}[kind]
	if !numeric {
		all = others
		if kind != "string" {
			all = slices.Concat(ints, floats, others)
		}
	}
	switch {
	case r.IntN(8) == 0:
		all = odd
	case len(h.Words) > 0 && !numeric && r.IntN(2) == 0:
		all = h.Words
	}
	return all[r.IntN(len(all))]
}

// Test runs the command with random flags of its own that have hostile values. Each run must return, with or without an error and
// within a minute of its context's end, and must not panic. The memory it may take is bounded where the system can do so.
func (h Hostile) Test(t *testing.T) {
	t.Helper()
	limitMemory(t, 3<<30)
	flags := h.flags(t)
	done, runs := 0, *hostileRuns/max(1, h.Share)
	for i := range runs {
		r := rand.New(rand.NewPCG(*hostileSeed, uint64(i)))
		args := h.Base(i)
		for range 1 + r.IntN(4)/2 {
			f := flags[r.IntN(len(flags))]
			args = append(args, fmt.Sprintf("-%s=%s", f[0], h.fitting(r, f[1])))
		}
		good, back := h.returns(t, args)
		if !back {
			return
		}
		if good {
			done++
		}
	}
	t.Logf("%d of %d runs did what they were asked to", done, runs)
	if done == 0 {
		t.Error("no run did anything: the test means nothing")
	}
}

// flags returns the names of the command's flags and their types, as -h lists them.
func (h Hostile) flags(t *testing.T) (all [][2]string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^  -([a-zA-Z][\w-]*) ?(\S*)`).FindAllStringSubmatch(Help(t, h.Run), -1) {
		if m[1] != "version" && !strings.Contains(" "+strings.Join(h.Leave, " ")+" ", " "+m[1]+" ") {
			all = append(all, [2]string{m[1], m[2]})
		}
	}
	if len(all) == 0 {
		t.Fatal("-h lists no flags")
	}
	return all
}

// returns runs the command, and reports whether it did its work and whether it came back.
func (h Hostile) returns(t *testing.T, args []string) (good, back bool) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	out := os.Stdout
	os.Stdout = null
	defer func() { os.Stdout = out }()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	done := make(chan string, 1)
	go func() {
		said := ""
		defer func() {
			if p := recover(); p != nil {
				said = fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
			done <- said
		}()
		err := h.Run(ctx, args)
		if good = err == nil; err != nil && err != flag.ErrHelp && strings.TrimSpace(err.Error()) == "" {
			said = "an error that says nothing"
		}
	}()
	select {
	case said := <-done:
		if said != "" {
			t.Errorf("%.500q: %s", args, said)
		}
		return good, true
	case <-time.After(5 * time.Minute):
		t.Errorf("%.500q: it does not end", args)
		return false, false
	}
}
