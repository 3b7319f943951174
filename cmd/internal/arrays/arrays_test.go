package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// array returns a .npy file.
func array(descr, shape string, data ...byte) []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(text)))
	return append(append(b, text...), data...)
}

func floats(values ...float32) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// archive returns a .npz file of arrays by name, compressed or not.
func archive(method uint16, arrays map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range arrays {
		w, _ := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: method})
		w.Write(content)
	}
	z.Close()
	return b.Bytes()
}

func open(t *testing.T, file []byte, r Range) (*Set, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	return Open(path, Options{Range: r})
}

// Each type has its range, and images and labels are found by name or by shape.
func TestOpen(t *testing.T) {
	bytes4, labels := array("|u1", "2, 2, 1, 1", 0, 255, 51, 204), array("<i4", "2,", 3, 0, 0, 0, 1, 0, 0, 0)
	want := []float32{-1, 1, -0.6, 0.6}
	for _, c := range []struct {
		name  string
		file  []byte
		r     Range
		class []int
		want  []float32
	}{
		{"bytes", bytes4, Range{}, []int{0, 0}, want},
		{"without channels", array("|u1", "2, 2, 1", 0, 255, 51, 204), Range{}, []int{0, 0}, want},
		{"16 bits", array("<u2", "2, 2, 1", 0, 0, 255, 255, 51, 51, 204, 204), Range{}, []int{0, 0}, want},
		{"truth values", array("|b1", "2, 2, 1", 0, 1, 1, 0), Range{}, []int{0, 0}, []float32{-1, 1, 1, -1}},
		{"floats", array("<f4", "2, 2, 1", floats(-1, 1, 0.1, -0.25)...), Range{}, []int{0, 0}, []float32{-1, 1, 0.1, -0.25}},
		{"floats from 0", array("<f4", "2, 2, 1", floats(0, 1, 0.25, 0.5)...), Range{0, 1}, []int{0, 0}, []float32{-1, 1, -0.5, 0}},
		{"integers", array("|i1", "2, 2, 1", 0x80, 0, 0xff, 0x80), Range{-128, 0}, []int{0, 0}, []float32{-1, 1, 0.984375, -1}},
		{"an archive", archive(zip.Store, map[string][]byte{"images": bytes4, "labels": labels}), Range{}, []int{3, 1}, want},
		{"compressed", archive(zip.Deflate, map[string][]byte{"images": bytes4, "labels": labels}), Range{}, []int{3, 1}, want},
		{"other names", archive(zip.Store, map[string][]byte{"arr_0": bytes4, "arr_1": labels, "scalar": array("<f4", "", 0, 0, 0, 0)}), Range{}, []int{3, 1}, want},
		{"without labels", archive(zip.Store, map[string][]byte{"x": bytes4}), Range{}, []int{0, 0}, want},
		{"named among others", archive(zip.Store, map[string][]byte{"images": bytes4, "more": bytes4, "labels": labels, "y": labels}), Range{}, []int{3, 1}, want},
	} {
		s, err := open(t, c.file, c.r)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if h, w, ch := s.Shape(); s.Len() != 2 || h != 2 || w != 1 || ch != 1 {
			t.Errorf("%s: %d of %d×%d×%d", c.name, s.Len(), h, w, ch)
			continue
		}
		x := make([]float32, 2)
		for i := range 2 {
			class, err := s.Image(x, i)
			if err != nil || class != c.class[i] || !slices.Equal(x, c.want[2*i:2*i+2]) {
				t.Errorf("%s: image %d is %v of class %d, %v; want %v of class %d", c.name, i, x, class, err, c.want[2*i:2*i+2], c.class[i])
			}
		}
	}
}

