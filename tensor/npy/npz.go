package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"slices"

	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// What the arrays of an archive may unpack to, in bytes: maxRatio times its size, or a little that is always allowed. Zip
// reaches a factor of a thousand, and with entries that overlap any factor.
const (
	maxRatio = 64
	always   = 16 << 20
)

// WriteArchive writes arrays, by their names, to a .npz file, aside first: where it fails, what was at path is still there,
// whole. The arrays are not compressed. Equal arrays give equal bytes.
func WriteArchive(path string, arrays map[string]*tensor.Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error { return EncodeArchive(w, arrays) })
}

// EncodeArchive writes arrays, by their names, as a .npz file.
func EncodeArchive(w io.Writer, arrays map[string]*tensor.Tensor) error {
	members := map[string]Member{}
	for name, t := range arrays {
		members[name] = exact(t)
	}
	return encodeMembers(w, members)
}

// encodeMembers writes arrays, by their names, as a .npz file.
func encodeMembers(w io.Writer, arrays map[string]Member) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		m, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := arrays[name].encode(m); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	return z.Close()
}

// ReadArchive reads all arrays of a .npz file, compressed or not.
func ReadArchive(path string) (map[string]*tensor.Tensor, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	arrays, err := DecodeArchive(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

// DecodeArchive reads all arrays of a .npz file of size bytes.
func DecodeArchive(r io.ReaderAt, size int64) (map[string]*tensor.Tensor, error) {
	arrays := map[string]*tensor.Tensor{}
	err := eachMember(r, size, func(name string, f *zip.File) (err error) {
		arrays[name], err = decodeMember(f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return arrays, nil
}

func decodeMember(f *zip.File) (*tensor.Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Decode(r, int64(f.UncompressedSize64))
}
