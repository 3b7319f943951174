// Package idx reads the files of MNIST and its like: images and labels in the IDX format, gzipped or not.
//
// Images that are not gzipped stay on the disk and are read when they are wanted, so a set may be larger than memory; gzipped
// ones are unpacked into memory, a byte a pixel.
package idx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"spdiff/cmd/internal/packed"
	"spdiff/tensor/atomicfile"
)

// A Set is images of one shape with their labels. It is a spdiff.Source.
type Set struct {
	name   string
	h, w   int
	n      int
	pixels io.ReaderAt
	labels []byte // nil if there are none
	files  []string
	room   sync.Pool
}

// Open reads the training set of a folder: train-images-idx3-ubyte and train-labels-idx1-ubyte, gzipped or not, or the one
// set that is named so with something before it, as EMNIST's emnist-letters-train-images-idx3-ubyte.gz.
func Open(folder string) (*Set, error) {
	found, err := find(folder)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, fmt.Errorf("%s: there is neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz, nor one file with something "+
			"before that name; name the folder that has MNIST's four files, or the file of images", packed.Printable(folder))
	case len(found) > 1:
		return nil, fmt.Errorf("%s: there are several files of images: %.300q; name one of them", packed.Printable(folder), found)
	}
	return OpenFile(filepath.Join(folder, found[0]))
}

// Is reports whether a folder has a training set.
func Is(folder string) bool {
	found, err := find(folder)
	return len(found) > 0 && err == nil
}

// Magic is how the images begin, once unpacked.
const Magic = "\x00\x00\x08\x03"

// training is how files of a training set's images are named.
var training = regexp.MustCompile(`^(.*[-_.])?train-images[-.]idx3-ubyte(\.gz)?$`)

// find returns the names of files of a training set's images. If there is one with a plain name of MNIST it is the only one, unpacked
// before gzipped; else all whose names end like that are returned.
func find(folder string) (found []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		switch m := training.FindStringSubmatch(e.Name()); {
		case m == nil || e.IsDir() || packed.Hidden(e.Name()): // Kaggle's download has folders of such names beside the files
		case m[1] == "" && strings.HasSuffix(strings.TrimSuffix(e.Name(), ".gz"), "-idx3-ubyte"):
			return []string{e.Name()}, nil
		default:
			found = append(found, e.Name())
		}
	}
	return found, nil
}

// either returns path or path.gz, whichever is there and no folder, "" if neither is.
func either(path string) (string, error) {
	for _, p := range []string{path, path + ".gz"} {
		info, err := os.Stat(p)
		if err == nil && !info.IsDir() {
			return p, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}

// imagesName is what is in the names of files of images: labels have the same name with other words there.
var imagesName = regexp.MustCompile(`images([-.])idx3`)

// OpenFile reads a file of images, and the file of their labels if the folder has it: named as the images' one, with
// "labels-idx1" for "images-idx3". Without labels all images are of class 0.
func OpenFile(path string) (*Set, error) {
	s := &Set{name: path, files: []string{path}}
	size, pixels, err := read(path, 3)
	if err != nil {
		return nil, err
	}
	s.n, s.h, s.w, s.pixels = size[0], size[1], size[2], pixels
	if s.n == 0 || s.h == 0 || s.w == 0 {
		return nil, fmt.Errorf("%s: there are no images", packed.Printable(path))
	}
	folder, base := filepath.Split(strings.TrimSuffix(path, ".gz"))
	if !imagesName.MatchString(base) {
		return s, nil
	}
	labels, err := either(folder + imagesName.ReplaceAllString(base, "labels${1}idx1"))
	if labels == "" || err != nil {
		return s, err
	}
	return s, s.label(labels)
}

// label reads the labels.
func (s *Set) label(path string) error {
	s.files = append(s.files, path)
	count, labels, err := read(path, 1)
	if err != nil {
		return err
	}
	if count[0] != s.n {
		return fmt.Errorf("%s: %d labels, and %d images in %s; the files do not belong together",
			packed.Printable(path), count[0], s.n, packed.Printable(s.name))
	}
	s.labels = make([]byte, s.n) // of which a file is there
	_, err = labels.ReadAt(s.labels, 0)
	if err == io.EOF {
		err = nil
	}
	return err
}

// Len returns the number of images.
func (s *Set) Len() int { return s.n }

// Shape returns rows, columns and one channel.
func (s *Set) Shape() (h, w, c int) { return s.h, s.w, 1 }

// String says what the set is.
func (s *Set) String() string {
	if s.labels == nil {
		return "IDX images without labels, " + packed.Printable(s.name)
	}
	return "IDX images, " + packed.Printable(s.name)
}

// Labelled reports whether there are labels.
func (s *Set) Labelled() bool { return s.labels != nil }

// Label returns the label of image i, 0 where there are none.
func (s *Set) Label(i int) int {
	if s.labels == nil {
		return 0
	}
	return int(s.labels[i])
}

// Paths returns the files that were read.
func (s *Set) Paths() []string { return s.files }

// Notes says what is easily overlooked.
func (s *Set) Notes() (notes []string) {
	if s.labels == nil {
		notes = append(notes, "there are no labels: a file of labels has the name of that of images, with labels-idx1 for images-idx3")
	}
	if strings.Contains(filepath.Base(s.name), "emnist") {
		notes = append(notes, "EMNIST keeps its images transposed, and so they are read: letters lie on their side")
	}
	return notes
}

// Image sets dst to image i, 0 becoming −1 and 255 becoming 1, and returns its label.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	b, ok := s.room.Get().(*[]byte)
	if !ok {
		room := make([]byte, s.h*s.w)
		b = &room
	}
	defer s.room.Put(b)
	if n, err := s.pixels.ReadAt(*b, int64(i)*int64(len(*b))); n < len(*b) {
		return 0, fmt.Errorf("%s: image %d is not there any more: %w", packed.Printable(s.name), i, err)
	}
	for k, v := range *b {
		dst[k] = float32(v)/127.5 - 1
	}
	return s.Label(i), nil
}

// read returns the extents and the bytes of a file with so many dimensions.
func read(path string, dims int) (size []int, data io.ReaderAt, err error) {
	f, length, err := atomicfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	size, data, err = contents(f, length, dims)
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", packed.Printable(path), err)
	}
	return size, data, nil
}

