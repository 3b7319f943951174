package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spdiff/cmd/internal/amat"
	"spdiff/cmd/internal/hdf5"
	"spdiff/cmd/internal/idx"
	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/pixelcsv"
)

const (
	zipMagic = "PK"
	npyMagic = "\x93NUMPY"
)

// looked is how much of a file is looked at.
const looked = 512

// recognise returns the kind of what is at a path, by its contents.
func recognise(ctx context.Context, at string) (kind string, err error) {
	if kind, err = kindOf(ctx, at); err != nil {
		return "", err
	}
	if kind == "" {
		return "", fmt.Errorf("what is there is not recognised%s; %s", holds(ctx, at), listed)
	}
	return kind, nil
}

func kindOf(ctx context.Context, at string) (kind string, err error) {
	info, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no such file or folder; %s", listed)
	case err != nil:
		return "", err
	case info.IsDir():
		return kindOfFolder(ctx, at)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("not a regular file, nor a folder")
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
		return kindOfZip(ctx, at)
	case hdf5.Is([]byte(start)):
		return "lysto", nil
	case amat.Looks([]byte(start)):
		return "amat", nil
	case pixelcsv.Is(at):
		return "csv", nil
	}
	return "", nil
}

func kindOfFolder(ctx context.Context, at string) (string, error) {
	if idx.Is(at) {
		return "mnist", nil
	}
	files, err := openFiles(at)
	if err == nil && imagefolder.Has(ctx, files) {
		return "images", nil
	}
	return "", err
}

// kindOfZip looks into files whose names do not say what they are, and at none that is hidden. Of those that cannot be looked at holds
// tells, where nothing is found.
func kindOfZip(ctx context.Context, at string) (string, error) {
	z, err := packed.OpenZip(at)
	if err != nil {
		return "", err
	}
	table := false
	for _, f := range z.File {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		switch {
		case packed.Hidden(f.Name):
			continue
		case path.Ext(f.Name) == ".npy":
			return "npy", nil
		case amat.Is(f.Name):
			return "amat", nil
		case pixelcsv.Is(f.Name):
			table = true
		}
		if is, _ := imagefolder.Is(z, f.Name); is {
			return "images", nil
		}
	}
	if table { // a table beside pictures or arrays may be of anything
		return "csv", nil
	}
	return "", nil
}

// single are the kinds of files that hold a whole set.
var single = []string{".csv", ".npz", ".npy", ".amat", ".h5", ".zip", ".gz"}

// holds says what kinds of files a folder or an archive has, or what a file is, and what to name instead.
func holds(ctx context.Context, at string) string {
	if !isFolder(at) && !begins(at, zipMagic) {
		if is, _ := imagefolder.Is(os.DirFS(filepath.Dir(at)), filepath.Base(at)); is {
			return " (a single picture: name the folder that it is in, or cut squares out of that by crops:FOLDER?size=64)"
		}
		return ""
	}
	entries, _ := os.ReadDir(at)
	for _, e := range entries {
		if slices.Contains(single, strings.ToLower(path.Ext(e.Name()))) {
			return fmt.Sprintf(" (a folder; name a file in it, as %q)", filepath.Join(at, e.Name()))
		}
	}
	if _, err := openImages(ctx, at, options{}); err != nil {
		return fmt.Sprintf(" (%v)", err)
	}
	return ""
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
