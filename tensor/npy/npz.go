package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spdiff/tensor"
)

// WriteArchive writes arrays, by their names, to a .npz file: aside first, then renamed, so that what was at path is there
// until the new file is whole.
func WriteArchive(path string, arrays map[string]*tensor.Tensor) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = encodeArchive(f, arrays); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func encodeArchive(w io.Writer, arrays map[string]*tensor.Tensor) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		m, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := Encode(m, arrays[name]); err != nil {
			return err
		}
	}
	return z.Close()
}

// ReadArchive reads all arrays of a .npz file.
func ReadArchive(path string) (map[string]*tensor.Tensor, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer z.Close()
	arrays, err := decodeArchive(&z.Reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

func decodeArchive(z *zip.Reader) (map[string]*tensor.Tensor, error) {
	arrays := map[string]*tensor.Tensor{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("%q in the archive is no .npy file", f.Name)
		}
		if arrays[name] != nil {
			return nil, fmt.Errorf("%q comes twice in the archive", f.Name)
		}
		t, err := decodeMember(f)
		if err != nil {
			return nil, fmt.Errorf("%q in the archive: %w", f.Name, err)
		}
		arrays[name] = t
	}
	return arrays, nil
}

func decodeMember(f *zip.File) (*tensor.Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Decode(r)
}
