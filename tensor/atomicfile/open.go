package atomicfile

import (
	"fmt"
	"os"
)

// Open opens a file to be read, and returns its size. What is no regular file, as a folder, a pipe or a device, has no size to
// check claims against: that is an error. Its errors name path.
func Open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
