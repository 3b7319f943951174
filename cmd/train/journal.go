package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"spdiff"
)

// An entry is a line of log.jsonl and of log.csv: what some steps did.
type entry struct {
	Step    int     `json:"step"`    // done
	Steps   int     `json:"steps"`   // that the line stands for
	Loss    float64 `json:"loss"`    // mean of these steps
	Norm    float64 `json:"norm"`    // mean length of the gradient before clipping
	Rate    float64 `json:"rate"`    // the last learning rate
	Seconds float64 `json:"seconds"` // of training since the run began, pauses not counted
}

// csvHead is the first line of log.csv.
const csvHead = "step,steps,loss,norm,rate,seconds\n"

func (e entry) csv() string {
	return fmt.Sprintf("%d,%d,%g,%g,%g,%.3f\n", e.Step, e.Steps, e.Loss, e.Norm, e.Rate, e.Seconds)
}

// say returns what the progress says of the steps.
func (e entry) say() string { return fmt.Sprintf("loss %.4f", e.Loss) }

func (e entry) line() []byte {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // finite numbers
	}
	return append(text, '\n')
}

// A mean collects steps for an entry.
type mean struct {
	n          int
	loss, norm float64
	last       spdiff.Step
}

func (m *mean) add(s spdiff.Step) {
	m.n, m.loss, m.norm, m.last = m.n+1, m.loss+s.Loss, m.norm+s.Norm, s
}

// entry returns what was collected, and begins anew.
func (m *mean) entry(seconds float64) entry {
	n := float64(m.n)
	e := entry{m.last.Number, m.n, m.loss / n, m.norm / n, m.last.Rate, seconds}
	*m = mean{}
	return e
}

// A journal is log.jsonl, log.csv and what they hold.
type journal struct {
	entries []entry
	lines   tail
	csv     tail
}

// openJournal opens the files and keeps the lines up to a step: those after it were lost with the state.
func openJournal(path, csv string, step int) (*journal, error) {
	j := &journal{}
	if err := j.read(path, step); err != nil {
		return nil, err
	}
	var text []byte
	table := []byte(csvHead)
	for _, e := range j.entries {
		text, table = append(text, e.line()...), append(table, e.csv()...)
	}
	if err := j.lines.open(path, text); err != nil {
		return nil, err
	}
	return j, j.csv.open(csv, table)
}

// read keeps the lines up to a step. A line that a kill cut short is no JSON, and was after the last save.
func (j *journal) read(path string, step int) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range bytes.Lines(text) {
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Step <= step {
			j.entries = append(j.entries, e)
		}
	}
	return err
}

func (j *journal) add(e entry) error {
	j.entries = append(j.entries, e)
	return errors.Join(j.lines.write(e.line()), j.csv.write([]byte(e.csv())))
}

// sync waits until the lines are on the disk.
func (j *journal) sync() error { return errors.Join(j.lines.sync(), j.csv.sync()) }

func (j *journal) close() error { return errors.Join(j.lines.close(), j.csv.close()) }

// seconds returns how long the run has trained.
func (j *journal) seconds() float64 {
	if n := len(j.entries); n > 0 {
		return j.entries[n-1].Seconds
	}
	return 0
}

// speed returns the steps a second of the last entry, in a call that began after second begun; 0 if there is none.
func (j *journal) speed(begun float64) float64 {
	n := len(j.entries)
	if n == 0 {
		return 0
	}
	last, since := j.entries[n-1], begun
	if n > 1 {
		since = max(since, j.entries[n-2].Seconds)
	}
	if last.Seconds <= since {
		return 0
	}
	return float64(last.Steps) / (last.Seconds - since)
}

// losses returns the steps and losses, for the plot.
func (j *journal) losses() (steps, losses []float64) {
	for _, e := range j.entries {
		if e.Loss > 0 && !math.IsInf(e.Loss, 0) {
			steps, losses = append(steps, float64(e.Step)), append(losses, e.Loss)
		}
	}
	return steps, losses
}
