package packed

import (
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

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

// Clean returns an error whose text is err's, with what a terminal would not show as Go writes it: errors of package os have
// names as they are.
func Clean(err error) error {
	if err == nil || !strings.ContainsFunc(err.Error(), hides) {
		return err
	}
	return clean{err}
}

func hides(r rune) bool { return r != '\n' && !strconv.IsPrint(r) || r == utf8.RuneError }

type clean struct{ error }

// Error quotes what is hidden.
func (c clean) Error() string {
	var b strings.Builder
	for text := c.error.Error(); text != ""; {
		r, n := utf8.DecodeRuneInString(text)
		if hides(r) {
			quoted := strconv.QuoteToASCII(text[:n])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// Unwrap returns the error.
func (c clean) Unwrap() error { return c.error }
