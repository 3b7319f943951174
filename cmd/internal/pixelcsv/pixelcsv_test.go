package pixelcsv

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/allocs"
)

// All that is found under these names has the same images: of labels first, last or none, with a head or without, as spreadsheets and
// other systems write it. A head may count from 0, as pandas does.
func TestDecode(t *testing.T) {
	want := []byte{0, 255, 51, 204, 9, 8, 7, 6}
	for _, c := range []struct {
		text   string
		labels []byte
	}{
		{"label,pixel0,pixel1,pixel2,pixel3\n3,0,255,51,204\n1,9,8,7,6\n", []byte{3, 1}},
		{"label,1x1,1x2,2x1,2x2\r\n3,0,255,51,204\r\n1,9,8,7,6", []byte{3, 1}},
		{"3,0,255,51,204\n1,9,8,7,6\n", []byte{3, 1}},
		{"pixel0000,pixel0001,pixel0002,pixel0003,Label\n0,255,51,204,3\n9,8,7,6,1\n", []byte{3, 1}},
		{"pixel0,pixel1,pixel2,pixel3\n0,255,51,204\n9,8,7,6\n", nil},
		{"0,255,51,204\n9,8,7,6\n", nil},
		{"0,1,2,3\n0,255,51,204\n9,8,7,6\n", nil},
		{"\"0\",\"1\",\"2\",\"3\",\"4\"\n3,0,255,51,204\n1,9,8,7,6\n", []byte{3, 1}},
		{"\xef\xbb\xbf\"label\",\"a\",\"b\",\"c\",\"d\"\n\n\"3\", 0, 255.0, 51, 204\n1,9,8,7,6\n\n", []byte{3, 1}},
	} {
		s, err := decode(strings.NewReader(c.text), "x")
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if !slices.Equal(s.pixels, want) || !slices.Equal(s.labels, c.labels) || s.Len() != 2 || s.Labelled() != (c.labels != nil) {
			t.Errorf("%q: %d images, %v, labels %v", c.text, s.Len(), s.pixels, s.labels)
		}
		x := make([]float32, 4)
		class, err := s.Image(x, 1)
		if err != nil || class != s.Label(1) || x[0] != float32(9)/127.5-1 {
			t.Errorf("%q: %v of class %d, %v", c.text, x, class, err)
		}
	}
}

// Three times a square is colour, and what was inferred is said.
func TestNotes(t *testing.T) {
	for text, want := range map[string]string{
		"0,1,2,3,4,5,6,7,8,9,10,255\n":   "there are no labels: all 12 columns are pixels\nthe columns are red, green and blue of one pixel after the other",
		"4,1,2,3,4,5,6,7,8,9,10,11,90\n": "the labels are the first column, for the others make up a square\nthe columns are red, green and blue of one pixel after the other",
		"label,a,b,c,d\n0,1,1,0,1\n":     "no pixel is above 1 of 255: all is dark; multiply them, so that white is 255",
		"label,a,b,c,d\n0,1,1,0,99\n":    "",
		"0,1,2,3\n":                      "there are no labels: all 4 columns are pixels\nno pixel is above 3 of 255: all is dark; multiply them, so that white is 255",
		"0,1,2,3\n0,1,2,99\n":            "there are no labels: all 4 columns are pixels\nthe first row, 0 to 3, is taken for names of columns, as pandas has them",
	} {
		s, err := decode(strings.NewReader(text), "x")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := strings.Join(s.Notes(), "\n"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	s := &Set{name: "x/EMNIST-letters-train.csv", layout: layout{named: true}, most: 255}
	if !strings.Contains(strings.Join(s.Notes(), ""), "transposed") {
		t.Error("that EMNIST is transposed is not said")
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "row 1: ",
		"label,a,b,c,d\n":                      "there are no rows",
		"label,a,b,c,d\n1,2,3,4\n":             "row 2: there are 4 columns, and 5 in the rows before",
		"label,a,b,c,d\n1,0,0,0,256\n":         `row 2: column 5 is "256"; it must be a whole number from 0 to 255`,
		"label,a,b,c,d\n\n1,0,0,0,0.5\n":       `row 3: column 5 is "0.5"`,
		"label,a,b,c,d\n-1,0,0,0,0\n":          `column 1 is "-1"`,
		"label,a,b,c,d\n1,,0,0,0\n":            `column 2 is ""`,
		"1,,0,0,0\n1,0,0,0,0\n":                `row 1: column 2 is ""`,
		",0,1,2,3\n0,9,9,9,9\n":                `row 1: column 1 is ""`,
		"ImageId,Label\n1,0\n":                 "row 1: there are 2 columns; a row has a square number of pixels",
		"a,b,c\n1,2,3\n":                       "there are 3 columns",
		"label,a,b,c\n1,2,3,4\n":               "there are 4 columns",
		strings.Repeat("0", maxLine+1):         "more than",
		strings.Repeat(",", maxLine-1):         "row 1: there are more than 3145729 columns",
		"1,2\x1b[31m,3,4,5\n1,2\x1b[31m,3,4,5": `column 2 is "2\x1b[31m"`,
	} {
		_, err := decode(strings.NewReader(text), "x")
		if text == "" {
			want = "there are no rows"
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v; want an error with %q", text, err, want)
		}
	}
}

func TestIs(t *testing.T) {
	for name, want := range map[string]bool{"train.csv": true, "A_Z Handwritten Data.CSV": true, "x/train.csv.gz": true, "csv": false, "x.csv/y": false} {
		if Is(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "train.csv")
	os.WriteFile(path, []byte("label,pixel0,pixel1,pixel2,pixel3\n7,0,255,0,255\n"), 0o644)
	s, err := Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := make([]float32, 4)
	class, _ := s.Image(x, 0)
	fmt.Println(s.Len(), class, x)
	// Output: 1 7 [-1 1 -1 1]
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("label,a,b,c,d\n3,0,255,51,204\n"))
	f.Add([]byte("0,1,2,3\n\n4,5,6,7"))
	f.Fuzz(func(t *testing.T, b []byte) {
		// A field is a slice of three words for two bytes of its row at most, and rows are read one by one.
		allocs.Bound(t, 256*int64(len(b))+1<<20, func() {
			s, err := decode(bytes.NewReader(b), "x")
			if err == nil && (len(s.pixels) != s.Len()*s.layout.pixels() || s.Labelled() != (len(s.labels) == s.Len())) {
				t.Fatalf("%d images, %d pixels, %d labels, layout %v", s.Len(), len(s.pixels), len(s.labels), s.layout)
			}
		})
	})
}
