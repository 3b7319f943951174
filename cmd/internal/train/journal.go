package train

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"spdiff/cmd/internal/plot"
	"spdiff/tensor/atomicfile"
)

// A journal is log.jsonl, log.csv and what they hold.
type journal struct {
	entries []entry
	lines   tail
	csv     tail
	table   string       // the path of log.csv
	columns []string     // its scalars
	stale   bool         // the table could not be made anew yet
	notes   []string     // what was found of them and left out
	mine    func() error // returns an error where the folder is another's now
}

// openJournal opens the files and keeps the lines up to a step: those after it were lost with the state. A line that one file lacks is
// taken from the other, and a log that was damaged stays beside it as it was. Before the table is made anew mine is asked.
func openJournal(path, csv string, step int, mine func() error) (*journal, error) {
	j := &journal{table: csv, mine: mine}
	if err := j.read(path, csv, step); err != nil {
		return nil, err
	}
	var text []byte
	for _, e := range j.entries {
		text = append(text, e.line()...)
	}
	if err := j.lines.open(path, text); err != nil {
		return nil, err
	}
	return j, j.openTable()
}

// openTable writes log.csv anew, with columns for all that there is.
func (j *journal) openTable() error {
	j.csv.close()
	for _, e := range j.entries {
		j.columns = e.columns(j.columns)
	}
	var table []byte
	if len(j.entries) > 0 {
		table = append(table, csvHead(j.columns)...)
	}
	for _, e := range j.entries {
		table = append(table, e.csv(j.columns)...)
	}
	err := j.mine()
	if err == nil {
		err = j.csv.open(j.table, table)
	}
	j.stale = err != nil
	return err
}

// A found is what a file of a log had.
type found struct {
	entries []entry
	damaged int // lines that are none, but for a last one that a kill cut short
	text    []byte
}

// lookInto reads a file whose lines parse reads; a missing file has none.
func lookInto(path string, parse func(line []byte) (entry, error)) (f found, err error) {
	f.text, err = os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	for line := range bytes.Lines(f.text) {
		e, err := parse(line)
		switch {
		case err == nil:
			f.entries = append(f.entries, e)
		case err != errHead && bytes.HasSuffix(line, []byte("\n")):
			f.damaged++
		}
	}
	return f, err
}

// errHead says that a line is the head of a table.
var errHead = errors.New("the head of a table")

// errCut says that a row of a table has no end: its last number may lack digits.
var errCut = errors.New("a row without its end")

// rows returns what reads the lines of a table: its head, then the others.
func rows() func(line []byte) (entry, error) {
	head := ""
	return func(line []byte) (entry, error) {
		text := string(line)
		switch {
		case head == "" && strings.HasPrefix(text, stepName+","):
			head = text
			return entry{}, errHead
		case !strings.HasSuffix(text, "\n"):
			return entry{}, errCut
		}
		return parseRow(head, text)
	}
}

// read keeps the lines up to a step: those of the log, and those of the table that the log lacks.
func (j *journal) read(path, csv string, step int) error {
	log, err := lookInto(path, parseLine)
	if err != nil {
		return err
	}
	table, err := lookInto(csv, rows())
	if err != nil {
		return err
	}
	own := len(upTo(step, log.entries))
	all := union(log.entries, table.entries)
	j.entries = upTo(step, all)
	switch taken := len(j.entries) - own; {
	case log.damaged > 0:
		j.note("%s: %d damaged lines are left out, %d lines are taken from %s; the old file is kept as %s.damaged", path, log.damaged, taken, csv, path)
		if err := atomicfile.PutFile(path+".damaged", log.text); err != nil {
			return err
		}
	case taken > 0:
		j.note("%s: %d lines that it lacks are taken from %s", path, taken, csv)
	}
	if table.damaged > 0 {
		j.note("%s: %d damaged lines; it is made anew of %s", csv, table.damaged, path)
	}
	if later := len(all) - len(j.entries); later > 0 {
		j.note("%s: %d lines after step %d, the state's, are dropped; those steps are made again", path, later, step)
	}
	return nil
}

// upTo returns the entries up to a step.
func upTo(step int, all []entry) (kept []entry) {
	for _, e := range all {
		if e.Step <= step {
			kept = append(kept, e)
		}
	}
	return kept
}

func (j *journal) note(format string, a ...any) { j.notes = append(j.notes, fmt.Sprintf(format, a...)) }

// union returns the entries of a, and those of b that stand for none of a's steps, in the order of their steps.
func union(a, b []entry) []entry {
	order := func(x, y entry) int { return cmp.Compare(x.Step, y.Step) }
	slices.SortStableFunc(a, order)
	all := slices.Clone(a)
	for _, e := range b {
		begin := entry{Step: e.Step - e.Steps + 1}
		if i, _ := slices.BinarySearchFunc(a, begin, order); i == len(a) || a[i].Step-a[i].Steps >= e.Step {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, order)
	return all
}

func (j *journal) add(e entry) error {
	j.entries = append(j.entries, e)
	err := j.lines.write(e.line())
	if j.stale || len(e.columns(j.columns)) > len(j.columns) || len(j.entries) == 1 { // there is something new
		return errors.Join(err, j.openTable())
	}
	return errors.Join(err, j.csv.write([]byte(e.csv(j.columns))))
}

// sync waits until the lines are on the disk.
func (j *journal) sync() error {
	if j.stale {
		if err := j.openTable(); err != nil {
			return err
		}
	}
	return errors.Join(j.lines.sync(), j.csv.sync())
}

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

// losses returns the steps and losses, for the plot: those that its axis has a place for.
func (j *journal) losses(axis plot.Axis) (steps, losses []float64) {
	for _, e := range j.entries {
		if loss, ok := e.value(lossName); ok && axis.Has(loss) {
			steps, losses = append(steps, float64(e.Step)), append(losses, loss)
		}
	}
	return steps, losses
}
