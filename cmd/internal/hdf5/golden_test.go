package hdf5

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open(t testing.TB, name string) *File {
	t.Helper()
	f, err := Open(filepath.Join("testdata", name+".h5"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func array(t testing.TB, f *File, name string) *Dataset {
	t.Helper()
	d, err := f.Dataset(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rule is element i as make_hdf5_golden.py has it.
func rule(i int) int { return (7*i + i*i/5) % 251 }

// element returns the bytes of element i of a type.
func element(t Type, i int) []byte {
	v := int64(rule(i))
	if t.Signed {
		v -= 100
	}
	bits := uint64(v)
	if t.Class == Float && t.Size == 4 {
		bits = uint64(math.Float32bits(float32(v) / 8))
	} else if t.Class == Float {
		bits = math.Float64bits(float64(v) / 8)
	}
	b := make([]byte, 8)
	if t.BigEndian {
		binary.BigEndian.PutUint64(b, bits<<(64-8*t.Size))
	} else {
		binary.LittleEndian.PutUint64(b, bits)
	}
	return b[:t.Size]
}

// whole returns the bytes of an array, read at most n rows at a time.
func whole(t testing.TB, d *Dataset, n int) []byte {
	t.Helper()
	b := make([]byte, d.Rows()*d.RowBytes())
	for from := 0; from < d.Rows(); from += n {
		to := min(d.Rows(), from+n)
		if err := d.ReadAt(b[from*d.RowBytes():to*d.RowBytes()], from); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Every layout and index has the elements of the rule, however many rows are read at once, and however large the array may become.
func TestLayouts(t *testing.T) {
	for _, c := range []struct{ file, names, shape string }{
		{"earliest", "contiguous chunked packed single growing,packed growing", "[7 5 3]"},
		{"latest", "contiguous chunked packed single growing,packed growing", "[7 5 3]"},
		{"earliest", "group/inside", "[4]"},
		{"latest", "group/inside", "[4]"},
		{"lowlevel", "implicit compact", "[5 4]"},
		{"growing", "fixed packed first middle last smaller implicit", "[7 5 3]"},
		{"pages", "fixed growing", "[1100]"},
		{"small", "contiguous packed", "[7 5 3]"},
		{"version1", "contiguous chunked packed", "[7 5 3]"},
		{"version2", "contiguous chunked packed", "[7 5 3]"},
		{"version1", "group/inside", "[4]"},
		{"version2", "group/inside", "[4]"},
	} {
		f := open(t, c.file)
		names := strings.Fields(c.names)
		if first, rest, ok := strings.Cut(c.names, ","); ok {
			names = append(strings.Fields(first), rest)
		}
		for _, name := range names {
			d := array(t, f, name)
			if got := fmt.Sprint(d.Shape); got != c.shape {
				t.Errorf("%s %s has the shape %s, want %s", c.file, name, got, c.shape)
				continue
			}
			var want []byte
			for i := range d.Rows() * d.RowBytes() / d.Type.Size {
				want = append(want, element(d.Type, i)...)
			}
			for _, n := range []int{1, 2, 3, d.Rows()} {
				if got := whole(t, d, n); !slices.Equal(got, want) {
					t.Fatalf("%s %s, %d rows at once: %v, want %v", c.file, name, n, got, want)
				}
			}
		}
	}
}

// What was never written is the fill value.
func TestHoles(t *testing.T) {
	for _, file := range []string{"earliest", "latest"} {
		f := open(t, file+"_fill")
		for i, v := range whole(t, array(t, f, "holes"), 3) {
			x, y, z := i/15, i/3%5, i%3
			want := byte(7)
			if x >= 2 && x < 4 && y < 2 && z < 2 {
				want = 9
			}
			if v != want {
				t.Fatalf("%s: element %d %d %d is %d, want %d", file, x, y, z, v, want)
			}
		}
		for i, v := range whole(t, array(t, f, "empty"), 7) {
			if want := []byte{0xfb, 0xff, 0xff, 0xff}[i%4]; v != want {
				t.Fatalf("%s: byte %d of what is empty is %#x", file, i, v)
			}
		}
	}
}

// Chunks beyond the shape, as of an array that was larger, are passed over.
func TestSmaller(t *testing.T) {
	d := array(t, open(t, "earliest"), "chunked")
	d.Shape = []int{6, 2, 2}
	for i, got := 0, whole(t, d, 4); i < 24; i++ {
		x, y, z := i/4, i/2%2, i%2
		if want := element(d.Type, 15*x+3*y+z); !slices.Equal(got[2*i:2*i+2], want) {
			t.Fatalf("element %d %d %d is %v, want %v", x, y, z, got[2*i:2*i+2], want)
		}
	}
}

// An array of small addresses that has no chunk is its fill value.
func TestSmallEmpty(t *testing.T) {
	if got := whole(t, array(t, open(t, "small"), "empty"), 3); !slices.Equal(got, []byte{7, 7, 7}) {
		t.Errorf("%v, want 7 7 7", got)
	}
}

// names returns the names in the root group, sorted.
func names(f *File) ([]string, error) {
	links, err := f.group(f.root)
	return slices.Sorted(maps.Keys(links)), err
}

// Numbers of every width, sign and order of bytes: their types say how the bytes of the rule are written.
func TestTypes(t *testing.T) {
	for file, n := range map[string]int{"earliest_types": 14, "latest_types": 7} {
		f := open(t, file)
		all, err := names(f)
		if err != nil || len(all) != n {
			t.Errorf("%s: %v, %v", file, all, err)
		}
		for _, name := range all {
			d := array(t, f, name)
			got := whole(t, d, 4)
			for i := range 6 {
				want := element(d.Type, i)
				if name == "abool" {
					want = []byte{byte(rule(i) % 2)}
				}
				if b := got[i*d.Type.Size:][:d.Type.Size]; !slices.Equal(b, want) {
					t.Errorf("%s %s, %v: element %d is %v, want %v", file, name, d.Type, i, b, want)
				}
			}
		}
	}
}

// Texts of fixed and of variable length, and of each kind of padding.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		file, name string
		n          int
	}{{"earliest_texts", "padded", 11}, {"latest_texts", "padded", 11}, {"earliest_texts", "variable", 11}, {"latest_texts", "variable", 11},
		{"lowlevel", "terminated", 3}, {"lowlevel", "spaces", 3}, {"small", "variable", 2}} {
		texts := make([]string, c.n-1)
		if err := array(t, open(t, c.file), c.name).Texts(texts, 1); err != nil {
			t.Errorf("%s %s: %v", c.file, c.name, err)
		}
		for i, s := range texts {
			if want := fmt.Sprintf("organ_%d", i+1); s != want {
				t.Errorf("%s %s: text %d is %q, want %q", c.file, c.name, i+1, s, want)
			}
		}
	}
	if got := whole(t, array(t, open(t, "latest_texts"), "scalar"), 1); !slices.Equal(got, []byte{42, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("the bytes of a single 42 are %v", got)
	}
}

// What is not read is an error that says what it is.
func TestNotRead(t *testing.T) {
	for _, c := range []struct{ file, name, want string }{
		{"not_tree2", "tree", "version 2 B-tree"},
		{"not_tree2", "lzf", "h5repack -f GZIP=4"},
		{"not_tree2", "compound", "compound"},
		{"not_tree2", "complex", "compound"},
		{"not_tree2", "half", "floating-point numbers have 16 bits"},
		{"not_tree2", "soft", "soft"},
		{"not_tree2", "nothing", `there are "complex"`},
		{"not_dense", "a1", "fractal heap"},
		{"latest", "group", "no array"},
		{"latest", "contiguous/x", "no group"},
	} {
		if _, err := open(t, c.file).Dataset(c.name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v; want an error with %q", c.file, c.name, err, c.want)
		}
	}
	if _, err := Open(filepath.Join("testdata", "make_hdf5_golden.py")); err == nil || !strings.Contains(err.Error(), ErrNotHDF5.Error()) {
		t.Errorf("a text: %v", err)
	}
	table := array(t, open(t, "latest_texts"), "padded")
	table.Shape = []int{11, 1}
	for _, d := range []*Dataset{table, array(t, open(t, "latest_texts"), "scalar")} {
		if err := d.Texts(make([]string, 1), 0); err == nil || !strings.Contains(err.Error(), "a list of texts is wanted") {
			t.Errorf("the shape %v of %v: %v; want an error", d.Shape, d.Type, err)
		}
	}
}

// A sum that is not that of its bytes is an error.
func TestSum(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "latest.h5"))
	if err != nil {
		t.Fatal(err)
	}
	d := array(t, open(t, "latest"), "packed")
	c, ok, err := d.find(0)
	if err != nil || !ok {
		t.Fatal(err)
	}
	b[c.at+c.bytes-1] ^= 1
	f, err := New(strings.NewReader(string(b)), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if err := array(t, f, "packed").ReadAt(make([]byte, d.RowBytes()), 0); err == nil || !strings.Contains(err.Error(), "its sum") {
		t.Errorf("%v; want an error about the sum", err)
	}
}

// A chunk that went without a filter says so; some layouts let those at the edges go without any.
func TestWithout(t *testing.T) {
	d := &Dataset{Shape: []int{5, 4}, Type: Type{Size: 1}, filters: []filter{{id: shuffle}, {id: gzip}}, layout: layout{extents: []uint64{2, 2}, element: 1}}
	raw := []byte{1, 2, 3, 4}
	if b, err := d.unpack(raw, 3); err != nil || !slices.Equal(b, raw) {
		t.Errorf("%v, %v", b, err)
	}
	if _, err := d.unpack(raw, 1); err == nil {
		t.Error("what is not packed is unpacked")
	}
	for i, want := range []bool{false, false, false, false, true, true} {
		if at := []uint64{uint64(i / 2), uint64(i % 2)}; d.partial(at) != want {
			t.Errorf("chunk %d is partial: %v", at, !want)
		}
	}
}

// Several goroutines read the same array.
func TestGoroutines(t *testing.T) {
	d := array(t, open(t, "earliest"), "packed")
	want := whole(t, array(t, open(t, "earliest"), "packed"), 7)
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			row := make([]byte, d.RowBytes())
			for i := range 7 {
				k := (i*3 + g) % 7
				if err := d.ReadAt(row, k); err != nil || !slices.Equal(row, want[k*len(row):][:len(row)]) {
					t.Errorf("row %d: %v", k, err)
				}
			}
		})
	}
	wait.Wait()
}

// The least wanted chunks are forgotten, and read again.
func TestForget(t *testing.T) {
	d := array(t, open(t, "earliest"), "growing")
	want := whole(t, d, 1)
	d.held = maxHeld - 20 // room for one
	for range 2 {
		if got := whole(t, d, 1); !slices.Equal(got, want) {
			t.Fatal("other elements")
		}
	}
	d.keep(held{1 << 40, make([]byte, 15)})
	d.keep(held{1 << 41, make([]byte, 15)})
	if _, ok := d.cached[1<<41]; !ok || d.held > maxHeld || d.recent.Len() != len(d.cached) {
		t.Errorf("%d chunks of %d bytes are kept", d.recent.Len(), d.held)
	}
}
