package train

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"syscall"
)

// diskFull is Windows' number for it.
const diskFull = syscall.Errno(112)

// advise adds to an error of a file what to do about it, where that is known.
func advise(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), runtime.GOOS == "windows" && errors.Is(err, diskFull):
		return fmt.Errorf("%w; free some space", err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; a run writes into its folder: make it writable, or copy it and go on with the copy", err)
	}
	return err
}
