package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// Read reads a file. Numbers of other types than F32 are converted to it.
func Read(path string) (*File, error) { return readFile(path, Decode) }

// readFile opens a file and decodes it.
func readFile(path string, decode func(io.ReaderAt, int64) (*File, error)) (*File, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := decode(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// Decode reads a file of size bytes, as Read does. Its errors do not name the file, whose name it does not know.
func Decode(r io.ReaderAt, size int64) (*File, error) {
	meta, entries, begin, err := readEntries(r, size)
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: meta}
	for _, e := range entries {
		t, err := e.read(r, begin)
		if err != nil {
			return nil, fmt.Errorf("tensor %.80q: %w", e.name, err)
		}
		f.Tensors = append(f.Tensors, Tensor{e.name, t})
	}
	return f, nil
}

// readEntries returns the metadata and the entries of the header, and where the numbers begin.
func readEntries(r io.ReaderAt, size int64) (meta map[string]string, entries []entry, begin int64, err error) {
	header, err := readHeader(r, size)
	if err != nil {
		return nil, nil, 0, err
	}
	if size > math.MaxInt {
		return nil, nil, 0, fmt.Errorf("the file has %d bytes, and this program, of 32 bits, reads fewer than 2 GiB at once; use one of 64 bits", size)
	}
	begin = int64(8 + len(header))
	meta, entries, err = parseHeader(header, int(size-begin))
	return meta, entries, begin, err
}

// readHeader returns the JSON header.
func readHeader(r io.ReaderAt, size int64) ([]byte, error) {
	var length [8]byte
	if size < 8 {
		return nil, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	if err := fill(length[:], r, 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(size-8) || n > maxHeader {
		return nil, fmt.Errorf("the header is said to have %d bytes, of a file of %d; at most %d are allowed; "+
			"the file is truncated, corrupt, or no safetensors file", n, size, maxHeader)
	}
	header := make([]byte, n)
	if err := fill(header, r, 8); err != nil {
		return nil, err
	}
	return header, nil
}

// fill reads all of b. A file may be shorter than it was said to be, if another program writes it at the same time.
func fill(b []byte, r io.ReaderAt, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	return fmt.Errorf("%d bytes at %d cannot be read: %w; was the file changed meanwhile?", len(b), at, err)
}

// read reads the numbers of an entry, a piece at a time.
func (e *entry) read(r io.ReaderAt, begin int64) (*tensor.Tensor, error) {
	t, dt := tensor.New(e.Shape...), dtypes[e.Dtype]
	z := t.Data()
	piece := make([]byte, min(len(z), 1<<13)*dt.size)
	for at := begin + int64(e.Data[0]); len(z) > 0; {
		n := min(len(z), len(piece)/dt.size)
		b := piece[:n*dt.size]
		if err := fill(b, r, at); err != nil {
			return nil, err
		}
		for i := range n {
			z[i] = dt.get(b[i*dt.size:])
		}
		z, at = z[n:], at+int64(len(b))
	}
	return t, nil
}
