package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spdiff"
)

// An entry is a line of log.jsonl and of log.csv: what some steps did. Its scalars are the step's, whatever they are, under the
// names that spdiff.Step gives them: the rate is that of the last step, all others are means.
type entry struct {
	Step    int // done
	Steps   int // that the line stands for
	Scalars []spdiff.Scalar
	Seconds float64 // of training since the run began, pauses not counted
}

// The members of a line that are no scalars.
const (
	stepName    = "step"
	stepsName   = "steps"
	secondsName = "seconds"
	rateName    = "rate"
	lossName    = "loss"
)

// value returns the scalar of a name, and whether there is one.
func (e entry) value(name string) (float64, bool) {
	for _, s := range e.Scalars {
		if s.Name == name {
			return s.Value, true
		}
	}
	return 0, false
}

// line returns the entry as a line of JSON. What is no finite number JSON cannot say, and it is left out.
func (e entry) line() []byte {
	b := fmt.Appendf(nil, `{"step":%d,"steps":%d`, e.Step, e.Steps)
	for _, s := range append(e.Scalars[:len(e.Scalars):len(e.Scalars)], spdiff.Scalar{Name: secondsName, Value: e.Seconds}) {
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			continue
		}
		name, _ := json.Marshal(s.Name)
		value, _ := json.Marshal(s.Value)
		b = append(append(append(append(b, ','), name...), ':'), value...)
	}
	return append(b, "}\n"...)
}

// parseLine reads a line of JSON, of older runs too.
func parseLine(line []byte) (e entry, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return e, errors.New("not an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return e, err
		}
		var v float64
		if err := d.Decode(&v); err != nil {
			return e, err
		}
		e.set(name.(string), v)
	}
	if _, err := d.Token(); err != nil {
		return e, err
	}
	return e, e.check()
}

func (e *entry) set(name string, v float64) {
	switch name {
	case stepName:
		e.Step = int(v)
	case stepsName:
		e.Steps = int(v)
	case secondsName:
		e.Seconds = v
	default:
		e.Scalars = append(e.Scalars, spdiff.Scalar{Name: name, Value: v})
	}
}

func (e entry) check() error {
	if e.Step < 1 || e.Steps < 1 {
		return errors.New("no step")
	}
	return nil
}

// columns returns the names of a table's columns: the others, and then the entry's scalars that are not among them.
func (e entry) columns(others []string) (names []string) {
	names = others
	for _, s := range e.Scalars {
		if !slices.Contains(names, s.Name) {
			names = append(names[:len(names):len(names)], s.Name)
		}
	}
	return names
}

// csvHead returns the first line of a table with columns for these scalars.
func csvHead(columns []string) string {
	return strings.Join(slices.Concat([]string{stepName, stepsName}, columns, []string{secondsName}), ",") + "\n"
}

// csv returns the entry as a line of a table. A scalar that it has not is empty.
func (e entry) csv(columns []string) string {
	b := fmt.Appendf(nil, "%d,%d", e.Step, e.Steps)
	for _, name := range columns {
		b = append(b, ',')
		if v, ok := e.value(name); ok {
			b = strconv.AppendFloat(b, v, 'g', -1, 64)
		}
	}
	return string(fmt.Appendf(b, ",%.3f\n", e.Seconds))
}

// parseRow reads a line of a table with this head.
func parseRow(head, line string) (e entry, err error) {
	names, fields := strings.Split(strings.TrimSpace(head), ","), strings.Split(strings.TrimSpace(line), ",")
	if len(names) != len(fields) {
		return e, errors.New("another number of columns")
	}
	for i, f := range fields {
		if f == "" {
			continue
		}
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return e, err
		}
		e.set(names[i], v)
	}
	return e, e.check()
}

// say returns what the progress says of the steps: the loss, and what a training has beside it, as a penalty, but no norms and rates.
func (e entry) say() string {
	var b strings.Builder
	for _, s := range e.Scalars {
		if !strings.HasSuffix(s.Name, "norm") && !strings.HasSuffix(s.Name, rateName) {
			fmt.Fprintf(&b, "   %s %.4f", s.Name, s.Value)
		}
	}
	return strings.TrimSpace(b.String())
}

// A mean collects steps for an entry.
type mean struct {
	n      int
	number int // of the last step
	sums   []spdiff.Scalar
}

func (m *mean) add(s spdiff.Step) { m.addScalars(s.Number, s.Scalars()) }

func (m *mean) addScalars(number int, scalars []spdiff.Scalar) {
	m.n, m.number = m.n+1, number
	for i, v := range scalars {
		switch {
		case i >= len(m.sums):
			m.sums = append(m.sums, v)
		case v.Name == rateName:
			m.sums[i].Value = v.Value
		default:
			m.sums[i].Value += v.Value
		}
	}
}

// entry returns what was collected, and begins anew.
func (m *mean) entry(seconds float64) entry {
	e := entry{m.number, m.n, m.sums, seconds}
	for i, v := range e.Scalars {
		if v.Name != rateName {
			e.Scalars[i].Value = v.Value / float64(m.n)
		}
	}
	*m = mean{}
	return e
}
