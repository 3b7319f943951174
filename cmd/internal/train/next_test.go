package train

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
)

// An interrupted training is, in the step that leads to at.
type interruptedAt struct {
	training
	at        int
	interrupt func()
}

func (i interruptedAt) Step() (spdiff.Step, error) {
	if i.Steps()+1 == i.at {
		i.interrupt()
	}
	return i.training.Step()
}

// nextOf runs a command that is interrupted in a step, and returns the flags of train in the line that it says is next.
func nextOf(t *testing.T, at int, args []string) []string {
	t.Helper()
	r, err := begun(t, args)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.trainer = interruptedAt{r.trainer, at, cancel}
	said := clitest.Captured(t, func() { err = r.train(ctx) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	_, next, _ := strings.Cut(said, "next:  go run ./cmd/train ")
	return strings.Fields(next)
}

// The line that an interrupted run ends with goes on to the bits of one that was not interrupted.
func TestNextGoesOn(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	begin := with(tiny, "-data", "pictures", "-steps", "40", "-warmup", "0")
	for folder, more := range map[string][]string{"a": nil, "b": {"-fall", "0.25"}} {
		args := with(begin, more...)
		does(t, "", with(args, "-out", folder+"-whole")...)
		does(t, "", nextOf(t, 20, with(args, "-out", folder))...)
		if newest(t, folder) != 40 || text(t, folder+"/"+modelFile) != text(t, folder+"-whole/"+modelFile) {
			t.Errorf("with %v it is another model, of step %d", more, newest(t, folder))
		}
	}
}

// What is left of a run is in steps or in minutes, with what the call said of it; a run that is trained has nothing left.
func TestRest(t *testing.T) {
	ago := time.Now().Add(-5 * time.Minute)
	for _, c := range []struct {
		run  trainRun
		want string
	}{
		{trainRun{steps: 40, saved: 20, again: " -samples 0"}, "-resume r -steps 40 -samples 0"},
		{trainRun{steps: 40, saved: 40}, "-resume r -steps 40"},
		{trainRun{budget: time.Hour}, "-resume r -minutes 60"},
		{trainRun{budget: time.Hour, started: ago, again: " -fall 0.3"}, "-resume r -minutes 55 -fall 0.3"},
		{trainRun{budget: time.Hour, started: ago, steps: 90, saved: 80}, "-resume r -steps 90"}, // it falls
		{trainRun{budget: 5 * time.Minute, started: ago, saved: 30}, "-resume r -steps 30"},
	} {
		c.run.folder = "r"
		if got := c.run.resuming(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	o, err := parse(strings.Fields("-minutes 60 -fall 0.3 -samples 0 -width 32 -evaluate 5"))
	if err != nil {
		t.Fatal(err)
	}
	if want := " -evaluate 5 -fall 0.3 -samples 0"; newRun(o).again != want {
		t.Errorf("said again: %q, want %q", newRun(o).again, want)
	}
}

// A run whose last samples are interrupted is trained: its next line is no training.
func TestInterruptedAtTheEnd(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	if next := nextOf(t, 10, with(tiny, "-data", "pictures", "-steps", "10", "-samples", "2", "-out", "a")); len(next) > 0 {
		t.Errorf("it is to train on with %v", next)
	}
}
