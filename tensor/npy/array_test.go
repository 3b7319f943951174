package npy

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"spdiff/tensor"
)

// packed returns an archive of arrays by name, written with a method of zip.
func packed(method uint16, arrays map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range arrays {
		w, _ := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: method})
		w.Write(content)
	}
	z.Close()
	return b.Bytes()
}

func encoded(x *tensor.Tensor) []byte {
	var b bytes.Buffer
	Encode(&b, x)
	return b.Bytes()
}

func saved(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Any piece of an array is what reading it whole has there, from a file and from archives of both kinds, for several
// goroutines at once.
func TestReadAt(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	x := ramp(7, 5, 3)
	for name, path := range map[string]string{"": saved(t, encoded(x)), "stored": saved(t, packed(zip.Store, map[string][]byte{"stored": encoded(x)})),
		"deflated": saved(t, packed(zip.Deflate, map[string][]byte{"deflated": encoded(x), "more": encoded(ramp(2))}))} {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		a := f.Array(name)
		if a == nil || !a.Shape().Equal(x.Shape()) || a.Type() != "<f4" || !slices.Contains(f.Names(), name) {
			t.Fatalf("%q: %v in %v", name, a, f.Names())
		}
		var wg sync.WaitGroup
		for from := range 106 {
			wg.Go(func() {
				for n := range 106 - from {
					got := make([]float32, n)
					if err := a.ReadAt(got, int64(from)); err != nil || !slices.Equal(got, x.Data()[from:from+n]) {
						t.Errorf("%q: %d numbers from %d on are %v, %v", name, n, from, got, err)
					}
				}
			})
		}
		wg.Wait()
		for _, c := range [][2]int{{106, 0}, {1, 105}, {0, 106}, {0, -1}, {5, 101}} {
			if err := a.ReadAt(make([]float32, c[0]), int64(c[1])); err == nil || !strings.Contains(err.Error(), "which has 105") {
				t.Errorf("%q: %d numbers from %d on: %v", name, c[0], c[1], err)
			}
		}
		if f.Array("none") != nil {
			t.Error("an array that is not there is")
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := a.ReadAt(make([]float32, 1), 0); name != "deflated" && (err == nil || !strings.Contains(err.Error(), "not there any more")) {
			t.Errorf("%q: reading after closing: %v", name, err)
		}
	}
}

// Numbers of every type are those that Decode gives.
func TestReadAtTypes(t *testing.T) {
	data := make([]byte, 64)
	for i := range data {
		data[i] = byte(37*i + 1)
	}
	for descr, kind := range numbers {
		b := file(1, head(descr, "4, 2"), data[:8*kind.size]...)
		want, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Open(saved(t, b))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, 8)
		if err := f.Array("").ReadAt(got, 0); err != nil {
			t.Error(err)
		}
		for i := range got {
			if w := want.Data()[i]; got[i] != w && (got[i] == got[i] || w == w) {
				t.Errorf("%s: %v, want %v", descr, got, want.Data())
			}
		}
		f.Close()
	}
}

func TestOpenErrors(t *testing.T) {
	whole := packed(zip.Store, map[string][]byte{"x": encoded(ramp(9))})
	large := bytes.Clone(whole)
	at := bytes.Index(large, []byte("PK\x01\x02"))
	large[at+20], large[at+24] = 0xff, 0xff // the sizes of x
	for _, c := range []struct {
		want string
		file []byte
	}{
		{"does not begin", nil},
		{"does not begin", []byte("hello")},
		{"there are 3 bytes", file(1, head("<f4", "1,"), 1, 2, 3)},
		{"too many", file(1, head("<f4", "4294967296, 4294967296"))},
		{"not a valid zip file", whole[:len(whole)-1]},
		{"its 255 bytes are not there", large},
		{`"x.npy" in the archive: numbers of type`, packed(zip.Store, map[string][]byte{"x": file(1, head("|O", "1,"))})},
		{"unpacks to", packed(zip.Deflate, map[string][]byte{"x": make([]byte, always+1)})},
	} {
		path := saved(t, c.file)
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v; want an error with %q and the path", err, c.want)
		}
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("a folder is opened")
	}
}

// Reading piece by piece allocates nothing in a steady state.
func TestReadAtAllocatesNothing(t *testing.T) {
	f, err := Open(saved(t, encoded(ramp(8, 100))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, i := make([]float32, 100), int64(0)
	if n := testing.AllocsPerRun(50, func() { f.Array("").ReadAt(x, i%8*100); i++ }); n > 0.5 {
		t.Errorf("%v allocations a piece", n)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(encoded(ramp(2, 3)))
	f.Add(packed(zip.Store, map[string][]byte{"x": encoded(ramp(2, 3))}))
	f.Add(packed(zip.Deflate, map[string][]byte{"x": encoded(ramp(2, 3)), "y": file(2, head("|u1", "2, 2"), 1, 2, 3, 4)}))
	f.Add(file(1, head("<f4", "4294967296, 4294967296")))
	f.Fuzz(func(t *testing.T, b []byte) {
		size := int64(len(b))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		arrays, err := index(bytes.NewReader(b), size)
		runtime.ReadMemStats(&after)
		if n := int64(after.TotalAlloc - before.TotalAlloc); n > 4*max(always, maxRatio*size)+64*size+1<<20 {
			t.Fatalf("%d bytes are taken for %d", n, size)
		}
		if err != nil {
			return
		}
		for name, a := range arrays {
			n := a.Shape().Size()
			if int64(n) > max(always, maxRatio*size) {
				t.Fatalf("%q has %d numbers, of %d bytes", name, n, size)
			}
			if err := a.ReadAt(make([]float32, min(n, 10)), int64(n-min(n, 10))); err != nil {
				t.Fatalf("%q: %v", name, err)
			}
		}
	})
}
