// Package lock keeps two processes from working in one folder. A lock belongs to its process and ends with it, however it ends:
// a file that is left behind locks nothing.
package lock

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Name is the file of a folder that is locked. It holds the number of the process, for people to read.
const Name = "lock"

// A Lock is held until Release, or the end of the process.
type Lock struct{ file *os.File }

// A HeldError says that another process holds the lock.
type HeldError struct {
	Folder  string
	Process int // its number, 0 if it has not said yet
}

// Error says which process works in which folder, and what to do.
func (e *HeldError) Error() string {
	if e.Process == 0 {
		return fmt.Sprintf("%s: another process works in this folder; wait until it has ended, or choose another folder", e.Folder)
	}
	return fmt.Sprintf("%s: process %d works in this folder; wait until it has ended, end it (kill %d), or choose another folder", e.Folder, e.Process, e.Process)
}

// Take locks a folder, which must be there. It returns a *HeldError if another process, or this one, has locked it. On systems
// that have neither flock nor LockFileEx it locks nothing.
func Take(folder string) (*Lock, error) {
	file, err := os.OpenFile(filepath.Join(folder, Name), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	taken, err := take(file)
	if err == nil && !taken {
		err = &HeldError{folder, holder(file)}
	}
	if err == nil {
		err = sign(file)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &Lock{file}, nil
}

// sign writes the process's number into the file. What stood there is of a process that has ended. A disk so full that the
// number does not fit is no reason to give up: the lock holds without it.
func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return nil
}

// holder returns the number in the file, 0 if there is none.
func holder(file *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Release gives the lock back. The file stays, for a process may be waiting to lock it.
func (l *Lock) Release() error {
	err := l.file.Truncate(0)
	if e := l.file.Close(); e != nil {
		err = e
	}
	return err
}
