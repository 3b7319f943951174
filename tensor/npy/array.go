package npy

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// A File is a .npy or .npz file whose arrays are read piece by piece, so that it may be larger than memory. It may be read
// from several goroutines at once. Compressed arrays of an archive, which cannot be read so, are unpacked into memory, in the
// bytes of the file's own numbers.
type File struct {
	file   *os.File
	arrays map[string]*Array
}

// An Array is an array in a File.
type Array struct {
	shape  tensor.Shape
	kind   number
	descr  string
	r      io.ReaderAt // the numbers, from 0 on
	pieces sync.Pool
}

// Open opens a .npy or .npz file, whichever its first bytes say; the array of a .npy file has the name "".
func Open(path string) (*File, error) {
	file, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if f.arrays, err = index(file, size); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// index finds the arrays of a file.
func index(r io.ReaderAt, size int64) (map[string]*Array, error) {
	start := make([]byte, 2)
	if _, err := r.ReadAt(start, 0); err == nil && string(start) == "PK" {
		return indexArchive(r, size)
	}
	a, err := newArray(r, size)
	return map[string]*Array{"": a}, err
}

// newArray reads the header of a .npy file and checks it against the file's size.
func newArray(r io.ReaderAt, size int64) (*Array, error) {
	left := size
	text, err := readHeader(io.NewSectionReader(r, 0, size), &left)
	if err != nil {
		return nil, err
	}
	kind, descr, shape, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	if err := checkSize(shape, kind.size, left); err != nil {
		return nil, err
	}
	return &Array{shape: shape, kind: kind, descr: descr, r: io.NewSectionReader(r, size-left, left)}, nil
}

// indexArchive finds the arrays of a .npz file of size bytes.
func indexArchive(r io.ReaderAt, size int64) (map[string]*Array, error) {
	arrays := map[string]*Array{}
	err := eachMember(r, size, func(name string, f *zip.File) (err error) {
		arrays[name], err = member(r, size, f)
		return err
	})
	return arrays, err
}

// member returns an array of an archive.
func member(r io.ReaderAt, size int64, f *zip.File) (*Array, error) {
	n := int64(f.UncompressedSize64)
	if f.Method == zip.Store {
		at, err := f.DataOffset()
		if err != nil {
			return nil, err
		}
		if f.CompressedSize64 != f.UncompressedSize64 || at > size || n > size-at {
			return nil, fmt.Errorf("its %d bytes are not there; the file is truncated or corrupt", n)
		}
		return newArray(io.NewSectionReader(r, at, n), n)
	}
	z, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer z.Close()
	var b bytes.Buffer // grows as bytes arrive, whatever the archive claims
	if _, err := io.Copy(&b, z); err != nil {
		return nil, err
	}
	return newArray(bytes.NewReader(b.Bytes()), int64(b.Len()))
}

// Close closes the file; its arrays cannot be read any more.
func (f *File) Close() error { return f.file.Close() }

// Names returns the names of the arrays, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.arrays)) }

// Array returns the array of a name, nil if there is none.
func (f *File) Array(name string) *Array { return f.arrays[name] }

// Shape returns the shape. It must not be changed.
func (a *Array) Shape() tensor.Shape { return a.shape }

// Type returns numpy's name of the type of the numbers in the file, as "|u1" for bytes and "<f4" for float32.
func (a *Array) Type() string { return a.descr }

// ReadAt sets dst to the numbers from number from on, in C order. It returns an error that says where they end if there are
// not as many.
func (a *Array) ReadAt(dst []float32, from int64) error {
	if n := int64(a.shape.Size()); from < 0 || from > n || int64(len(dst)) > n-from {
		return fmt.Errorf("%d numbers from %d on are wanted of an array of shape %v, which has %d", len(dst), from, a.shape, n)
	}
	piece, _ := a.pieces.Get().(*[]byte)
	if piece == nil || len(*piece) < len(dst)*a.kind.size {
		b := make([]byte, len(dst)*a.kind.size)
		piece = &b
	}
	defer a.pieces.Put(piece)
	b := (*piece)[:len(dst)*a.kind.size]
	if n, err := a.r.ReadAt(b, from*int64(a.kind.size)); n < len(b) {
		return fmt.Errorf("the numbers from %d on are not there any more: %w", from, err)
	}
	for i := range dst {
		dst[i] = a.kind.get(b[i*a.kind.size:])
	}
	return nil
}

// eachMember calls do for each array of a .npz file of size bytes, having checked its name and what it may unpack to.
func eachMember(r io.ReaderAt, size int64, do func(name string, f *zip.File) error) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return err
	}
	seen, left := map[string]bool{}, uint64(max(always, maxRatio*size))
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "__MACOSX/") { // which macOS adds
			continue
		}
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return fmt.Errorf("%q in the archive is no .npy file", f.Name)
		}
		if seen[name] {
			return fmt.Errorf("%q comes twice in the archive", f.Name)
		}
		seen[name] = true
		if f.UncompressedSize64 > left {
			return fmt.Errorf("%q in the archive unpacks to %d bytes; all that %d bytes are allowed to unpack to is %d; "+
				"save it with numpy.savez, which does not compress", f.Name, f.UncompressedSize64, size, max(always, maxRatio*size))
		}
		left -= f.UncompressedSize64
		if err := do(name, f); err != nil {
			return fmt.Errorf("%q in the archive: %w", f.Name, err)
		}
	}
	return nil
}
