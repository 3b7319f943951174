// Package progress shows how a training goes: one line that changes on a terminal, plain lines at growing intervals where the
// output goes to a file or a pipe.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A Goal is where the training is to go.
type Goal struct {
	Steps  int           // the last step; 0: there is none
	Done   int           // steps done before it began
	Time   time.Duration // how long it lasts; 0: until Steps
	Images int           // a step
}

// A Progress shows one training.
type Progress struct {
	w        io.Writer
	terminal bool
	goal     Goal
	now      func() time.Time
	began    time.Time
	next     time.Time     // of a plain line
	pause    time.Duration // between plain lines
	width    int           // of the line on the terminal
	line     string
}

// New returns the progress of a training that begins now, shown on w.
func New(w io.Writer, g Goal) *Progress {
	f, ok := w.(*os.File)
	return newProgress(w, g, ok && isTerminal(f), time.Now)
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func newProgress(w io.Writer, g Goal, terminal bool, now func() time.Time) *Progress {
	p := &Progress{w: w, terminal: terminal, goal: g, now: now, began: now(), pause: 10 * time.Second}
	p.next = p.began.Add(p.pause)
	return p
}

// Update says which step is done, and its loss.
func (p *Progress) Update(step int, loss float64) {
	p.line = p.describe(step, loss)
	now := p.now()
	switch {
	case p.terminal:
		p.draw()
	case !now.Before(p.next):
		fmt.Fprintln(p.w, p.line)
		p.pause = min(p.pause*3/2, 5*time.Minute)
		p.next = now.Add(p.pause)
	}
}

// draw writes the line over the one before.
func (p *Progress) draw() {
	n := len([]rune(p.line))
	fmt.Fprint(p.w, "\r", p.line, strings.Repeat(" ", max(0, p.width-n)))
	p.width = n
}

// describe returns the line: step, loss, rates, time left.
func (p *Progress) describe(step int, loss float64) string {
	passed := p.now().Sub(p.began)
	rate := float64(step-p.goal.Done) / max(passed.Seconds(), 1e-3)
	of := ""
	if p.goal.Steps > 0 {
		of = fmt.Sprintf(" of %d", p.goal.Steps)
	}
	return fmt.Sprintf("step %d%s   loss %.4f   %.2f steps/s   %.0f images/s   %s left",
		step, of, loss, rate, rate*float64(p.goal.Images), Short(p.left(step, rate, passed)))
}

// left returns how long it will last.
func (p *Progress) left(step int, rate float64, passed time.Duration) time.Duration {
	if p.goal.Time > 0 {
		return max(0, p.goal.Time-passed)
	}
	return time.Duration(float64(p.goal.Steps-step) / max(rate, 1e-9) * float64(time.Second))
}

// Note writes a line of its own.
func (p *Progress) Note(text string) {
	if p.terminal && p.width > 0 {
		fmt.Fprint(p.w, "\r", strings.Repeat(" ", p.width), "\r")
	}
	fmt.Fprintln(p.w, text)
	if p.terminal {
		p.draw()
	}
}

// Finish writes the last line for good.
func (p *Progress) Finish() {
	switch {
	case p.line == "":
	case p.terminal:
		fmt.Fprintln(p.w)
	default:
		fmt.Fprintln(p.w, p.line)
	}
}

// Short returns a duration to the second below an hour, to the minute above.
func Short(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
}
