//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// flock is the system's; the tests put others in its place.
var flock = syscall.Flock

// take locks a file and reports whether it could. The lock belongs to the open file: the kernel ends it when the last process that
// has it open does. A signal that comes between is no answer, and it asks again.
func take(file *os.File) (bool, error) {
	err := flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for err == syscall.EINTR {
		err = flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	}
	path := &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	if errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EINVAL) {
		return false, fmt.Errorf("%w; this file system has no locks, as some over a network: choose a folder on a local disk", path)
	}
	return false, path
}