// contents reads a file of length bytes: it stays where it is, or is unpacked.
func contents(f io.ReaderAt, length int64, dims int) (size []int, data io.ReaderAt, err error) {
	whole := io.NewSectionReader(f, 0, length)
	if !packed.Gzipped(whole) {
		size, n, err := header(whole, dims)
		if err != nil {
			return nil, nil, err
		}
		begin := int64(4 + 4*dims)
		return size, io.NewSectionReader(f, begin, n), check(n, length-begin)
	}
	r, err := packed.Gunzip(whole, length)
	if err != nil {
		return nil, nil, err
	}
	size, n, err := header(r, dims)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer // grows as bytes arrive, whatever the header claims
	got, err := io.Copy(&b, io.LimitReader(r, n+1))
	if err != nil {
		return nil, nil, fmt.Errorf("after byte %d: %w", got, err)
	}
	return size, bytes.NewReader(b.Bytes()), check(n, got)
}

// kinds are the types of IDX files' numbers.
var kinds = map[byte]string{8: "unsigned bytes", 9: "signed bytes", 11: "16-bit integers", 12: "32-bit integers", 13: "float32", 14: "float64"}

// most bounds what a header may claim, so that no product overflows.
const most = 1 << 50

// header reads the header of an IDX file of unsigned bytes with so many dimensions: two zero bytes, the type, the number of
// dimensions, each as a big-endian 32-bit number. It returns them and their product, the number of bytes that follow.
func header(r io.Reader, dims int) (size []int, n int64, err error) {
	b := make([]byte, 4+4*dims)
	if _, err := io.ReadFull(r, b[:4]); err != nil {
		return nil, 0, fmt.Errorf("the header is cut off: %w", err)
	}
	if b[0] != 0 || b[1] != 0 || kinds[b[2]] == "" {
		return nil, 0, fmt.Errorf("it begins with the bytes %x; an IDX file begins with 0000", b[:4])
	}
	if b[2] != 8 || int(b[3]) != dims {
		return nil, 0, fmt.Errorf("it is an IDX file of %s in %d dimensions; unsigned bytes in %d are wanted (images have 3, labels 1)",
			kinds[b[2]], b[3], dims)
	}
	if _, err := io.ReadFull(r, b[4:]); err != nil {
		return nil, 0, fmt.Errorf("the header is cut off: %w", err)
	}
	n = 1
	for i := range dims {
		d := int64(binary.BigEndian.Uint32(b[4+4*i:]))
		if d > 0 && n > most/d {
			return nil, 0, fmt.Errorf("the header claims more than %d bytes", int64(most))
		}
		n *= d
		size = append(size, int(d))
	}
	return size, n, nil
}

// check compares what a header claims with what there is, or one byte more of it than claimed.
func check(claimed, got int64) error {
	if got < claimed {
		return fmt.Errorf("the header claims %d bytes and there are %d; the file is truncated", claimed, got)
	}
	if got > claimed {
		return fmt.Errorf("the header claims %d bytes and there are more; the file is corrupt", claimed)
	}
	return nil
}
