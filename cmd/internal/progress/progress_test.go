package progress

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A clock moves by hand.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func begin(terminal bool, g Goal) (*Progress, *clock, *bytes.Buffer) {
	c, w := &clock{time.Unix(1000, 0)}, &bytes.Buffer{}
	return newProgress(w, g, terminal, c.now), c, w
}

// Piped, lines come at growing intervals and at the end.
func TestPlainLines(t *testing.T) {
	p, c, w := begin(false, Goal{Steps: 1000, Images: 64})
	for step := 1; step <= 100; step++ {
		c.t = c.t.Add(time.Second)
		p.Update(step, "loss 0.5000")
	}
	p.Finish()
	lines := strings.Split(strings.TrimSpace(w.String()), "\n")
	if len(lines) != 5 || strings.Contains(w.String(), "\r") {
		t.Fatalf("%d lines:\n%s", len(lines), w.String())
	}
	if want := "step 100 of 1000   loss 0.5000   1.00 steps/s   64 images/s   15m00s left"; lines[4] != want {
		t.Errorf("the last line is %q, want %q", lines[4], want)
	}
}

// On a terminal a line is written over the one before, all of it, and a note moves it down.
func TestTerminal(t *testing.T) {
	p, c, w := begin(true, Goal{Time: 10 * time.Minute, Done: 50, Images: 1})
	c.t = c.t.Add(100 * time.Second)
	p.Update(150, "loss 0.2500")
	c.t = c.t.Add(9 * time.Minute)
	p.Update(160, "loss 0.2500")
	p.Note("samples: a.png")
	p.Finish()
	out := w.String()
	if !strings.Contains(out, "\rstep 150   loss 0.2500   1.00 steps/s   1 images/s   8m20s left") {
		t.Errorf("no first line in %q", out)
	}
	if !strings.Contains(out, "0s left   ") {
		t.Errorf("the longer line shows through in %q", out)
	}
	if !strings.Contains(out, "\rsamples: a.png\n\rstep 160") || !strings.HasSuffix(out, "\n") {
		t.Errorf("the note has no line of its own in %q", out)
	}
}

// Where there are no images and nothing is said, the line has neither; cleared, it is gone.
func TestClear(t *testing.T) {
	p, c, w := begin(true, Goal{Steps: 4})
	c.t = c.t.Add(2 * time.Second)
	p.Update(2, "")
	p.Clear()
	const line = "step 2 of 4   1.00 steps/s   2s left"
	if want := "\r" + line + "\r" + strings.Repeat(" ", len(line)) + "\r"; w.String() != want {
		t.Errorf("%q, want %q", w.String(), want)
	}
}

// What is left is never less than nothing, nor more than a year, however little is done.
func TestLeft(t *testing.T) {
	for step, want := range map[int]string{0: "8760h00m left", 1: "8760h00m left", 1 << 30: "0s left", 1<<30 + 5: "0s left"} {
		p, c, w := begin(true, Goal{Steps: 1 << 30})
		c.t = c.t.Add(time.Minute)
		p.Update(step, "")
		if !strings.HasSuffix(w.String(), "   "+want) {
			t.Errorf("at step %d it says %q, want %q", step, w.String(), want)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 59 * time.Second: "59s", 61 * time.Second: "1m01s", 2*time.Hour + 5*time.Minute: "2h05m"} {
		if got := Short(d); got != want {
			t.Errorf("Short(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestThree(t *testing.T) {
	for d, want := range map[time.Duration]string{193456789: "193ms", 1016543210: "1.02s", 12345: "12.3µs", 9996 * time.Second: "2h46m40s", 999: "999ns", 0: "0s"} {
		if got := Three(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
	}
}

// A line is no longer than the terminal is wide, or the one before could not be written over.
func TestLongLine(t *testing.T) {
	p, _, w := begin(true, Goal{Steps: 10})
	p.columns = func() int { return 40 }
	for _, say := range []string{strings.Repeat("x", 90), "y"} {
		p.Update(1, say)
	}
	for _, line := range strings.Split(w.String(), "\r")[1:] {
		if n := len(line); n > 39 {
			t.Errorf("%q has %d signs", line, n)
		}
	}
}
