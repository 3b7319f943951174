package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write makes the file at path of what the function writes: aside first, in the same folder, then synced and renamed, and the
// folder synced. Where it fails or panics, what was at path is still there, whole, and nothing else; but an [*UnsyncedError] says that
// the new file is there. A new file has the permissions of the process's umask, and one that is replaced keeps its own. A link at path
// is replaced, and what it points to is not touched; a folder, a device or a pipe is an error. Its errors name path.
//
// A process that is killed meanwhile leaves the file aside; see [Aside].
func Write(path string, write func(w io.Writer) error) error {
	if err := replace(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// WriteFile is Write of data that is all there.
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// PutFile is WriteFile for who goes on where the folder could not be synced.
func PutFile(path string, data []byte) error { return Written(WriteFile(path, data)) }

// Written returns nil for an [*UnsyncedError], after which the file is there, and other errors as they are.
func Written(err error) error {
	var unsynced *UnsyncedError
	if errors.As(err, &unsynced) {
		return nil
	}
	return err
}

// An UnsyncedError says that a file is written and in its place, and that the disk did not confirm its name: if the machine itself
// crashes now, the one before may be back.
type UnsyncedError struct{ Cause error }

// Error says what is there and what is not.
func (e *UnsyncedError) Error() string {
	return fmt.Sprintf("written and in its place, but a crash of the machine could still undo that: its folder is not synced: %v", e.Cause)
}

// Unwrap returns the cause.
func (e *UnsyncedError) Unwrap() error { return e.Cause }

func replace(path string, write func(w io.Writer) error) error {
	aside, err := create(path)
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
	if err := Sync(filepath.Dir(path)); err != nil {
		return &UnsyncedError{err}
	}
	return nil
}

// create makes the file aside, with the permissions of the one that it will replace, or those of a new one.
func create(path string) (*os.File, error) {
	old, missing := os.Lstat(path)
	if missing == nil && old.Mode()&(os.ModeDevice|os.ModeNamedPipe|os.ModeSocket|os.ModeDir) != 0 {
		return nil, errors.New("not a regular file, and it would be replaced by one; name another")
	}
	for n := 0; ; n++ {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d%s", filepath.Base(path), 1000*int64(os.Getpid())+int64(n), suffix))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if missing == nil && old.Mode().IsRegular() {
			f.Chmod(old.Mode().Perm()) // a file system that knows no permissions has none to keep
		}
		return f, nil
	}
}

// suffix ends the names of files aside, which begin with a dot.
const suffix = ".aside"

// IsAside reports whether a file of this name is one that [Write] has not finished.
func IsAside(name string) bool {
	_, is := Aside(name)
	return is
}

// Aside returns the name of the file that one aside was to become, and whether it is one. Whoever knows that no process is writing
// that file may remove what a killed one left of it.
func Aside(name string) (of string, is bool) {
	inner, begins := strings.CutPrefix(name, ".")
	inner, ends := strings.CutSuffix(inner, suffix)
	dot := strings.LastIndexByte(inner, '.')
	if !begins || !ends || dot < 1 {
		return "", false
	}
	return inner[:dot], true
}
