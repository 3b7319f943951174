// Package progress shows how far a long work is: one line that changes on a terminal, plain lines at growing intervals where the
// output goes to a file or a pipe.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A Goal is where the work is to go.
type Goal struct {
	Steps  int           // the last step; 0: there is none
	Done   int           // steps done before it began
	Time   time.Duration // how long it lasts; 0: until Steps
	Images int           // a step, for the rate of images; 0: there is none to be shown
}

// A Progress shows one work.
type Progress struct {
	w        io.Writer
	terminal bool
	goal     Goal
	now      func() time.Time
	began    time.Time
	next     time.Time     // of a plain line
	pause    time.Duration // between plain lines
	width    int           // of the line on the terminal
	columns  func() int    // of the terminal; 0: that is not known
	line     string
}

// New returns the progress of a work that begins now, shown on w.
func New(w io.Writer, g Goal) *Progress {
	f, ok := w.(*os.File)
	p := newProgress(w, g, ok && isTerminal(f), time.Now)
	p.columns = func() int { return columns(f) }
	return p
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func newProgress(w io.Writer, g Goal, terminal bool, now func() time.Time) *Progress {
	p := &Progress{w: w, terminal: terminal, goal: g, now: now, began: now(), pause: 10 * time.Second, columns: func() int { return 0 }}
	p.next = p.began.Add(p.pause)
	return p
}

// Update says which step is done, and what is to be said of it, "" for nothing.
func (p *Progress) Update(step int, say string) {
	p.line = p.describe(step, say)
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

// draw writes the line over the one before, as much of it as the terminal has columns for, for a longer one could not be taken back.
func (p *Progress) draw() {
	line := []rune(p.line)
	if c := p.columns(); c > 0 {
		line, p.width = line[:min(len(line), c-1)], min(p.width, c-1)
	}
	fmt.Fprint(p.w, "\r", string(line), strings.Repeat(" ", max(0, p.width-len(line))))
	p.width = len(line)
}

// describe returns the line: step, what is said of it, rates, time left.
func (p *Progress) describe(step int, say string) string {
	passed := p.now().Sub(p.began)
	rate := float64(step-p.goal.Done) / max(passed.Seconds(), 1e-3)
	line := fmt.Sprintf("step %d", step)
	if p.goal.Steps > 0 {
		line += fmt.Sprintf(" of %d", p.goal.Steps)
	}
	if say != "" {
		line += "   " + say
	}
	line += fmt.Sprintf("   %.2f steps/s", rate)
	if p.goal.Images > 0 {
		line += fmt.Sprintf("   %.0f images/s", rate*float64(p.goal.Images))
	}
	return line + fmt.Sprintf("   %s left", Short(p.left(step, rate, passed)))
}

// year is the longest that is said to be left: before anything is done there is no telling.
const year = 365 * 24 * time.Hour

// left returns how long it will last.
func (p *Progress) left(step int, rate float64, passed time.Duration) time.Duration {
	if p.goal.Time > 0 {
		return max(0, p.goal.Time-passed)
	}
	seconds := float64(p.goal.Steps-step) / max(rate, 1e-9)
	return time.Duration(max(0, min(seconds, year.Seconds())) * float64(time.Second))
}

// Clear takes the line from the terminal: the work is done, and what comes next says so.
func (p *Progress) Clear() {
	if c := p.columns(); c > 0 {
		p.width = min(p.width, c-1)
	}
	if p.terminal && p.width > 0 {
		fmt.Fprint(p.w, "\r", strings.Repeat(" ", p.width), "\r")
		p.width = 0
	}
}

// Note writes a line of its own.
func (p *Progress) Note(text string) {
	p.Clear()
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

// Three returns a duration to about three digits.
func Three(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
