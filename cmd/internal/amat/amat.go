// Package amat reads the text files of the rotated MNIST set (Larochelle, Erhan, Courville, Bergstra and Bengio, An empirical
// evaluation of deep architectures, 2007): a row an image, its pixels from 0 to 1 row by row, and last its label.
//
// Pixels are kept as bytes, round(256·v) up to 255, so a set takes less than half the memory of its text.
package amat

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"spdiff/cmd/internal/packed"
)

// A Set is square images of one channel with their labels. It is a spdiff.Source.
type Set struct {
	name   string
	side   int
	pixels []byte
	labels []byte
}

var format = packed.Format[*Set]{Name: ".amat files", Is: Is, Decode: decode}

// Open reads a .amat file, gzipped or not.
func Open(path string) (*Set, error) { return format.Open(path) }

// Zipped reads the .amat file of an archive; where there are several, the one with "train" in its name.
func Zipped(z *zip.Reader, name string) (*Set, error) { return format.Zipped(z, name) }

// Is reports whether the name is one of a .amat file.
func Is(name string) bool { return path.Ext(name) == ".amat" }

// Len returns the number of images.
func (s *Set) Len() int { return len(s.labels) }

// Shape returns rows, columns and one channel.
func (s *Set) Shape() (h, w, c int) { return s.side, s.side, 1 }

// Image sets dst to image i, 0 becoming −1 and 255 becoming 1, and returns its label.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	n := s.side * s.side
	for k, v := range s.pixels[i*n : (i+1)*n] {
		dst[k] = float32(v)/127.5 - 1
	}
	return int(s.labels[i]), nil
}

// Labelled reports that there are labels.
func (s *Set) Labelled() bool { return true }

// Label returns the label of image i.
func (s *Set) Label(i int) int { return int(s.labels[i]) }

// String says what the set is.
func (s *Set) String() string { return "rotated MNIST, " + s.name }

const (
	maxSide  = 1024
	maxToken = 32 // bytes of a number
)

// decode reads rows of numbers between spaces, all as long as the first.
func decode(r io.Reader, name string) (*Set, error) {
	s := &Set{name: name}
	lines := &rows{r: bufio.NewReaderSize(r, 1<<16), row: 1}
	var row []float64
	for {
		var err error
		if row, err = lines.next(row[:0]); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("row %d: %w", lines.row, err)
		}
		if err := s.add(row); err != nil {
			return nil, fmt.Errorf("row %d: %w", lines.row, err)
		}
		lines.row++
	}
	if s.Len() == 0 {
		return nil, errors.New("there are no rows")
	}
	return s, nil
}

// add adds the image of a row.
func (s *Set) add(row []float64) error {
	n := len(row) - 1
	if s.side == 0 {
		s.side = int(math.Sqrt(float64(n)))
	}
	if n < 1 || s.side*s.side != n {
		want := "a square number of pixels and a label"
		if s.Len() > 0 {
			want = fmt.Sprintf("%d pixels and a label, as the rows before", s.side*s.side)
		}
		return fmt.Errorf("there are %d numbers; a row has %s (785 for 28×28)", n+1, want)
	}
	for i, v := range row[:n] {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("pixel %d is %v; pixels are from 0 to 1", i, v)
		}
		s.pixels = append(s.pixels, byte(min(255, math.Floor(256*v+0.5))))
	}
	label := row[n]
	if !(label >= 0 && label <= 255) || label != math.Trunc(label) {
		return fmt.Errorf("the label is %v; labels are whole numbers from 0 to 255", label)
	}
	s.labels = append(s.labels, byte(label))
	return nil
}

// rows are the lines of a text.
type rows struct {
	r     *bufio.Reader
	row   int // from 1
	token []byte
}

// next appends the numbers of the next line that has any, and returns io.EOF if there is none.
func (l *rows) next(to []float64) ([]float64, error) {
	for {
		b, err := l.r.ReadByte()
		if err != nil && err != io.EOF {
			return nil, err
		}
		if err == nil && !isSpace(b) {
			if l.token = append(l.token, b); len(l.token) > maxToken {
				return nil, fmt.Errorf("%q… is no number", l.token)
			}
			continue
		}
		if len(l.token) > 0 {
			v, bad := strconv.ParseFloat(string(l.token), 64)
			if bad != nil || len(to) > maxSide*maxSide {
				return nil, fmt.Errorf("%q is no number, or one too many", l.token)
			}
			to, l.token = append(to, v), l.token[:0]
		}
		if err == io.EOF && len(to) == 0 {
			return nil, io.EOF
		}
		if (err == io.EOF || b == '\n') && len(to) > 0 {
			return to, nil
		}
	}
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// Looks reports whether a text that begins so may be such a file: numbers and spaces.
func Looks(start []byte) bool {
	digits := 0
	for _, b := range start {
		if b >= '0' && b <= '9' {
			digits++
		} else if !isSpace(b) && !strings.ContainsRune("+-.eE", rune(b)) {
			return false
		}
	}
	return digits > 0
}
