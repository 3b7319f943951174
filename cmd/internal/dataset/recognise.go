package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"spdiff/cmd/internal/amat"
	"spdiff/cmd/internal/hdf5"
	"spdiff/cmd/internal/idx"
	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/packed"
)

const (
	zipMagic = "PK"
	npyMagic = "\x93NUMPY"
)

// looked is how much of a file is looked at.
const looked = 512

// recognise returns the kind of what is at a path, by its contents.
func recognise(at string) (kind string, err error) {
	if kind, err = kindOf(at); err != nil {
		return "", err
	}
	if kind == "" {
		return "", fmt.Errorf("-data %.300q: what is there is not recognised%s; there are\n%s", at, holds(at), list())
	}
	return kind, nil
}

func kindOf(at string) (kind string, err error) {
	info, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("-data %.300q: there is no such file or folder; there are\n%s", at, list())
	case err != nil:
		return "", err
	case info.IsDir():
		return kindOfFolder(at)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("-data %.300q: not a regular file, nor a folder", at)
	}
	start, err := beginning(at)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(start, npyMagic):
		return "npy", nil
	case strings.HasPrefix(start, idx.Magic):
		return "mnist", nil
	case strings.HasPrefix(start, zipMagic):
		return kindOfZip(at)
	case hdf5.Is([]byte(start)):
		return "lysto", nil
	case amat.Looks([]byte(start)):
		return "amat", nil
	}
	return "", nil
}

func kindOfFolder(at string) (string, error) {
	if idx.Is(at) {
		return "mnist", nil
	}
	files, err := openFiles(at)
	if err == nil && imagefolder.Has(files) {
		return "images", nil
	}
	return "", err
}

func kindOfZip(at string) (string, error) {
	z, err := packed.OpenZip(at)
	if err != nil {
		return "", err
	}
	for _, f := range z.File {
		switch {
		case path.Ext(f.Name) == ".npy":
			return "npy", nil
		case amat.Is(f.Name):
			return "amat", nil
		case imagefolder.IsImage(f.Name):
			return "images", nil
		}
	}
	return "", nil
}

// holds says what kinds of files a folder has.
func holds(at string) string {
	if !isFolder(at) {
		return ""
	}
	_, err := openImages(context.Background(), at, options{})
	return fmt.Sprintf(" (%v)", err)
}

// beginning returns the first bytes of a file, unpacked if it is gzipped.
func beginning(at string) (string, error) {
	f, err := packed.Open(at)
	if err != nil {
		return "", err
	}
	defer f.Close()
	start := make([]byte, looked)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("%s: %w", packed.Printable(at), err)
	}
	return string(start[:n]), nil
}

// begins reports whether a file begins so.
func begins(at, magic string) bool {
	start, err := beginning(at)
	return err == nil && strings.HasPrefix(start, magic)
}
