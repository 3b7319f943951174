package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/packed"
)

// file returns an IDX file.
func file(kind byte, size []uint32, data ...byte) []byte {
	b := []byte{0, 0, kind, byte(len(size))}
	for _, d := range size {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func zip(b []byte) []byte {
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	z.Write(b)
	z.Close()
	return w.Bytes()
}

func write(t *testing.T, folder, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	images = file(8, []uint32{2, 1, 3}, 0, 255, 51, 1, 2, 3)
	labels = file(8, []uint32{2}, 7, 9)
)

func TestOpen(t *testing.T) {
	for _, gz := range []bool{false, true} {
		dir := t.TempDir()
		if gz {
			write(t, dir, "train-images-idx3-ubyte.gz", zip(images))
		} else {
			write(t, dir, "train-images-idx3-ubyte", images)
		}
		write(t, dir, "train-labels-idx1-ubyte", labels)
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, 3)
		class, _ := s.Image(x, 0)
		if h, w, c := s.Shape(); s.Len() != 2 || h != 1 || w != 3 || c != 1 || class != 7 || x[0] != -1 || x[1] != 1 || x[2] != -0.6 {
			t.Errorf("%d images of %d×%d×%d; the first is %v of class %d", s.Len(), h, w, c, x, class)
		}
	}
}

// A set with something before its name is found, if it is the only one, and what is easily overlooked is said.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string // of an error
		notes int
	}{
		{[]string{"emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte", "emnist-letters-test-images-idx3-ubyte"}, "", 1},
		{[]string{"train-images.idx3-ubyte", "train-labels.idx1-ubyte"}, "", 0},
		{[]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "x-train-images-idx3-ubyte"}, "", 0},
		{[]string{"train-images-idx3-ubyte"}, "", 1},
		{[]string{"a-train-images-idx3-ubyte", "b-train-images-idx3-ubyte"}, `["a-train-images-idx3-ubyte" "b-train-images-idx3-ubyte"]; name one of them`, 0},
	} {
		dir := t.TempDir()
		for _, name := range c.names {
			b := images
			if strings.Contains(name, "labels") {
				b = labels
			}
			write(t, dir, name, b)
		}
		s, err := Open(dir)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: %v, want %q", c.names, err, c.want)
			}
			continue
		}
		if err != nil || !Is(dir) || s.Labelled() != (len(c.names) > 1) || s.Labelled() && s.Label(1) != 9 || len(s.Notes()) != c.notes || !strings.HasSuffix(s.Paths()[0], c.names[0]) {
			t.Errorf("%v: %v, %v", c.names, s, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	claim := func(size ...uint32) []byte { return file(8, size) }
	for _, c := range []struct {
		name, want     string
		images, labels []byte
	}{
		{"nothing", "neither", nil, nil},
		{"empty", "cut off", []byte{}, labels},
		{"text", "begins with", []byte("hello, world"), labels},
		{"labels for images", "1 dimensions; unsigned bytes in 3", labels, labels},
		{"floats", "float32", file(13, []uint32{2, 1, 3}), labels},
		{"half a header", "cut off", images[:9], labels},
		{"truncated", "claims 6 bytes and there are 4", images[:len(images)-2], labels},
		{"too long", "there are more", append(bytes.Clone(images), 1), labels},
		{"2³² images", "claims more than", claim(1<<32-1, 1<<32-1, 1<<32-1), labels},
		{"an overflow", "claims more than", claim(1<<31, 1<<31, 4), labels},
		{"a gigabyte that is not there", "there are 0", claim(1<<20, 16, 16), labels},
		{"other labels", "do not belong together", images, file(8, []uint32{1}, 3)},
		{"more labels", "do not belong together", images, file(8, []uint32{3}, 3, 4, 5)},
		{"none", "no images", claim(0, 1, 3), claim(0)},
	} {
		dir := t.TempDir()
		if c.images != nil {
			write(t, dir, "train-images-idx3-ubyte", c.images)
			write(t, dir, "train-labels-idx1-ubyte", c.labels)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v; want one with the folder and %q", c.name, err, c.want)
		}
	}
}

// The real set.
func TestMNIST(t *testing.T) {
	folder := os.Getenv("SPDIFF_DATA")
	if folder == "" {
		t.Skip("SKIPPED: MNIST itself is not read; SPDIFF_DATA does not name a folder with mnist/")
	}
	for name, c := range map[string]struct {
		open func(string) (*Set, error)
		n    int
	}{"": {Open, 60000}, "t10k-images-idx3-ubyte.gz": {OpenFile, 10000}} {
		s, err := c.open(filepath.Join(folder, "mnist", name))
		if err != nil || s.Len() != c.n {
			t.Fatalf("%s: %v, %v", name, s, err)
		}
		var counts [10]int
		for i := range s.Len() {
			counts[s.labels[i]]++
		}
		for class, n := range counts {
			if n < c.n/12 || n > c.n/8 {
				t.Errorf("%s: %d digits of class %d", name, n, class)
			}
		}
	}
}

func FuzzContents(f *testing.F) {
	f.Add(images, 3)
	f.Add(labels, 1)
	f.Add(zip(images), 3)
	f.Add(file(8, []uint32{1 << 31, 1 << 31, 4}), 3)
	f.Fuzz(func(t *testing.T, b []byte, dims int) {
		if dims < 1 || dims > 4 {
			return
		}
		size, data, err := contents(bytes.NewReader(b), int64(len(b)), dims)
		if err != nil {
			return
		}
		n := int64(1)
		for _, d := range size {
			n *= int64(d)
		}
		if len(size) != dims || n > packed.Limit(int64(len(b))) {
			t.Fatalf("%v from %d bytes", size, len(b))
		}
		if got, err := data.ReadAt(make([]byte, n), 0); int64(got) != n {
			t.Fatalf("%d of %d bytes: %v", got, n, err)
		}
	})
}
