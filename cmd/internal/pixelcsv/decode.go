package pixelcsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	maxSide    = 1024
	maxColumns = 3*maxSide*maxSide + 1     // with a label
	maxLine    = 3 * maxSide * maxSide * 4 // bytes
)

// labelNames are the names of a column of labels, in small letters.
var labelNames = []string{"label", "labels", "class", "target", "y"}

// A layout says what the columns are.
type layout struct {
	columns        int
	label          int // the column of labels, −1 if there is none
	named          bool
	counted        bool // the head is 0, 1, 2 and so on
	side, channels int
}

func (l layout) pixels() int { return l.side * l.side * l.channels }

// newLayout returns that of a table whose first row has such fields.
func newLayout(fields [][]byte, head bool) (l layout, err error) {
	l = layout{columns: len(fields), label: -1}
	if head {
		l.label = slices.IndexFunc(fields, func(f []byte) bool { return slices.Contains(labelNames, strings.ToLower(string(f))) })
		l.named = l.label >= 0
	}
	for _, channels := range []int{1, 3} {
		for _, labels := range []int{1, 0} {
			n := l.columns - labels
			side := int(math.Sqrt(float64(n / channels)))
			if side < 2 || channels*side*side != n || l.named && labels == 0 {
				continue
			}
			if l.side, l.channels = side, channels; labels == 1 && !l.named {
				l.label = 0
			}
			return l, nil
		}
	}
	return l, fmt.Errorf("there are %d columns; a row has a square number of pixels, or three times that, and may have a label (785 for 28×28)", l.columns)
}

// decode reads a table.
func decode(r io.Reader, name string) (*Set, error) {
	s := &Set{name: name}
	t := &text{r: bufio.NewReaderSize(r, 1<<16)}
	fields, err := t.next()
	if err == nil {
		counted := counts(fields) && t.more()
		head := counted || slices.ContainsFunc(fields, isWord)
		if s.layout, err = newLayout(fields, head); err == nil && head {
			s.layout.counted = counted
			fields, err = t.next()
		}
	}
	for ; err == nil; fields, err = t.next() {
		if err = s.add(fields); err != nil {
			break
		}
	}
	switch {
	case err != io.EOF:
		return nil, fmt.Errorf("row %d: %w", t.row, err)
	case len(s.pixels) == 0:
		return nil, errors.New("there are no rows of pixels")
	}
	return s, nil
}

// counts reports whether fields are 0, 1, 2 and so on, as pandas names columns that have no names.
func counts(fields [][]byte) bool {
	for i, f := range fields {
		if string(f) != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// isWord reports whether a field is the name of a column. One that is empty is no name: a number may be missing.
func isWord(f []byte) bool {
	_, err := strconv.ParseFloat(string(f), 64)
	return err != nil && len(f) > 0
}

// add adds the image of a row.
func (s *Set) add(fields [][]byte) error {
	if len(fields) != s.layout.columns {
		return fmt.Errorf("there are %d columns, and %d in the rows before", len(fields), s.layout.columns)
	}
	for i, f := range fields {
		v, ok := level(f)
		if !ok {
			return fmt.Errorf("column %d is %.40q; it must be a whole number from 0 to 255", i+1, f)
		}
		if i == s.layout.label {
			s.labels = append(s.labels, v)
			continue
		}
		s.pixels, s.most = append(s.pixels, v), max(s.most, v)
	}
	return nil
}

// level reads a whole number of a byte, also one that is written as 7.0.
func level(f []byte) (byte, bool) {
	whole, rest, _ := bytes.Cut(f, []byte("."))
	if len(whole) == 0 || len(whole) > 3 || len(bytes.Trim(rest, "0")) > 0 {
		return 0, false
	}
	v := 0
	for _, b := range whole {
		if b < '0' || b > '9' {
			return 0, false
		}
		v = 10*v + int(b-'0')
	}
	return byte(v), v <= 255
}

// A text is lines of fields between commas.
type text struct {
	r    *bufio.Reader
	row  int // of the last line, from 1
	line []byte

	fields [][]byte
}

// next returns the fields of the next line that has any, without spaces and quotes about them, and io.EOF if there is none. They are
// valid until the next call.
func (t *text) next() (fields [][]byte, err error) {
	for {
		err := t.read()
		if line := bytes.TrimSpace(t.line); len(line) > 0 && (err == nil || err == io.EOF) {
			return t.split(line)
		}
		if err != nil {
			return nil, err
		}
	}
}

// split returns the fields of a line.
func (t *text) split(line []byte) ([][]byte, error) {
	t.fields = t.fields[:0]
	for f := range bytes.SplitSeq(line, []byte(",")) {
		if len(t.fields) == maxColumns {
			return nil, fmt.Errorf("there are more than %d columns; at most %d×%d pixels of three colours and a label are read", maxColumns, maxSide, maxSide)
		}
		t.fields = append(t.fields, bytes.Trim(f, " \t\""))
	}
	return t.fields, nil
}

// more reports whether anything follows the line.
func (t *text) more() bool {
	_, err := t.r.Peek(1)
	return err == nil
}

// read reads a line.
func (t *text) read() error {
	t.row++
	for t.line = t.line[:0]; ; {
		part, err := t.r.ReadSlice('\n')
		if t.row == 1 && len(t.line) == 0 {
			part = bytes.TrimPrefix(part, []byte("\xef\xbb\xbf"))
		}
		if t.line = append(t.line, part...); len(t.line) > maxLine {
			return fmt.Errorf("it has more than %d bytes", maxLine)
		}
		if err != bufio.ErrBufferFull {
			return err
		}
	}
}
