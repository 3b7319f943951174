package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"

	"spdiff"
)

// An entry is a line of log.jsonl: what some steps did.
type entry struct {
	Step    int     `json:"step"`    // done
	Loss    float64 `json:"loss"`    // mean of these steps
	Norm    float64 `json:"norm"`    // mean length of the gradient before clipping
	Rate    float64 `json:"rate"`    // the last learning rate
	Seconds float64 `json:"seconds"` // of training since the run began, pauses not counted
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
	e := entry{m.last.Number, m.loss / n, m.norm / n, m.last.Rate, seconds}
	*m = mean{}
	return e
}

// A journal is log.jsonl and what it holds.
type journal struct {
	entries []entry
	file    *os.File
}

// openJournal opens the file and keeps the lines up to a step: those after it were lost with the state.
func openJournal(path string, step int) (*journal, error) {
	j := &journal{}
	if err := j.read(path, step); err != nil {
		return nil, err
	}
	var text []byte
	for _, e := range j.entries {
		text = append(text, e.line()...)
	}
	if err := writeFile(path, text); err != nil {
		return nil, err
	}
	var err error
	j.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	return j, err
}

func (j *journal) read(path string, step int) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Step <= step {
			j.entries = append(j.entries, e)
		}
	}
	return lines.Err()
}

func (e entry) line() []byte {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // finite numbers
	}
	return append(text, '\n')
}

func (j *journal) add(e entry) error {
	j.entries = append(j.entries, e)
	_, err := j.file.Write(e.line())
	return err
}

// seconds returns how long the run has trained.
func (j *journal) seconds() float64 {
	if n := len(j.entries); n > 0 {
		return j.entries[n-1].Seconds
	}
	return 0
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
