// Package packed opens files that may be gzipped, and zip archives, without trusting what they claim.
//
// A file may unpack to 64 times its size, or 16 MiB: so what is read of it bounds the memory that it takes. Names in an
// archive are checked to stay inside it, and nothing is ever unpacked to disk.
package packed

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"spdiff/tensor/atomicfile"
)

const (
	ratio  = 64
	always = 16 << 20
)

// Limit returns the bytes that size bytes may unpack to.
func Limit(size int64) int64 { return max(always, ratio*size) }

// A Reader is the contents of a file, unpacked.
type Reader struct {
	io.Reader
	file *os.File
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// Open opens a regular file, which is unpacked if its first bytes are those of gzip. Reading more than Limit of its size is
// an error.
func Open(path string) (*Reader, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	whole := io.NewSectionReader(f, 0, size)
	if !Gzipped(whole) {
		return &Reader{whole, f}, nil
	}
	z, err := Gunzip(whole, size)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", Printable(path), err)
	}
	return &Reader{z, f}, nil
}

// Gzipped reports whether a file begins as gzip does.
func Gzipped(r io.ReaderAt) bool {
	start := make([]byte, 2)
	_, err := r.ReadAt(start, 0)
	return err == nil && string(start) == "\x1f\x8b"
}

// Gunzip returns a reader of what size bytes of gzip unpack to, which is an error after Limit.
func Gunzip(r io.Reader, size int64) (io.Reader, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return nil, err
	}
	return &bounded{z, Limit(size), Limit(size)}, nil
}

// bounded is a reader of r that is an error after limit bytes.
type bounded struct {
	r           io.Reader
	left, limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("it unpacks to more than %d bytes, which is all that its size is trusted with; unpack it yourself", b.limit)
	}
	return n, err
}

// OpenZip opens an archive, whose files can be read from several goroutines at once. It is an error if the archive names a
// file outside itself or one twice, or has one that is encrypted or unpacks to more than Limit of its packed size.
func OpenZip(path string) (*zip.Reader, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	z, err := Zip(f, size)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", Printable(path), err)
	}
	return z, nil
}

// decoded returns a name of an archive; one that is not UTF-8 is in code page 437, as the format of ZIP says.
func decoded(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	name, _ = charmap.CodePage437.NewDecoder().String(name) // which has a letter for every byte
	return name
}

// Hidden reports whether a file is hidden, or in a folder that is, or is one that macOS adds to an archive: what is wanted is never there.
func Hidden(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.HasPrefix(part, ".") || part == "__MACOSX" })
}

// Zip is OpenZip for an archive of size bytes.
func Zip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	seen := make(map[string]bool, len(z.File))
	for _, f := range z.File {
		f.Name = decoded(f.Name)
		name := strings.TrimSuffix(f.Name, "/")
		packed := int64(min(f.CompressedSize64, uint64(size)))
		switch {
		case !fs.ValidPath(name) || strings.Contains(name, "\\"):
			return nil, fmt.Errorf("the archive names %q, which is no path within it", f.Name)
		case seen[name]:
			return nil, fmt.Errorf("%q comes twice in the archive", f.Name)
		case f.Flags&1 != 0:
			return nil, fmt.Errorf("%q in the archive is encrypted", f.Name)
		case f.UncompressedSize64 > uint64(Limit(packed)):
			return nil, fmt.Errorf("%q in the archive unpacks from %d to %d bytes; %d are allowed", f.Name, packed, f.UncompressedSize64, Limit(packed))
		}
		seen[name] = true
	}
	return z, nil
}
