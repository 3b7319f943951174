package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
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

func decode(b []byte) (*tensor.Tensor, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

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
		got, err := decode(b.Bytes())
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
			got, err := decode(file(version, head(c.descr, "1,"), c.data...))
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
		{"cut in the length", "cut off", []byte(magic + "\x01\x00\x40")},
		{"cut in the header", "cut off", file(1, head("<f4", "1,"))[:20]},
		{"long header", "at most 65536", append([]byte(magic), 2, 0, 0, 0, 1, 1)},
		{"no dictionary", "not one that numpy writes", file(1, "import os")},
		{"a record", "not one that numpy writes", file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 0, 0, 0, 0)},
		{"no tuple", "not one that numpy writes", file(1, head("<f4", "1"), 0, 0, 0, 0)},
		{"negative extent", "not one that numpy writes", file(1, head("<f4", "-1,"))},
		{"more after the dictionary", "not one that numpy writes", file(1, head("<f4", "1,")+"{}", 0, 0, 0, 0)},
		{"objects", "not known", file(1, head("|O", "1,"))},
		{"big-endian", "not known", file(1, head(">f4", "1,"), 0, 0, 0, 0)},
		{"Fortran", "Fortran", file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }")},
		{"2⁶³ elements", "impossible", file(1, head("<f4", "9223372036854775808,"))},
		{"2⁶² elements", "too many", file(1, head("<f4", "4611686018427387904,"))},
		{"overflow", "too many", file(1, head("<f4", "4294967296, 4294967296"))},
		{"overflow to nothing", "too many", file(1, head("<f8", "4294967296, 4294967296, 0"))},
		{"a tebibyte that is not there", "there are 0 bytes", file(1, head("<f4", "274877906944,"))},
		{"truncated", "there are 3 bytes", file(1, head("<f4", "1,"), 1, 2, 3)},
		{"too long", "there are 5 bytes", file(1, head("<f4", "1,"), 1, 2, 3, 4, 5)},
		{"much too long", "there are 8 bytes", file(1, head("<f4", "1,"), 1, 2, 3, 4, 5, 6, 7, 8)},
	} {
		if _, err := decode(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
		}
	}
}

// Of a reader with more than it is said to have, the error says that there is more.
func TestDecodeOfMore(t *testing.T) {
	b := file(1, head("|u1", "1,"), 1, 2)
	if _, err := Decode(bytes.NewReader(b), int64(len(b)-1)); err == nil || !strings.Contains(err.Error(), "more after the numbers") || strings.Contains(err.Error(), "nil") {
		t.Errorf("%v", err)
	}
}

// The bytes are those that numpy.save writes.
func TestEncodeBytes(t *testing.T) {
	for _, c := range []struct {
		shape []int
		tuple string
	}{{nil, "()"}, {[]int{2}, "(2,)"}, {[]int{1, 2}, "(1, 2)"}} {
		var b bytes.Buffer
		if err := Encode(&b, tensor.New(c.shape...)); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("\x93NUMPY\x01\x00\x76\x00%-117s\n", "{'descr': '<f4', 'fortran_order': False, 'shape': "+c.tuple+", }")
		if got := b.String(); got[:128] != want || strings.Trim(got[128:], "\x00") != "" {
			t.Errorf("%v: %q, want %q", c.shape, got, want)
		}
	}
	var b bytes.Buffer
	Encode(&b, tensor.From([]float32{1, -2}, 2))
	if got := b.Bytes()[128:]; !bytes.Equal(got, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}) {
		t.Errorf("1 and −2 are % x", got)
	}
}

// Reading a large array takes one piece after another.
func TestPieces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	want := ramp(3, 1<<13)
	if err := Write(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || !got.Shape().Equal(want.Shape()) || !slices.Equal(got.Data(), want.Data()) {
		t.Errorf("%v", err)
	}
	if _, err := Read(filepath.Dir(path)); err == nil {
		t.Error("no error for a folder")
	}
	os.Truncate(path, 1000)
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("truncated: %v; want an error that names the file", err)
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	Encode(&b, ramp(2, 3))
	f.Add(b.Bytes())
	f.Add(file(2, head("|u1", "2, 2"), 1, 2, 3, 4))
	f.Add(file(1, head("<f4", "4294967296, 4294967296")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := decode(b); err == nil && x.Len() > len(b) {
			t.Fatalf("%d numbers from %d bytes", x.Len(), len(b))
		}
	})
}
