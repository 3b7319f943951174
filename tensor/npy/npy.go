package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// Write writes t to a .npy file, aside first: where it fails, what was at path is still there, whole.
func Write(path string, t *tensor.Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Encode(w, t) })
}

// Encode writes t as a .npy file. Equal tensors give equal bytes.
func Encode(w io.Writer, t *tensor.Tensor) error { return exact(t).encode(w) }

// exact returns t as an array that keeps its type, as all do that are written.
func exact(t *tensor.Tensor) Exact[float32] { return Exact[float32]{t.Shape(), t.Data()} }

// Read reads a .npy file.
func Read(path string) (*tensor.Tensor, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := Decode(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Decode reads a .npy file of size bytes.
func Decode(r io.Reader, size int64) (*tensor.Tensor, error) {
	text, err := readHeader(r, &size)
	if err != nil {
		return nil, err
	}
	kind, _, shape, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	if err := checkSize(shape, kind.size, size); err != nil {
		return nil, err
	}
	t := tensor.New(shape...)
	return t, kind.read(t.Data(), r)
}

// A number is a type of numbers in a file: their size in bytes, and the float32 nearest to one.
type number struct {
	size int
	get  func(b []byte) float32
}

// numbers are those that Decode understands, by their names in headers.
var numbers = map[string]number{
	"<f8": {8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }},
	"<f4": {4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }},
	"<i8": {8, func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }},
	"<i4": {4, func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) }},
	"<i2": {2, func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) }},
	"<u8": {8, func(b []byte) float32 { return float32(binary.LittleEndian.Uint64(b)) }},
	"<u4": {4, func(b []byte) float32 { return float32(binary.LittleEndian.Uint32(b)) }},
	"<u2": {2, func(b []byte) float32 { return float32(binary.LittleEndian.Uint16(b)) }},
	"|i1": {1, func(b []byte) float32 { return float32(int8(b[0])) }},
	"|u1": {1, func(b []byte) float32 { return float32(b[0]) }},
	"|b1": {1, func(b []byte) float32 { return float32(b[0]) }},
}

// read reads as many numbers as z has, a piece at a time, and then the end of the file, where an archive tells of damage.
func (k number) read(z []float32, r io.Reader) error {
	piece := make([]byte, min(len(z), 1<<13)*k.size)
	for len(z) > 0 {
		n := min(len(z), len(piece)/k.size)
		b := piece[:n*k.size]
		if _, err := io.ReadFull(r, b); err != nil {
			return fmt.Errorf("the numbers are cut off: %w", err)
		}
		for i := range n {
			z[i] = k.get(b[i*k.size:])
		}
		z = z[n:]
	}
	n, err := r.Read(make([]byte, 1))
	switch {
	case err != nil && err != io.EOF:
		return fmt.Errorf("something is wrong after the numbers: %w", err)
	case n > 0:
		return errors.New("there is more after the numbers than the header says")
	}
	return nil
}
