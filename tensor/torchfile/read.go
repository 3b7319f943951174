package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
)

// Files of torch.save begin as zip archives do, or, before PyTorch 1.6, with a pickle of protocol 2 of a number that says so.
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
	if err := checkStart(r, size); err != nil {
		return nil, err
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

// checkStart returns an error for what is no archive.
func checkStart(r io.ReaderAt, size int64) error {
	start := make([]byte, min(size, int64(len(legacyStart))))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), start); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	switch {
	case bytes.HasPrefix(start, legacyStart):
		return errors.New("this is the format of PyTorch before 1.6, which is not read; write it anew with a later one: " +
			"python3 -c \"import torch; torch.save(torch.load('OLD', map_location='cpu'), 'NEW')\"")
	case !bytes.HasPrefix(start, zipStart):
		return errors.New("this is no file of PyTorch's torch.save, which is a zip archive")
	}
	return nil
}
