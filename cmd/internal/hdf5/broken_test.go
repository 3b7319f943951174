package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/allocs"
)

const python = "/usr/bin/python3"

// An index of many pages, most of them never written, as h5py makes it now.
func TestMany(t *testing.T) {
	if err := exec.Command(python, "-c", "import h5py").Run(); err != nil {
		t.Skipf("SKIPPED: large indexes are not checked with h5py: %v; install python3-h5py", err)
	}
	folder := t.TempDir()
	if out, err := exec.Command(python, filepath.Join("testdata", "make_hdf5_golden.py"), folder, "many").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := Open(filepath.Join(folder, "many.h5"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, v := range whole(t, array(t, f, "fixed"), 5000) {
		want := byte(250)
		if i >= 2100 && i < 2200 {
			want = byte(rule(i))
		}
		if v != want {
			t.Fatalf("fixed: element %d is %d, want %d", i, v, want)
		}
	}
	for _, name := range []string{"growing", "packed"} {
		for i, v := range whole(t, array(t, f, name), 70000) {
			want := byte(250)
			if i < 300 || i >= 60000 && i < 65000 {
				want = byte(rule(i))
			}
			if v != want {
				t.Fatalf("%s: element %d is %d, want %d", name, i, v, want)
			}
		}
	}
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".h5"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// use does with a file all that can be done, and returns the errors.
func use(b []byte) error {
	f, err := New(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	names, err := f.Names()
	if err != nil {
		return err
	}
	var all []error
	note := func(err error) { all = append(all, err) }
	for _, name := range names[:min(len(names), 20)] {
		d, err := f.Dataset(name)
		if err != nil {
			note(err)
			continue
		}
		if d.layout.kind == chunked {
			_, _, err = d.find(0)
			note(err)
		}
		if d.Rows() == 0 || d.RowBytes() > 1<<16 || d.RowCost() > 1<<20 {
			continue
		}
		note(d.ReadAt(make([]byte, d.RowBytes()), d.Rows()-1))
		if len(d.Shape) > 1 {
			continue
		}
		switch n := min(d.Rows(), 100); d.Type.Class {
		case Integer:
			note(d.Ints(make([]int64, n), 0))
		case Float:
			note(d.Floats(make([]float64, n), 0))
		default:
			note(d.Texts(make([]string, n), 0))
		}
	}
	return errors.Join(all...)
}

// Every kind of broken file is an error, and takes little memory.
func TestBroken(t *testing.T) {
	change := func(name, old, new string) []byte {
		b := file(t, name)
		if !bytes.Contains(b, []byte(old)) {
			t.Fatalf("%s has no %q", name, old)
		}
		return bytes.Replace(b, []byte(old), []byte(new), 1)
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"nothing", "no HDF5", nil},
		{"a beginning", "superblock", []byte(signature)},
		{"version 9", "version 9", change("earliest", signature+"\x00", signature+"\x09")},
		{"cut off", "cut off", file(t, "earliest")[:3000]},
		{"half", "cut off", file(t, "latest")[:1200]},
		{"another tree", "a tree's node", change("earliest", "TREE\x00", "TREE\x01")},
		{"another node", "a node of symbols", change("earliest", "SNOD", "SNOB")},
		{"another heap", "a heap", change("earliest", "HEAP", "HEAD")},
		{"another header", "an object header", change("latest", "OHDR", "OHDD")},
		{"another fixed array", "a fixed array", change("latest", "FAHD", "FAHE")},
		{"another block of it", "a fixed array", change("latest", "FADB", "FADC")},
		{"another extensible array", "an extensible array", change("latest", "EAHD", "EAHE")},
		{"another index block", "an extensible array", change("latest", "EAIB", "EAIC")},
		{"another data block", "an extensible array", change("pages", "EADB", "EADC")},
		{"another super block", "an extensible array", change("pages", "EASB", "EASC")},
		{"another heap of texts", "a global heap", change("latest_texts", "GCOL", "GCOM")},
	} {
		allocs.Bound(t, 4<<20, func() {
			if err := use(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
			}
		})
	}
}

// A tree that leads into itself comes to an end.
func TestCircle(t *testing.T) {
	b := file(t, "earliest")
	at := bytes.Index(b, []byte("TREE\x00"))
	copy(b[at+5:], "\x01\x01\x00")                         // level 1, one entry
	copy(b[at+32:], []byte{byte(at), byte(at >> 8), 0, 0}) // itself
	allocs.Bound(t, 4<<20, func() {
		if err := use(b); err == nil || !strings.Contains(err.Error(), "a tree's node") {
			t.Errorf("%v; want an error about a node", err)
		}
	})
}

// counted counts how often it is read.
type counted struct {
	*bytes.Reader
	n int
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	c.n++
	return c.Reader.ReadAt(b, at)
}

// treeNode is a node of a level, with as many entries that lead to an address.
func treeNode(level byte, n int, to uint64) []byte {
	b := append([]byte("TREE\x01"), level, byte(n), byte(n>>8))
	b = append(b, make([]byte, 16)...)
	for range n {
		b = binary.LittleEndian.AppendUint64(append(b, make([]byte, 8)...), to)
	}
	return b
}

// Levels of a tree must descend, and entries that lead to the same node again and again come to an end.
func TestWideTree(t *testing.T) {
	const entries = 200
	size := uint64(len(treeNode(0, entries, 0)))
	file := slices.Concat(treeNode(2, entries, size), treeNode(1, entries, 2*size), treeNode(0, entries, 0), treeNode(1, 1, 3*size))
	r := &counted{bytes.NewReader(file), 0}
	f := &File{r: r, size: int64(len(file)), sizes: sizes{8, 8}}
	leaves := 0
	if err := f.tree(0, chunkTree, 8, func([]byte, uint64) error { leaves++; return nil }); err == nil || leaves > len(file)/24 {
		t.Errorf("%d leaves, %v", leaves, err)
	}
	r.n = 0
	if err := f.tree(3*size, chunkTree, 8, nil); err == nil || r.n > 4 {
		t.Errorf("a node that leads to itself is read %d times, %v", r.n, err)
	}
}

// An extent of 0 does not make others believed.
func TestShape(t *testing.T) {
	b := append([]byte{2, 3, 0, 1}, make([]byte, 8)...)
	for range 2 {
		b = binary.LittleEndian.AppendUint64(b, 1<<40)
	}
	if err := (&Dataset{}).readShape(&cursor{b: b, sizes: sizes{8, 8}}); err == nil {
		t.Error("a row of 2⁸⁰ elements is believed")
	}
}

// Any bytes are read or are an error, for memory that is bounded.
func FuzzNew(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.h5"))
	if err != nil || len(names) < 12 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && len(b) < 8<<10 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		allocs.Bound(t, 256<<20, func() { use(b) })
	})
}
