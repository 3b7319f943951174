package train

import (
	"io/fs"
	"os"

	"spdiff/tensor/atomicfile"
)

// A tail is a file that grows. What cannot be written now, on a disk that is full, is written with what comes next, over what
// was half-written.
type tail struct {
	file    *os.File
	at      int64 // bytes that are written
	pending []byte
}

// open makes the file anew with a first content, whole or not at all, and opens its end.
func (t *tail) open(path string, content []byte) error {
	if err := atomicfile.PutFile(path, content); err != nil {
		return err
	}
	t.at, t.pending = int64(len(content)), nil
	var err error
	t.file, err = os.OpenFile(path, os.O_WRONLY, 0)
	return err
}

func (t *tail) write(b []byte) error {
	t.pending = append(t.pending, b...)
	if t.file == nil {
		return fs.ErrClosed
	}
	if _, err := t.file.WriteAt(t.pending, t.at); err != nil {
		return err
	}
	t.at += int64(len(t.pending))
	t.pending = t.pending[:0]
	return nil
}

// sync writes what is pending and waits until all is on the disk.
func (t *tail) sync() error {
	if err := t.write(nil); err != nil {
		return err
	}
	return t.file.Sync()
}

// close closes the file, if it is open.
func (t *tail) close() error {
	if t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	return f.Close()
}
