package hdf5

import (
	"bytes"
	"compress/zlib"
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
	all, err := names(f)
	if err != nil {
		return err
	}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	for _, name := range all[:min(len(all), 20)] {
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
		if n := min(d.Rows(), 100); d.Type.Class == Integer || d.Type.Class == Float {
			note(d.ReadAt(make([]byte, n*d.RowBytes()), 0))
		} else {
			note(d.Texts(make([]string, n), 0))
		}
	}
	return errors.Join(errs...)
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

// Entries of an index that are the same again and again are an error once there are more than the file has room for.
func TestWideArray(t *testing.T) {
	const n = 1 << 12
	data := uint64(prefix + 8 + 4 + 8*n) // the data block after the super block
	file := append([]byte("EASB\x00\x00"), make([]byte, 8+4)...)
	for range n {
		file = binary.LittleEndian.AppendUint64(file, data)
	}
	file = append(append(file, "EADB\x00\x00"...), make([]byte, 8+4)...)
	file = append(file, bytes.Repeat([]byte{0xff}, 8*n)...)
	r := &counted{bytes.NewReader(file), 0}
	f := &File{r: r, size: int64(len(file)), sizes: sizes{8, 8}}
	d := &Dataset{f: f, Shape: []int{n * n}, layout: layout{extents: []uint64{1}, element: 1}, left: uint64(len(file)) / 4}
	x := extensible{entry: entry{bytes: 8}, d: d, paging: maxPaging, offset: 4, remaining: n * n}
	if err := x.superBlock(0, 0, n, n); err == nil || !strings.Contains(err.Error(), "more entries") || r.n > 5 {
		t.Errorf("%d reads, %v", r.n, err)
	}
}

// symbolTable returns a file of a tree whose entries all lead to one node of symbols, and what a group says of it. The heap is one name
// of as many letters; the symbols' names are parts of it: they begin with its letters from first on, in turn.
func symbolTable(entries, symbols, letters, first int) (*File, *counted, *cursor) {
	name := append(bytes.Repeat([]byte{'a'}, letters), 0)
	file := append([]byte("HEAP\x00\x00\x00\x00"), make([]byte, 24)...)
	binary.LittleEndian.PutUint64(file[8:], uint64(len(name)))
	binary.LittleEndian.PutUint64(file[24:], uint64(len(file)))
	file = append(file, name...)
	node := uint64(len(file))
	file = append(file, "SNOD\x01\x00"...)
	file = binary.LittleEndian.AppendUint16(file, uint16(symbols))
	for i := range symbols {
		file = binary.LittleEndian.AppendUint64(file, uint64(first+i%(letters-first)))
		file = append(file, make([]byte, 32)...)
	}
	at := uint64(len(file))
	file = append(file, treeNode(0, entries, node)...)
	file[at+4] = groupTree
	r := &counted{bytes.NewReader(file), 0}
	table := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, at), 0)
	return &File{r: r, size: int64(len(file)), sizes: sizes{8, 8}}, r, &cursor{b: table, sizes: sizes{8, 8}}
}

// Symbols of a group are as many as the file has room for, and their names as long as the heap: not one name in part for each symbol.
func TestSymbols(t *testing.T) {
	for _, c := range []struct {
		name                             string
		entries, symbols, letters, first int
		fails                            bool
	}{
		{"a few names", 1, 3, 10, 7, false},
		{"one node again and again", 2000, 1000, 1 << 16, 1<<16 - 1, true},
		{"one name again and again", 1, 1000, 1 << 16, 0, true},
	} {
		f, r, table := symbolTable(c.entries, c.symbols, c.letters, c.first)
		links := map[string]uint64{}
		allocs.Bound(t, 4<<20, func() {
			if err := f.symbols(table, links); (err != nil) != c.fails || r.n > 20 {
				t.Errorf("%s: %d links in %d reads, %v", c.name, len(links), r.n, err)
			}
		})
	}
}

