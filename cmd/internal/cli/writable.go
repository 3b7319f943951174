package cli

import (
	"fmt"
	"os"
	"path/filepath"
)

// WritableFolder makes a folder, and returns an error, which begins with its path, if no file can be made in it: to be asked before the
// work, not after it.
func WritableFolder(path string) error {
	err := os.MkdirAll(path, 0o777)
	if err == nil {
		err = writable(path)
	}
	if err != nil {
		return fmt.Errorf("%s: it cannot be written: %w; name another folder", path, err)
	}
	return nil
}

// writable returns an error if no file can be made in a folder.
func writable(folder string) error {
	probe, err := os.CreateTemp(folder, ".spdiff-*")
	if err != nil {
		return err
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// WritableFile returns an error, which begins with its path, if a file cannot be written: its folder takes none, or what has its name is
// no file.
func WritableFile(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: it is there, and no file; name another", path)
	}
	if err := writable(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%s: it cannot be written: %w; make the folder, or name another", path, err)
	}
	return nil
}
