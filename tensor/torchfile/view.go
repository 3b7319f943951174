package torchfile

import (
	"errors"
	"fmt"
	"math"

	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// A storage is a run of numbers of one type, an entry of the archive.
type storage struct {
	key, kind string // the entry's name, the class in PyTorch
	numbers   int
	size      int // of a number, in bytes
	get       func(b []byte) float32
}

func (s *storage) bytes() int64 { return int64(s.numbers) * int64(s.size) }

// kinds are PyTorch's classes of storages, and the names of their numbers in safetensors.
var kinds = map[string]string{
	"DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
	"LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8", "ByteStorage": "U8", "BoolStorage": "BOOL",
}

// newStorage returns a storage of n numbers in size bytes.
func newStorage(kind, key string, n, bytes int64) (*storage, error) {
	size, get := safetensors.Numbers(kinds[kind])
	if n < 0 || n != bytes/int64(size) || bytes%int64(size) != 0 {
		return nil, fmt.Errorf("storage %.80q is said to have %d numbers of %d bytes and has %d bytes; the file is corrupt", key, n, size, bytes)
	}
	if n > math.MaxInt/int64(size) {
		return nil, fmt.Errorf("storage %.80q has %d bytes, and this program, of 32 bits, reads fewer than 2 GiB at once; use one of 64 bits", key, bytes)
	}
	return &storage{key, kind, int(n), size, get}, nil
}

// A view is a tensor: element (i₀, i₁, …) is number offset + Σ stride_k·i_k of the storage.
type view struct {
	storage       *storage
	offset        int
	shape, stride []int
	len           int
}

// maxDims bounds the number of dimensions, as PyTorch does.
const maxDims = 64

// newView checks that a view stays within its storage.
func newView(s *storage, offset int, shape, stride []int) (*view, error) {
	if len(shape) != len(stride) || len(shape) > maxDims || offset < 0 {
		return nil, fmt.Errorf("a tensor of %d dimensions has %d strides and begins at %d; the file is corrupt", len(shape), len(stride), offset)
	}
	n, last, err := extent(shape, stride)
	if err != nil {
		return nil, err
	}
	if n > 0 && (last >= s.numbers || offset >= s.numbers-last) {
		return nil, fmt.Errorf("a tensor %.80s of strides %.80s begins at %d of the %d numbers of storage %.80q and reaches beyond; the file is corrupt",
			tensor.Shape(shape), tensor.Shape(stride), offset, s.numbers, s.key)
	}
	return &view{s, offset, shape, stride, n}, nil
}

// extent returns the number of elements of a view and the place of the last one after the first.
func extent(shape, stride []int) (n, last int, err error) {
	impossible := errors.New("a tensor's shape or strides are impossible; the file is corrupt")
	n = 1
	for k, d := range shape {
		s := stride[k]
		if d < 0 || s < 0 || d > 0 && n > math.MaxInt/8/d || d > 1 && s > math.MaxInt/8/(d-1) {
			return 0, 0, impossible
		}
		if n *= d; d > 1 {
			last += (d - 1) * s
		}
		if last > math.MaxInt/8 {
			return 0, 0, impossible
		}
	}
	return n, last, nil
}

// tensor returns the view's elements, given the bytes of its storage, little-endian.
func (v *view) tensor(b []byte) *tensor.Tensor {
	t := tensor.New(v.shape...)
	if v.len > 0 {
		v.fill(t.Data(), b[v.offset*v.storage.size:], v.shape, v.stride)
	}
	return t
}

// fill sets the first elements of z to those of a shape, from the bytes where they begin, and returns how many they are.
func (v *view) fill(z []float32, b []byte, shape, stride []int) int {
	if len(shape) == 0 {
		z[0] = v.storage.get(b)
		return 1
	}
	n, step := 0, stride[0]*v.storage.size
	for i := range shape[0] {
		if len(shape) == 1 {
			z[i] = v.storage.get(b[i*step:])
			n++
			continue
		}
		n += v.fill(z[n:], b[i*step:], shape[1:], stride[1:])
	}
	return n
}