// Texts that lead to heaps in turn, of which there are more than are kept and all in the same bytes, are an error in the end: however few
// are read at once.
func TestHeapsInTurn(t *testing.T) {
	const heaps, size, texts, each = maxHeaps + 1, 1 << 20, 10_000, 100
	file := make([]byte, 32*(heaps+1)+size)
	for k := range heaps {
		head := append([]byte("GCOL\x01\x00\x00\x00"), make([]byte, 24)...)
		binary.LittleEndian.PutUint64(head[8:], size)
		head[16], head[24] = 1, 4 // its object 1 is the first four letters of the next
		copy(file[32*(k+1):], head)
	}
	at := uint64(len(file))
	for i := range texts {
		file = binary.LittleEndian.AppendUint32(file, 4)
		file = binary.LittleEndian.AppendUint64(file, uint64(32*(i%heaps+1)))
		file = binary.LittleEndian.AppendUint32(file, 1)
	}
	f := &File{r: bytes.NewReader(file), size: int64(len(file)), sizes: sizes{8, 8}}
	d := &Dataset{f: f, Shape: []int{texts}, Type: Type{Class: VarText, Size: 16}, layout: layout{kind: contiguous, at: at}}
	dst, read := make([]string, each), 0
	var err error
	for ; read < texts && err == nil; read += each {
		err = d.Texts(dst, read)
	}
	if err == nil || !strings.Contains(err.Error(), "heaps of texts") || dst[0] != "GCOL" {
		t.Errorf("%d texts, the first %q: %v", read, dst[0], err)
	}
}

// A group has one table of symbols.
func TestTwoTables(t *testing.T) {
	f, _, table := symbolTable(1, 2, 2, 0)
	header := append([]byte{1, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0}, bytes.Repeat(append([]byte{msgSymbols, 0, 16, 0, 0, 0, 0, 0}, table.b...), 2)...)
	file := make([]byte, f.size)
	f.r.ReadAt(file, 0)
	f.r, f.size = bytes.NewReader(append(file, header...)), f.size+int64(len(header))
	if _, err := f.group(uint64(len(file))); err == nil || !strings.Contains(err.Error(), "second table") {
		t.Errorf("%v; want an error about a second table", err)
	}
}

// A file that became shorter than it was is an error, not zeros.
func TestShorter(t *testing.T) {
	f := &File{r: bytes.NewReader(make([]byte, 10)), size: 20}
	if b, err := f.read(5, 10, "an array"); err == nil || !strings.Contains(err.Error(), "an array ends after 5 of 10 bytes") {
		t.Errorf("%v, %v", b, err)
	}
}

// A chunk so large that what it may unpack to is no int of 32 bits is unpacked there, too.
func TestLargeChunk(t *testing.T) {
	want := bytes.Repeat([]byte{1, 2, 3}, 1<<20)
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	z.Write(want)
	z.Close()
	if got, err := gunzip(b.Bytes(), len(want)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(want))
	}
}

// An array cannot be larger than it may become, and just one extent of an extensible array has no end.
func TestMost(t *testing.T) {
	shape := func(most ...uint64) []byte {
		b := []byte{2, byte(len(most)), 1, 1}
		for range most {
			b = binary.LittleEndian.AppendUint64(b, 3)
		}
		for _, n := range most {
			b = binary.LittleEndian.AppendUint64(b, n)
		}
		return b
	}
	for _, c := range []struct {
		index int
		most  []uint64
		ok    bool
	}{
		{indexFixed, []uint64{3, 9}, true},
		{indexFixed, []uint64{3, 2}, false},
		{indexFixed, []uint64{3, endless}, false},
		{indexFixed, []uint64{1 << 40, 1 << 40}, false},
		{indexExtensible, []uint64{3, endless}, true},
		{indexExtensible, []uint64{endless, endless}, false},
		{indexExtensible, []uint64{3, 9}, false},
		{indexTree, []uint64{endless, 1 << 62}, true},
	} {
		d := &Dataset{Type: Type{Size: 1}, layout: layout{kind: chunked, index: c.index, extents: []uint64{1, 1}, element: 1}}
		err := d.readShape(&cursor{b: shape(c.most...), sizes: sizes{8, 8}})
		if err == nil {
			err = d.checkLayout()
		}
		if (err == nil) != c.ok {
			t.Errorf("index %d, %d: %v", c.index, c.most, err)
		}
	}
	small := &cursor{b: []byte{0xff, 0xff, 0xff, 0xff}, sizes: sizes{4, 4}}
	if n := small.limit(); n != endless {
		t.Errorf("four bytes without an end are %d", n)
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
