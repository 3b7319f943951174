package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
)

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

// archive returns a zip archive of files by name.
func archive(method uint16, files ...[2]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f[0], Method: method})
		if err != nil {
			panic(err)
		}
		io.WriteString(w, f[1])
	}
	z.Close()
	return b.Bytes()
}

func TestBadArchives(t *testing.T) {
	one := string(file(1, head("<f4", "1,"), 0, 0, 0x80, 0x3f))
	bomb := string(file(1, head("|u1", "33554432,"))) + strings.Repeat("\x00", 32<<20)
	damaged := archive(zip.Store, [2]string{"x.npy", one})
	damaged[bytes.Index(damaged, []byte{0x80, 0x3f})]++
	lying := archive(zip.Store, [2]string{"x.npy", one})
	at := bytes.LastIndex(lying, []byte("PK\x01\x02")) + 24 // the unpacked size in the directory
	binary.LittleEndian.PutUint32(lying[at:], uint32(len(one)+4))
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "zip", nil},
		{"another file", "no .npy file", archive(zip.Store, [2]string{"readme.txt", "hello"})},
		{"a name twice", "comes twice", archive(zip.Store, [2]string{"x.npy", one}, [2]string{"x.npy", one})},
		{"a bad array", `"x.npy" in the archive: it does not begin`, archive(zip.Store, [2]string{"x.npy", "hello"})},
		{"a bomb", "numpy.savez", archive(zip.Deflate, [2]string{"x.npy", bomb})},
		{"numbers changed", "checksum", damaged},
		{"a false size", "truncated or corrupt", lying},
	} {
		x, err := DecodeArchive(bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want an error with %q", c.name, x, err, c.want)
		}
	}
}

// Many entries that each unpack to what is allowed are too much together.
func TestArchiveSum(t *testing.T) {
	piece := string(file(1, head("|u1", "6291456,"))) + strings.Repeat("\x00", 6<<20)
	names := [][2]string{{"a.npy", piece}, {"b.npy", piece}, {"c.npy", piece}}
	for n, ok := range map[int]bool{2: true, 3: false} {
		b := archive(zip.Deflate, names[:n]...)
		if _, err := DecodeArchive(bytes.NewReader(b), int64(len(b))); (err == nil) != ok {
			t.Errorf("%d arrays of 6 MiB: %v", n, err)
		}
	}
}

// A failed write leaves what was there.
func TestWriteFailureKeepsTheOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	os.WriteFile(path, []byte("old"), 0o644)
	if err := WriteArchive(path, map[string]*tensor.Tensor{strings.Repeat("long", 1<<14): ramp(1)}); err == nil {
		t.Error("no error for a name of 64 KiB")
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("the old file is now %.20q", b)
	}
}

// What cannot be written is said with the array's name.
func TestWriteFailureNamesTheArray(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if err := EncodeArchive(w, map[string]*tensor.Tensor{"images": ramp(1 << 12)}); !errors.Is(err, io.ErrClosedPipe) || !strings.Contains(err.Error(), `"images"`) {
		t.Error(err)
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
	if err := Write(filepath.Join(dir, "a.npy"), ramp(2, 3, 1)); err != nil {
		t.Fatal(err)
	}
	script := `import io, numpy as np
a = np.load("a.npz")["images"]
assert a.dtype == np.float32 and a.shape == (2, 3, 1) and a[1, 2, 0] == np.float32(5)/np.float32(3) - np.float32(1), a
f = io.BytesIO(); np.save(f, a)
assert f.getvalue() == open("a.npy", "rb").read(), "other bytes than numpy.save"
np.savez("b.npz", x=np.arange(6, dtype=np.int64).reshape(3, 2), y=a * 2)
np.savez_compressed("c.npz", x=np.float64(2.5), z=np.zeros((0, 3)), zeros=np.zeros(1000000), **{
	t: np.array([0, 1, 100], dtype=t) for t in "i1 i2 i4 i8 u1 u2 u4 u8 f4 f8".split()})`
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
	if err != nil || x["x"].Data()[0] != 2.5 || !x["z"].Shape().Equal(tensor.Shape{0, 3}) || x["zeros"].Len() != 1000000 {
		t.Fatalf("c.npz: %v, %v", x, err)
	}
	for _, name := range []string{"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"} {
		if x[name] == nil || !slices.Equal(x[name].Data(), []float32{0, 1, 100}) {
			t.Errorf("%s is read as %v", name, x[name])
		}
	}
}

// What is read has no more numbers than may be unpacked, and can be written and read again.
func FuzzArchive(f *testing.F) {
	var b bytes.Buffer
	EncodeArchive(&b, map[string]*tensor.Tensor{"x": ramp(2), "y": ramp(1, 2)})
	f.Add(b.Bytes())
	f.Add(archive(zip.Deflate, [2]string{"x.npy", string(file(1, head("|u1", "100,"))) + strings.Repeat("\x01", 100)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		arrays, err := DecodeArchive(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := EncodeArchive(&again, arrays); err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeArchive(bytes.NewReader(again.Bytes()), int64(again.Len())); err != nil || len(got) != len(arrays) {
			t.Fatalf("%d arrays are written, %d read again: %v", len(arrays), len(got), err)
		}
	})
}