func TestErrors(t *testing.T) {
	one := array("|u1", "1, 1, 1", 7)
	for _, c := range []struct {
		want string
		file []byte
		r    Range
	}{
		{"of shape 1×3×8×8, with channels first; save numpy.moveaxis", array("|u1", "1, 3, 8, 8", make([]byte, 192)...), Range{}},
		{"8 channels", array("|u1", "1, 8, 8, 8", make([]byte, 512)...), Range{}},
		{"of shape 0×8×8", array("|u1", "0, 8, 8"), Range{}},
		{"there is no array of images", array("|u1", "3,", 1, 2, 3), Range{}},
		{"2×9; save them as images, as by numpy.reshape(a, (-1, 3, 3, 1))", array("|u1", "2, 9", make([]byte, 18)...), Range{}},
		{"numpy.reshape(a, (-1, 2, 2, 3))", array("|u1", "2, 12", make([]byte, 24)...), Range{}},
		{"it must be images × rows", archive(zip.Store, map[string][]byte{"images": array("|u1", "1,", 7)}), Range{}},
		{"it is not clear which", archive(zip.Store, map[string][]byte{"a": one, "b": one}), Range{}},
		{"say ?images=NAME; there are \"a\" 1×1×1, \"b\" 1×1×1", archive(zip.Store, map[string][]byte{"a": one, "b": one}), Range{}},
		{"there are none", archive(zip.Store, nil), Range{}},
		{"is their range 0 to 1", array("<f4", "1, 1, 1", floats(0.5)...), Range{}},
		{"number 0 of image 0 is NaN", array("<f4", "1, 1, 1", floats(float32(math.NaN()))...), Range{}},
		{"number 0 of image 1 is +Inf", array("<f4", "2, 1, 1", floats(-1, float32(math.Inf(1)))...), Range{}},
		{"number 0 of image 0 is 2, not from -1 to 1", array("<f4", "2, 1, 1", floats(2, -1)...), Range{}},
		{"go from 0 to 0.5: is their range", array("<f4", "1, 1, 1", floats(0.5)...), Range{}},
		{"have no range of their own", array("|i1", "1, 1, 1", 7), Range{}},
		{"labels are of shape 2", archive(zip.Store, map[string][]byte{"x": one, "y": array("|u1", "2,", 1, 2)}), Range{}},
		{"labels are of shape scalar", archive(zip.Store, map[string][]byte{"images": one, "labels": array("<i8", "", 3, 0, 0, 0, 0, 0, 0, 0)}), Range{}},
		{"label 0 is -1", archive(zip.Store, map[string][]byte{"x": one, "y": array("|i1", "1,", 0xff)}), Range{}},
		{"label 0 is 0.5", archive(zip.Store, map[string][]byte{"x": one, "y": array("<f4", "1,", floats(0.5)...)}), Range{}},
		{"label 0 is NaN", archive(zip.Store, map[string][]byte{"x": one, "y": array("<f4", "1,", floats(float32(math.NaN()))...)}), Range{}},
		{"does not begin", []byte("hello"), Range{}},
	} {
		if _, err := open(t, c.file, c.r); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v; want an error with %q", err, c.want)
		}
	}
	values := append(make([]float32, 2*looked), -1, 1, 0, 1.5, float32(math.NaN()), 0) // the first are looked at when it is opened
	values[0] = -1
	s, err := open(t, array("<f4", fmt.Sprintf("%d, 1, 2", looked+3), floats(values...)...), Range{})
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 2)
	for i, want := range []string{"", "number 1 of image 17 is 1.5, not from -1 to 1", "number 0 of image 18 is NaN"} {
		if _, err := s.Image(x, looked+i); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("image %d: %v; want an error with %q", i, err, want)
		}
	}
}

// The usual names of others are known, labels may be a column, and options name what else there is.
func TestNames(t *testing.T) {
	two, other := array("|u1", "2, 1, 1", 0, 255), array("|u1", "3, 1, 1", 7, 7, 7)
	labels, column := array("|u1", "2,", 4, 5), array("|u1", "2, 1", 4, 5)
	for _, c := range []struct {
		arrays map[string][]byte
		o      Options
		note   string
	}{
		{map[string][]byte{"x_train": two, "y_train": labels, "x_test": other, "y_test": array("|u1", "3,", 1, 1, 1)}, Options{}, `"x_train", with the labels "y_train"; left out: 2 arrays`},
		{map[string][]byte{"train_images": two, "train_labels": column, "test_images": other, "val_labels": array("|u1", "3, 1", 1, 1, 1)}, Options{}, `"train_labels"; left out: 2`},
		{map[string][]byte{"a": two, "b": other, "c": column, "d": labels}, Options{Images: "a", Labels: "c"}, `"a", with the labels "c"`},
		{map[string][]byte{"images": two, "labels": column}, Options{}, ""},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, archive(zip.Store, c.arrays), 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.note, err)
			continue
		}
		class, err := s.Image(make([]float32, 1), 1)
		if notes := strings.Join(s.Notes(), "\n"); err != nil || s.Len() != 2 || class != 5 || s.Label(0) != 4 || !strings.Contains(notes, c.note) || (notes == "") != (c.note == "") {
			t.Errorf("%d images, class %d, %v, notes %q, want %q", s.Len(), class, err, notes, c.note)
		}
	}
	s, err := open(t, array("<u2", "1, 1, 1", 0xff, 0x0f), Range{})
	if err != nil || !strings.Contains(strings.Join(s.Notes(), ""), "?range=0,4095") {
		t.Errorf("%v, %v: 12 of 16 bits are not said", s, err)
	}
	if s, err = open(t, array("<u2", "1, 1, 1", 0, 0), Range{}); err != nil || len(s.Notes()) > 0 {
		t.Errorf("%v, %v: of images that are all black something is said", s, err)
	}
}

// A set of 256 MB, in a file with holes, takes next to no memory, however many of its images are read.
func TestLargerThanMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.npy")
	head := array("|u1", "65536, 64, 64")
	if err := os.WriteFile(path, head, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(head))+1<<28); err != nil {
		t.Skipf("SKIPPED: a large set: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 4096)
	for i := 0; i < s.Len(); i += 61 {
		if _, err := s.Image(x, i); err != nil || x[0] != -1 || x[4095] != -1 {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}
