package dicom

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"

	"spdiff/cmd/internal/packed"
	"spdiff/tensor/atomicfile"
)

// A File is a DICOM file with an image of one frame or several. Its methods may be called from several goroutines at once.
type File struct {
	Header
	Syntax   Syntax
	meta     []element
	elements []element
	pixels   element
	pad      *Range   // values that say that there is nothing; nil if none do
	frames   [][]byte // of encapsulated pixels: the fragments of each frame, joined
}

// ErrNotDICOM says that a file is of another kind.
var ErrNotDICOM = errors.New("it is no DICOM file: neither DICM at byte 128 nor an element of group 0002 or 0008 at its beginning")

// Open reads a file whole.
func Open(path string) (*File, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, size)
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Decode reads a file that is in memory, which stays in use and must not change. Its pixels are looked at when they are wanted.
// The error is a *SyntaxError for a transfer syntax that is not read, an *Error where the bytes break the rules, ErrNotDICOM, or
// one that says what of the image is not understood.
func Decode(b []byte) (*File, error) {
	f := &File{}
	rest, err := f.readMeta(b)
	if err != nil {
		return nil, err
	}
	if f.Syntax.UID == deflatedLE {
		if rest, err = inflate(rest); err != nil {
			return nil, err
		}
	}
	p := &parser{b: rest}
	if f.Syntax.UID != deflatedLE { // so that errors count bytes of the file
		p = &parser{b: b, at: len(b) - len(rest)}
	}
	if f.elements, err = p.elements(f.Syntax.explicit()); err != nil {
		return nil, err
	}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	f.readPadding()
	return f, f.locate()
}

// Where the file meta information is, and what is before it.
const (
	preamble = 128
	magic    = "DICM"
)

// Start is how many bytes of a file Is wants to see.
const Start = preamble + len(magic)

// Is reports whether a file that begins so is DICOM: with its mark, or as files before 1993 do.
func Is(start []byte) bool { return Marked(start) || bare(start) }

// Marked reports whether a file that begins so has the mark of DICOM, which no other file has by chance.
func Marked(b []byte) bool { return len(b) >= Start && string(b[preamble:Start]) == magic }

// readMeta reads the file meta information, whose elements are explicit in every file, and returns the data set's bytes.
func (f *File) readMeta(b []byte) (rest []byte, err error) {
	p := &parser{b: b}
	if !Is(b) {
		return nil, ErrNotDICOM
	}
	if Marked(b) {
		p.at = Start
	}
	for {
		t, ok := p.tag()
		if !ok || t.group() != metaLength.group() {
			break
		}
		e, err := p.element(true)
		if err != nil {
			return nil, err
		}
		if len(f.meta) == maxElements {
			return nil, &Error{e.tag, p.at, "there are too many elements of file meta information"}
		}
		f.meta = append(f.meta, e)
	}
	rest = b[p.at:]
	uid := text(find(f.meta, metaSyntax))
	if uid == "" {
		uid = guess(rest)
	}
	f.Syntax, err = syntaxOf(uid)
	return rest, err
}

// bare reports whether a file begins with a data set, or with file meta information, as those before 1993 do.
func bare(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	switch string(b[:2]) {
	case "\x02\x00":
		return b[3] == 0
	case "\x08\x00":
		return b[3] == 0 && (vr{b[4], b[5]}.letters() || b[6] == 0 && b[7] == 0) // a text of 64 KiB is none
	}
	return string(b[:3]) == "\x00\x08\x00" // big endian: the error says so
}

// guess returns the syntax of a data set whose file does not say it.
func guess(b []byte) string {
	switch {
	case len(b) >= 2 && b[0] == 0 && b[1] != 0:
		return explicitBE
	case len(b) >= 6 && vr{b[4], b[5]}.letters():
		return explicitLE
	}
	return implicitLE
}

// maxInflated bounds what a deflated data set may unpack to, whatever its size.
const maxInflated = 1 << 29

// inflated is how much a deflated data set of n bytes may unpack to.
func inflated(n int64) int64 { return min(packed.Limit(n), maxInflated) }

// inflate unpacks a deflated data set.
func inflate(b []byte) ([]byte, error) {
	limit := inflated(int64(len(b)))
	z := flate.NewReader(bytes.NewReader(b))
	var all bytes.Buffer
	n, err := all.ReadFrom(io.LimitReader(z, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the deflated data set: %w", err)
	}
	if n > limit {
		return nil, fmt.Errorf("the deflated data set unpacks to more than %d bytes, "+
			"which is all that it is trusted with; unpack it yourself: %s", limit, toLittle)
	}
	return all.Bytes(), nil
}

// find returns the element of a tag, or nil.
func find(all []element, t Tag) *element {
	for i := range all {
		if all[i].tag == t {
			return &all[i]
		}
	}
	return nil
}

// Value returns the bytes of the outermost element of a tag, and whether there is one. They must not change.
func (f *File) Value(t Tag) ([]byte, bool) {
	e := find(f.elements, t)
	if e == nil {
		return nil, false
	}
	return e.value, true
}

// text returns a text without its padding; "" where there is no element.
func text(e *element) string {
	if e == nil {
		return ""
	}
	return strings.Trim(string(e.value), " \x00")
}
