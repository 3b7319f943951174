package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// A Number is of a type that a file keeps with all its bits.
type Number interface {
	float32 | float64 | int64 | uint64 | uint8
}

// An Exact is an array of numbers that keep their own type in a file: all bits of them.
type Exact[T Number] struct {
	Shape tensor.Shape
	Data  []T // in C order
}

// A Member is an array that [WriteExact] can write: an [Exact].
type Member interface {
	encode(w io.Writer) error
}

// WriteExact writes arrays, by their names, to a .npz file, aside first, uncompressed. Equal arrays give equal bytes.
func WriteExact(path string, arrays map[string]Member) error {
	return atomicfile.Write(path, func(w io.Writer) error { return encodeMembers(w, arrays) })
}

// encode writes the array as a .npy file.
func (e Exact[T]) encode(w io.Writer) error {
	if n := e.Shape.Size(); n != len(e.Data) {
		return fmt.Errorf("an array of shape %v has %d numbers, not %d", e.Shape, n, len(e.Data))
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.WriteString(headerOf(exactName[T](), e.Shape))
	var room [8]byte
	for _, v := range e.Data {
		if _, err := b.Write(appendExact(room[:0], v)); err != nil {
			return err
		}
	}
	return b.Flush()
}

// ReadExact returns all numbers of an array, of exactly that type; an array of another type is an error.
func ReadExact[T Number](a *Array) (Exact[T], error) {
	if want := exactName[T](); a.descr != want {
		return Exact[T]{}, fmt.Errorf("its numbers are of type %q; %q is wanted", a.descr, want)
	}
	data := make([]T, a.shape.Size()) // as many as the file has bytes for
	piece := make([]byte, min(len(data), 1<<13)*a.kind.size)
	for from := 0; from < len(data); {
		n := min(len(data)-from, len(piece)/a.kind.size)
		b := piece[:n*a.kind.size]
		if k, err := a.r.ReadAt(b, int64(from*a.kind.size)); k < len(b) {
			return Exact[T]{}, fmt.Errorf("the numbers from %d on are not there any more: %w", from, err)
		}
		for i := range n {
			data[from+i] = exactAt[T](b[i*a.kind.size:])
		}
		from += n
	}
	return Exact[T]{slices.Clone(a.shape), data}, nil
}

// exactName returns numpy's name of the type.
func exactName[T Number]() string {
	switch any(*new(T)).(type) {
	case float32:
		return "<f4"
	case float64:
		return "<f8"
	case int64:
		return "<i8"
	case uint64:
		return "<u8"
	}
	return "|u1"
}

// appendExact appends the bytes of v, little-endian.
func appendExact[T Number](b []byte, v T) []byte {
	switch v := any(v).(type) {
	case float32:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	case float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	case int64:
		return binary.LittleEndian.AppendUint64(b, uint64(v))
	case uint64:
		return binary.LittleEndian.AppendUint64(b, v)
	}
	return append(b, byte(v))
}

// exactAt returns the number whose bytes b begins with.
func exactAt[T Number](b []byte) (v T) {
	switch p := any(&v).(type) {
	case *float32:
		*p = math.Float32frombits(binary.LittleEndian.Uint32(b))
	case *float64:
		*p = math.Float64frombits(binary.LittleEndian.Uint64(b))
	case *int64:
		*p = int64(binary.LittleEndian.Uint64(b))
	case *uint64:
		*p = binary.LittleEndian.Uint64(b)
	case *uint8:
		*p = b[0]
	}
	return v
}
