package amat

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/allocs"
)

// One image of two by two pixels a row, in all the ways to write numbers and spaces.
const sample = "   0.0 1 5.0000000e-01 0.00390625   3.0\r\n\n1e0\t.25 0 0.998046875 0\n 0 0 0 0 255"

func TestDecode(t *testing.T) {
	s, err := decode(strings.NewReader(sample), "x")
	if err != nil {
		t.Fatal(err)
	}
	if h, w, c := s.Shape(); s.Len() != 3 || h != 2 || w != 2 || c != 1 {
		t.Fatalf("%d images of %d×%d×%d", s.Len(), h, w, c)
	}
	x := make([]float32, 4)
	for i, want := range []struct {
		bytes [4]byte
		class int
	}{{[4]byte{0, 255, 128, 1}, 3}, {[4]byte{255, 64, 0, 255}, 0}, {[4]byte{}, 255}} {
		class, err := s.Image(x, i)
		if err != nil || class != want.class {
			t.Errorf("image %d is of class %d, %v", i, class, err)
		}
		for k, b := range want.bytes {
			if x[k] != float32(b)/127.5-1 {
				t.Errorf("image %d: pixel %d is %v, want that of %d", i, k, x[k], b)
			}
		}
	}
}

func TestBadTexts(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "no rows",
		" \n \n":                         "no rows",
		"0 0 0 0":                        "row 1: there are 4 numbers; a row has a square number",
		"3":                              "row 1: there are 1 numbers",
		"0 1\n0 0 0 0 1\n":               "row 2: there are 5 numbers; a row has 1 pixels",
		"0 x 0 0 1\n":                    `row 1: "x" is no number`,
		"0 nan 0 0 1\n":                  "pixel 1 is NaN",
		"0 0 -0.1 0 1\n":                 "pixel 2 is -0.1",
		"0 0 1.1 0 1\n":                  "pixel 2 is 1.1",
		"0 0 1 0 1.5\n":                  "the label is 1.5",
		"0 0 1 0 -1\n":                   "the label is -1",
		"0 0 1 0 256\n":                  "the label is 256",
		"1e999 0\n":                      "is no number",
		strings.Repeat("1", 1<<20) + "1": "is no number",
	} {
		if _, err := decode(strings.NewReader(text), "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v; want an error with %q", text, err, want)
		}
	}
	// A row that does not end is an error before it takes memory.
	endless := strings.NewReader(strings.Repeat("0 ", 2*maxSide*maxSide))
	if _, err := decode(endless, "x"); err == nil || !strings.Contains(err.Error(), "one too many") {
		t.Errorf("an endless row: %v", err)
	}
}

// A row of MNIST's size, as the real files have it, plain and in an archive with the test set beside it.
func TestFiles(t *testing.T) {
	var text bytes.Buffer
	for i := range 784 {
		fmt.Fprintf(&text, "%.6f ", float64(i%256)/256)
	}
	text.WriteString("7.000000\n")
	dir := t.TempDir()
	plain, zipped := filepath.Join(dir, "x.amat"), filepath.Join(dir, "x.zip")
	if err := os.WriteFile(plain, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"mnist_all_rotation_normalized_float_test.amat", "mnist_all_rotation_normalized_float_train_valid.amat", "readme"} {
		w, _ := z.Create(name)
		if strings.Contains(name, "train") {
			w.Write(text.Bytes())
		} else {
			w.Write([]byte("nothing"))
		}
	}
	z.Close()
	if err := os.WriteFile(zipped, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(zipped)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	one, err1 := Open(plain)
	two, err2 := Zipped(&archive.Reader, zipped)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	x := make([]float32, 784)
	for _, s := range []*Set{one, two} {
		class, err := s.Image(x, 0)
		if h, w, _ := s.Shape(); h != 28 || w != 28 || class != 7 || err != nil {
			t.Errorf("%d×%d of class %d, %v", h, w, class, err)
		}
		for i, v := range x {
			if v != float32(i%256)/127.5-1 {
				t.Fatalf("%s: pixel %d is %v", s, i, v)
			}
		}
	}
	if _, err := Open(zipped); err == nil || !strings.Contains(err.Error(), zipped) {
		t.Errorf("an archive as text: %v", err)
	}
}

func TestLooks(t *testing.T) {
	for text, want := range map[string]bool{sample: true, "0.5 1e-3": true, "": false, "  \n": false, "hello 5": false, "\x89PNG": false, "5,6": false} {
		if Looks([]byte(text)) != want {
			t.Errorf("%q looks like one: %v", text, !want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("0 1\n1 0\n0.5 3"))
	f.Add([]byte("0 0 0 0 1 2 3\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		// A number takes two bytes of the text, one of the set, and eight while its row is read; slices grow by doubling.
		allocs.Bound(t, 64*int64(len(b))+1<<20, func() {
			s, err := decode(bytes.NewReader(b), "x")
			if err == nil && (len(s.pixels) != s.Len()*s.side*s.side || len(s.pixels)+s.Len() > len(b)/2+1) {
				t.Fatalf("%d images of side %d, %d pixels, from %d bytes", s.Len(), s.side, len(s.pixels), len(b))
			}
		})
	})
}
