// Package lock keeps two processes from working in one folder. A lock belongs to its process and ends with it, however it ends:
// a file that is left behind locks nothing.
package lock

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Name is the file of a folder that is locked. It holds the number of the process and the name of its machine, for people to read.
const Name = "lock"

// A Lock is held until Release, or the end of the process.
type Lock struct {
	file   *os.File
	folder string
}

// A HeldError says that another process holds the lock.
type HeldError struct {
	Folder  string
	Process int    // its number, 0 if it has not said yet
	Host    string // the machine that it runs on, "" if it has not said
}

// Error says which process works in which folder, and what to do.
func (e *HeldError) Error() string {
	here, _ := os.Hostname()
	switch {
	case e.Process == 0:
		return fmt.Sprintf("%s: another process works in this folder; wait until it has ended, or choose another folder", e.Folder)
	case e.Host != "" && e.Host != here:
		return fmt.Sprintf("%s: process %d on %s works in this folder; wait until it has ended, end it there, or choose another folder", e.Folder, e.Process, e.Host)
	case e.Host != "":
		return fmt.Sprintf("%s: process %d on %s, this machine, works in this folder; wait until it has ended, end it (%s), or choose another folder", e.Folder, e.Process, e.Host, ending(runtime.GOOS, e.Process))
	}
	return fmt.Sprintf("%s: process %d works in this folder; wait until it has ended, end it (%s), or choose another folder", e.Folder, e.Process, ending(runtime.GOOS, e.Process))
}

// ending is the command that ends a process.
func ending(system string, process int) string {
	if system == "windows" {
		return fmt.Sprintf("taskkill /F /PID %d", process)
	}
	return fmt.Sprintf("kill %d", process)
}

// A LostError says that the folder is not the one that was locked any more: it was removed, or removed and made anew.
type LostError struct {
	Folder string
	Cause  error // fs.ErrNotExist if there is none of its name
}

// Error says what happened to the folder.
func (e *LostError) Error() string {
	if errors.Is(e.Cause, fs.ErrNotExist) {
		return fmt.Sprintf("%s: the folder, or the file %s in it, was removed while this process worked there", e.Folder, Name)
	}
	return fmt.Sprintf("%s: the folder was removed and made anew while this process worked there; it is another's now", e.Folder)
}

// Unwrap returns the cause.
func (e *LostError) Unwrap() error { return e.Cause }

// Take locks a folder, which must be there. It returns a *HeldError if another process, or this one, has locked it. On systems
// that have neither flock nor LockFileEx it locks nothing. What is there under the file's name must be a file: a link could lead to
// anything.
func Take(folder string) (*Lock, error) {
	file, err := open(folder)
	if err != nil {
		return nil, err
	}
	taken, err := take(file)
	if err == nil && !taken {
		process, host := holder(file)
		err = &HeldError{folder, process, host}
	}
	if err == nil {
		err = sign(file)
	}
	l := &Lock{file, folder}
	if err == nil {
		err = l.Check() // the folder may have gone between the opening and the lock
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return l, nil
}

// open opens the file of a folder, and makes it if it is not there.
func open(folder string) (*os.File, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if info, err := root.Lstat(Name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: this is no file but a link or the like, and could lead out of the folder: remove it", filepath.Join(folder, Name))
	}
	return root.OpenFile(Name, os.O_RDWR|os.O_CREATE, 0o666)
}

// lstat is the system's; the tests put others in its place.
var lstat = os.Lstat

// Check returns a *LostError if the folder is not the one that was locked any more, and another error if the system does not tell.
func (l *Lock) Check() error {
	there, err := lstat(filepath.Join(l.folder, Name))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return &LostError{l.folder, err}
	} else if err != nil {
		return err
	}
	mine, err := l.file.Stat()
	if err == nil && !os.SameFile(mine, there) || errors.Is(err, syscall.ESTALE) { // which NFS says of a file that is gone
		return &LostError{l.folder, nil}
	}
	return err
}

// sign writes the process's number and machine into the file. What stood there is of a process that has ended. A disk so full that
// they do not fit is no reason to give up: the lock holds without them.
func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	host, _ := os.Hostname()
	file.WriteAt([]byte(strings.TrimSpace(strconv.Itoa(os.Getpid())+" "+host)+"\n"), 0)
	return nil
}

// holder returns the number and the machine in the file, 0 and "" if there are none.
func holder(file *os.File) (process int, host string) {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 300))
	words := strings.Fields(string(text))
	if err != nil || len(words) == 0 {
		return 0, ""
	}
	n, err := strconv.Atoi(words[0])
	if err != nil || n < 0 {
		return 0, ""
	}
	if len(words) > 1 {
		host = words[1]
	}
	return n, host
}

// Release gives the lock back. The file stays, for a process may be waiting to lock it.
func (l *Lock) Release() error {
	err := l.file.Truncate(0)
	if e := l.file.Close(); e != nil {
		err = e
	}
	return err
}
