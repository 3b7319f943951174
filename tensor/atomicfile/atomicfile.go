package atomicfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Write makes the file at path of what the function writes: aside first, in the same folder, then synced and renamed, and the
// folder synced. Where it fails or panics, what was at path is still there, whole, and nothing else. Its errors name path.
//
// A process that is killed meanwhile leaves the file aside; see [Sweep].
func Write(path string, write func(w io.Writer) error) error {
	if err := replace(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func replace(path string, write func(w io.Writer) error) error {
	aside, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+suffix)
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if !renamed {
			aside.Close()
			os.Remove(aside.Name())
		}
	}()
	if err := write(aside); err != nil {
		return err
	}
	if err := aside.Chmod(0o644); err != nil {
		return err
	}
	if err := aside.Sync(); err != nil {
		return err
	}
	if err := aside.Close(); err != nil {
		return err
	}
	if err := os.Rename(aside.Name(), path); err != nil {
		return err
	}
	renamed = true
	return Sync(filepath.Dir(path))
}

// suffix ends the names of files aside, which begin with a dot.
const suffix = ".aside"

// Sweep removes the files that processes which were killed in [Write] left in a folder. No other process may be writing there.
func Sweep(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if IsAside(e.Name()) {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// IsAside reports whether a file of this name is one that [Write] has not finished.
func IsAside(name string) bool {
	return strings.HasPrefix(name, ".") && strings.HasSuffix(name, suffix)
}
