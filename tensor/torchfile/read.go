package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
)

// Files of torch.save begin as zip archives do, or, before PyTorch 1.6, with a pickle of a number that says so (legacy.go).
var (
	zipStart    = []byte("PK\x03\x04")
	legacyStart = []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
)

// Is reports whether a file that begins with these bytes, 16 or more, may be one of torch.save, in the format of today or before.
func Is(start []byte) bool {
	return bytes.HasPrefix(start, zipStart) || bytes.HasPrefix(start, legacyStart)
}

// Read reads a file. Its errors name the file and what is wrong with it; a *GlobalError says that it asks for code.
func Read(path string) (*safetensors.File, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := Decode(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// Decode reads a file of size bytes, as Read does. Its errors do not name the file, whose name it does not know.
func Decode(r io.ReaderAt, size int64) (*safetensors.File, error) {
	if legacy, err := checkStart(r, size); err != nil {
		return nil, err
	} else if legacy {
		return decodeLegacy(r, size)
	}
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	program, err := a.read("data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	root, err := unpickle(program, a.storageSize)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	found, err := flatten(root, len(program), size)
	if err != nil {
		return nil, err
	}
	return a.load(found)
}

// checkStart reports whether a file is a legacy one, and returns an error if it is no archive either.
func checkStart(r io.ReaderAt, size int64) (legacy bool, err error) {
	start := make([]byte, min(size, int64(len(legacyStart))))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), start); err != nil {
		return false, fmt.Errorf("cannot be read: %w", err)
	}
	legacy = bytes.HasPrefix(start, legacyStart)
	if !legacy && !bytes.HasPrefix(start, zipStart) {
		return false, errors.New("this is no file of PyTorch's torch.save, which is a zip archive")
	}
	return legacy, nil
}
