package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
)

func ramp(shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(i)/3 - 1
	}
	return t
}

// file returns a .npy file with a header of ours.
func file(version byte, header string, data ...byte) []byte {
	b := append([]byte(magic), version, 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	}
	return append(append(b, header...), data...)
}

func head(descr, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
}

func TestRoundTrip(t *testing.T) {
	for _, shape := range [][]int{{}, {5}, {2, 3}, {2, 3, 4, 1}, {0, 3}} {
		var b bytes.Buffer
		if err := Encode(&b, ramp(shape...)); err != nil {
			t.Fatal(err)
		}
		if n := bytes.IndexByte(b.Bytes(), '\n') + 1; n%64 != 0 {
			t.Errorf("%v: the numbers begin at byte %d", shape, n)
		}
		got, err := Decode(&b)
		if err != nil || !got.Shape().Equal(shape) || !slices.Equal(got.Data(), ramp(shape...).Data()) {
			t.Errorf("%v came back as %v, %v", shape, got, err)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		descr string
		data  []byte
		want  float32
	}{
		{"<f8", []byte{0, 0, 0, 0, 0, 0, 0xf8, 0xbf}, -1.5}, {"<i4", []byte{0xfe, 0xff, 0xff, 0xff}, -2},
		{"<i8", []byte{3, 0, 0, 0, 0, 0, 0, 0}, 3}, {"|u1", []byte{200}, 200}, {"|i1", []byte{0xff}, -1},
	} {
		for _, version := range []byte{1, 2, 3} {
			got, err := Decode(bytes.NewReader(file(version, head(c.descr, "1,"), c.data...)))
			if err != nil || got.Data()[0] != c.want {
				t.Errorf("%s: %v, %v, want %v", c.descr, got, err, c.want)
			}
		}
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "does not begin", nil},
		{"text", "does not begin", []byte("hello, world, hello")},
		{"version", "version 9", file(9, head("<f4", "1,"), 0, 0, 0, 0)},
		{"cut", "cut off", file(1, head("<f4", "1,"))[:20]},
		{"long header", "longer than", append([]byte(magic), 2, 0, 0, 0, 1, 0)},
		{"no dictionary", "not one that numpy writes", file(1, "import os")},
		{"objects", "not known", file(1, head("|O", "1,"))},
		{"big-endian", "not known", file(1, head(">f4", "1,"), 0, 0, 0, 0)},
		{"Fortran", "Fortran", file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }")},
		{"2⁶³ elements", "too large", file(1, head("<f4", "9223372036854775808,"))},
		{"overflow", "too large", file(1, head("<f4", "4294967296, 4294967296"))},
		{"a product too large", "too large", file(1, head("<f4", "65536, 65536"))},
		{"truncated", "there are 3", file(1, head("<f4", "1,"), 1, 2, 3)},
		{"a gibibyte that is not there", "there are 0", file(1, head("<f4", "268435456,"))},
		{"too long", "there are more", file(1, head("<f4", "1,"), 1, 2, 3, 4, 5)},
	} {
		if _, err := Decode(bytes.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
		}
	}
}

func TestArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	want := map[string]*tensor.Tensor{"images": ramp(2, 3), "labels": ramp(4)}
	if err := WriteArchive(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadArchive(path)
	if err != nil || len(got) != 2 || !slices.Equal(got["images"].Data(), want["images"].Data()) {
		t.Fatalf("%v, %v", got, err)
	}
	os.WriteFile(path, []byte("no zip"), 0o644)
	if _, err := ReadArchive(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("no zip: %v", err)
	}
}

// numpy reads what we write, and we read what it writes.
func TestNumpy(t *testing.T) {
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skip("SKIPPED: nothing is exchanged with numpy; " + python + " does not have it")
	}
	dir := t.TempDir()
	if err := WriteArchive(filepath.Join(dir, "a.npz"), map[string]*tensor.Tensor{"images": ramp(2, 3, 1)}); err != nil {
		t.Fatal(err)
	}
	script := `import numpy as np
a = np.load("a.npz")["images"]
assert a.dtype == np.float32 and a.shape == (2, 3, 1) and a[1, 2, 0] == np.float32(5)/np.float32(3) - np.float32(1), a
np.savez("b.npz", x=np.arange(6, dtype=np.int64).reshape(3, 2), y=a * 2)
np.savez_compressed("c.npz", x=np.float64(2.5))`
	c := exec.Command(python, "-c", script)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := ReadArchive(filepath.Join(dir, "b.npz"))
	if err != nil || !slices.Equal(b["x"].Data(), []float32{0, 1, 2, 3, 4, 5}) || !b["y"].Shape().Equal(tensor.Shape{2, 3, 1}) {
		t.Errorf("b.npz: %v, %v", b, err)
	}
	x, err := ReadArchive(filepath.Join(dir, "c.npz"))
	if err != nil || x["x"].Data()[0] != 2.5 {
		t.Errorf("c.npz: %v, %v", x, err)
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	Encode(&b, ramp(2, 3))
	f.Add(b.Bytes())
	f.Add(file(2, head("|u1", "2, 2"), 1, 2, 3, 4))
	f.Add(file(1, head("<f4", "4294967296, 4294967296")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := Decode(bytes.NewReader(b)); err == nil && x.Len() > len(b) {
			t.Fatalf("%d numbers from %d bytes", x.Len(), len(b))
		}
	})
}

func FuzzArchive(f *testing.F) {
	var b bytes.Buffer
	encodeArchive(&b, map[string]*tensor.Tensor{"x": ramp(2), "y": ramp(1, 2)})
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
			decodeArchive(z)
		}
	})
}
