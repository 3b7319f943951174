package atomicfile

import (
	"fmt"
	"os"
)

// Open opens a file to be read, and returns its size. What is no regular file, as a folder, a pipe or a device, has no size to
// check claims against: that is an error. Its errors name path.
func Open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before it is opened: a pipe would wait for its writer
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%q: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
