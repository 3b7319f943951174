package train

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
)

// A run by minutes ends with the steps of its fall, and so does one by steps where -fall is given; config.json says which they were, and
// a run that goes on has the whole rate again.
func TestRateFalls(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	last := func(folder string) (c spdiff.Config, rate float64) {
		t.Helper()
		lines := strings.Split(strings.TrimSpace(text(t, folder+"/"+logFile)), "\n")
		e, err := parseLine([]byte(lines[len(lines)-1]))
		if err != nil {
			t.Fatal(err)
		}
		rate, _ = e.value(rateName)
		if err := json.Unmarshal([]byte(text(t, folder+"/"+configFile)), &c); err != nil {
			t.Fatal(err)
		}
		return c, rate
	}
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "20", "-fall", "0.25", "-warmup", "0")...)
	c, rate := last("a")
	if f := c.Rate.Falls; len(f) != 1 || f[0].From != 15 || f[0].To != 20 || math.Abs(rate-c.Rate.Rate/6) > 1e-12 {
		t.Errorf("20 steps: falls %v, the last rate %v", f, rate)
	}
	does(t, "", with(quick, "-resume", "a", "-steps", "30")...)
	if c, rate = last("a"); rate != c.Rate.Rate || len(c.Rate.Falls) != 1 {
		t.Errorf("10 more: falls %v, the last rate %v", c.Rate.Falls, rate)
	}
	does(t, "", with(tiny, "-data", "pictures", "-out", "c", "-steps", "1", "-decay", "500")...)
	does(t, "", with(tiny, "-data", "pictures", "-out", "b", "-minutes", "0.06", "-warmup", "0")...) // whose fall is 0.7 s: on a busy machine a step took 0.24
	c, rate = last("b")
	if f := c.Rate.Falls; len(f) != 1 || newest(t, "b") > f[0].To || rate >= c.Rate.Rate {
		t.Errorf("0.06 minutes: falls %v, step %d, the last rate %v", f, newest(t, "b"), rate)
	}
	for _, more := range [][]string{nil, {"-n"}} {
		does(t, "decays all along", with(with(quick, more...), "-resume", "c", "-steps", "2", "-fall", "0.5")...)
	}
	does(t, "times of its own", with(tiny, "-data", "pictures", "-out", "d", "-schedule", "edm", "-times", "uniform")...)
	does(t, "both say", with(tiny, "-data", "pictures", "-out", "d", "-fall", "0.1", "-decay", "500")...)
	does(t, "0 to 0.9", with(tiny, "-data", "pictures", "-out", "d", "-fall", "1")...)
}

// A run of some steps that is stopped before its rate falls goes on to the same bits, whether -fall is said again or not; and what
// config.json says of a fall that came to nothing is put right.
func TestFallIsResumed(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	begin := with(tiny, "-data", "pictures", "-steps", "20", "-fall", "0.25", "-warmup", "0")
	does(t, "", with(begin, "-out", "whole")...)
	for _, again := range [][]string{nil, {"-fall", "0.25"}} {
		r, err := begun(t, with(begin, "-out", t.TempDir()+"/run"))
		if err != nil {
			t.Fatal(err)
		}
		for range 7 {
			if _, err := r.trainer.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.trainer.Checkpoint(r.folder); err != nil {
			t.Fatal(err)
		}
		r.close()
		os.WriteFile(r.path(configFile), []byte(strings.Replace(text(t, r.path(configFile)), "15", "14", 1)), 0o644)
		does(t, "", with(with(quick, again...), "-resume", r.folder, "-steps", "20")...)
		if text(t, r.path(modelFile)) != text(t, "whole/"+modelFile) || text(t, r.path(configFile)) != text(t, "whole/"+configFile) {
			t.Errorf("resumed with %v it is another model, or configuration", again)
		}
	}
}

// begun is a run that has begun.
func begun(t *testing.T, args []string) (*trainRun, error) {
	t.Helper()
	o, err := parse(args)
	if err != nil {
		return nil, err
	}
	return begin(t.Context(), o)
}
