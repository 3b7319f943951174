//go:build unix

package atomicfile

import (
	"errors"
	"os"
	"syscall"
)

// Sync waits until the names in a folder are on the disk. File systems that cannot do so (some of networks) say EINVAL or
// ENOTSUP, and there is no more to be had from them.
func Sync(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
