package packed

import (
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"

	"spdiff/tensor/atomicfile"
)

// A Stamp tells a file from others cheaply: by its name within the data, its size, and a hash of its beginning and its end.
type Stamp struct {
	Name string
	Size int64
	Sum  uint64
}

// stamped is how much of a file's beginning and of its end the hash is of.
const stamped = 4096

// StampOf returns the stamp of a file of a size. What cannot be read counts as nothing: to read it is an error elsewhere.
func StampOf(name string, r io.ReaderAt, size int64) Stamp {
	h := fnv.New64a()
	b := make([]byte, min(size, stamped))
	for _, at := range []int64{0, size - int64(len(b))} {
		n, _ := r.ReadAt(b, at)
		h.Write(b[:n])
		if size <= stamped {
			break
		}
	}
	return Stamp{name, size, h.Sum64()}
}

// BeginningOf is StampOf by the first bytes alone, for files that are read in order.
func BeginningOf(name string, r io.ReaderAt, size int64) Stamp {
	return StampOf(name, io.NewSectionReader(r, 0, min(size, stamped)), min(size, stamped)).of(size)
}

func (s Stamp) of(size int64) Stamp {
	s.Size = size
	return s
}

// StampFile returns the stamp of the file at a path.
func StampFile(name, path string) (Stamp, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return Stamp{}, err
	}
	defer f.Close()
	return StampOf(name, f, size), nil
}

// Printable returns a name as it is, or quoted where a terminal would not show it so.
func Printable(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return fmt.Sprintf("%q", name)
	}
	return name
}
