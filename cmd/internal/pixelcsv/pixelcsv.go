package pixelcsv

import (
	"archive/zip"
	"fmt"
	"path"
	"strings"

	"spdiff/cmd/internal/packed"
)

// A Set is square images with their labels. It is a spdiff.Source.
type Set struct {
	name   string
	layout layout
	pixels []byte
	labels []byte
	most   byte // of the pixels
}

var format = packed.Format[*Set]{Name: "tables (.csv)", Is: Is, Decode: decode}

// Open reads a table, gzipped or not.
func Open(path string) (*Set, error) { return format.Open(path) }

// Zipped reads the table of an archive; where there are several, the one with "train" in its name.
func Zipped(z *zip.Reader, name string) (*Set, error) { return format.Zipped(z, name) }

// Is reports whether the name is one of a table, packed or not.
func Is(name string) bool {
	return strings.EqualFold(path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")), ".csv")
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.pixels) / s.layout.pixels() }

// Shape returns rows, columns and channels.
func (s *Set) Shape() (h, w, c int) { return s.layout.side, s.layout.side, s.layout.channels }

// Image sets dst to image i, 0 becoming −1 and 255 becoming 1, and returns its label.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	n := s.layout.pixels()
	for k, v := range s.pixels[i*n : (i+1)*n] {
		dst[k] = float32(v)/127.5 - 1
	}
	return s.Label(i), nil
}

// Labelled reports whether there are labels.
func (s *Set) Labelled() bool { return s.layout.label >= 0 }

// Label returns the label of image i, 0 where there are none.
func (s *Set) Label(i int) int {
	if !s.Labelled() {
		return 0
	}
	return int(s.labels[i])
}

// String says what the set is.
func (s *Set) String() string { return "table of pixels, " + s.name }

// Notes says what was inferred, and what is easily overlooked.
func (s *Set) Notes() (notes []string) {
	switch {
	case !s.Labelled():
		notes = append(notes, fmt.Sprintf("there are no labels: all %d columns are pixels", s.layout.columns))
	case !s.layout.named:
		notes = append(notes, "the labels are the first column, for the others make up a square")
	}
	if s.layout.counted {
		notes = append(notes, fmt.Sprintf("the first row, 0 to %d, is taken for names of columns, as pandas has them", s.layout.columns-1))
	}
	if s.layout.channels == 3 {
		notes = append(notes, "the columns are red, green and blue of one pixel after the other")
	}
	if s.most < 64 {
		notes = append(notes, fmt.Sprintf("no pixel is above %d of 255: all is dark; multiply them, so that white is 255", s.most))
	}
	if strings.Contains(strings.ToLower(path.Base(s.name)), "emnist") {
		notes = append(notes, "EMNIST keeps its images transposed, and so they are read: letters lie on their side")
	}
	return notes
}
