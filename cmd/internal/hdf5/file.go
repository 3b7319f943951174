package hdf5

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"spdiff/tensor/atomicfile"
)

// A File is an HDF5 file. Its methods, and those of its arrays, may be called from several goroutines at once.
type File struct {
	r     io.ReaderAt
	close func() error
	size  int64
	base  uint64 // of all addresses
	root  uint64 // address of the root group
	sizes
}

// ErrNotHDF5 says that a file is of another kind.
var ErrNotHDF5 = errors.New("it is no HDF5 file")

const signature = "\x89HDF\r\n\x1a\n"

// Is reports whether a file begins as HDF5 does.
func Is(start []byte) bool { return strings.HasPrefix(string(start), signature) }

// Open opens a file.
func Open(path string) (*File, error) {
	r, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := New(r, size)
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.close = r.Close
	return f, nil
}

// New returns the file of size bytes that r reads, which must be safe for several goroutines.
func New(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, size: size, close: func() error { return nil }}
	for at := int64(0); at+int64(len(signature)) <= size; at = max(512, 2*at) {
		start := make([]byte, len(signature))
		if _, err := r.ReadAt(start, at); err != nil && err != io.EOF {
			return nil, err
		}
		if Is(start) {
			return f, f.superblock(uint64(at))
		}
	}
	return nil, ErrNotHDF5
}

// Close closes the file.
func (f *File) Close() error { return f.close() }

// maxSuperblock is more than any of them has.
const maxSuperblock = 128

// superblock reads the superblock at an address.
func (f *File) superblock(at uint64) error {
	c, err := f.some(at, maxSuperblock, "the superblock")
	if err != nil {
		return err
	}
	c.bytes(len(signature))
	switch version := c.u8(); version {
	case 0, 1:
		c.bytes(4)
		f.sizes = sizes{c.u8(), c.u8()}
		c.bytes(9 + 4*version)
		c.sizes = f.sizes
		base := c.address()
		c.address()
		c.address()
		c.address()
		c.address() // of the root's name
		f.base, f.root = base, c.address()
	case 2, 3:
		f.sizes = sizes{c.u8(), c.u8()}
		c.bytes(1)
		c.sizes = f.sizes
		base := c.address()
		c.address()
		c.address()
		f.base, f.root = base, c.address()
	default:
		return fmt.Errorf("its superblock has version %d; 0 to 3 are read", version)
	}
	known := func(n int) bool { return n == 4 || n == 8 }
	if c.short || !known(f.offset) || !known(f.length) || f.base > uint64(f.size) {
		return damaged("the superblock", at)
	}
	return nil
}

// Dataset returns the array of a name, as "x" or "group/x".
func (f *File) Dataset(name string) (*Dataset, error) {
	at := f.root
	for _, part := range strings.Split(strings.Trim(name, "/"), "/") {
		links, err := f.group(at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		next, ok := links[part]
		if !ok {
			return nil, fmt.Errorf("there is no %q; there are %s", name, some(links))
		}
		if next == undefined {
			return nil, fmt.Errorf("%q is a soft or external link, which is not followed", name)
		}
		at = next
	}
	d, err := f.dataset(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// some names up to ten.
func some(links map[string]uint64) string {
	var names []string
	for name := range links {
		names = append(names, fmt.Sprintf("%.40q", name))
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names[:min(10, len(names))], ", ")
}
