// Package idx reads the files of MNIST: images and labels in the IDX format, gzipped or not.
package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Set is images of one shape with their labels, held as bytes. It is a spdiff.Source.
type Set struct {
	h, w   int
	pixels []byte
	labels []byte
}

// Open reads the training set of a folder, train-images-idx3-ubyte and train-labels-idx1-ubyte, with or without .gz.
func Open(folder string) (*Set, error) { return open(folder, "train") }

// OpenTest reads the test set, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte.
func OpenTest(folder string) (*Set, error) { return open(folder, "t10k") }

func open(folder, name string) (*Set, error) {
	size, pixels, err := read(folder, name+"-images-idx3-ubyte", 3)
	if err != nil {
		return nil, err
	}
	count, labels, err := read(folder, name+"-labels-idx1-ubyte", 1)
	if err != nil {
		return nil, err
	}
	if size[0] != count[0] {
		return nil, fmt.Errorf("%s: %d images of %s and %d labels; the files do not belong together", folder, size[0], name, count[0])
	}
	if size[0] == 0 {
		return nil, fmt.Errorf("%s: there are no images in %s", folder, name)
	}
	return &Set{size[1], size[2], pixels, labels}, nil
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.labels) }

// Shape returns rows, columns and one channel.
func (s *Set) Shape() (h, w, c int) { return s.h, s.w, 1 }

// Image sets dst to image i, 0 becoming −1 and 255 becoming 1, and returns its label.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	n := s.h * s.w
	for k, v := range s.pixels[i*n : (i+1)*n] {
		dst[k] = float32(v)/127.5 - 1
	}
	return int(s.labels[i]), nil
}

// read reads the file of that name in a folder, or the gzipped one.
func read(folder, name string, dims int) (size []int, data []byte, err error) {
	path := filepath.Join(folder, name)
	f, err := os.Open(path)
	zipped := false
	if errors.Is(err, fs.ErrNotExist) {
		zipped = true
		f, err = os.Open(path + ".gz")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: there is neither %s nor %s.gz; name the folder that has MNIST's four files", folder, name, name)
	}
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := io.Reader(f)
	if zipped {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, nil, fmt.Errorf("%s.gz: %w", path, err)
		}
		r = z
	}
	size, data, err = decode(r, dims)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return size, data, nil
}

// most bounds the bytes of a file: twenty times MNIST.
const most = 1 << 30

// kinds are the types of IDX files' numbers.
var kinds = map[byte]string{8: "unsigned bytes", 9: "signed bytes", 11: "16-bit integers", 12: "32-bit integers", 13: "float32", 14: "float64"}

// decode reads an IDX file of unsigned bytes with so many dimensions: two zero bytes, the type, the number of dimensions,
// each as a big-endian 32-bit number, and the bytes. Memory grows as bytes arrive, whatever the header claims.
func decode(r io.Reader, dims int) (size []int, data []byte, err error) {
	header := make([]byte, 4+4*dims)
	if _, err := io.ReadFull(r, header[:4]); err != nil {
		return nil, nil, fmt.Errorf("the header is cut off: %w", err)
	}
	if header[0] != 0 || header[1] != 0 || kinds[header[2]] == "" {
		return nil, nil, fmt.Errorf("it begins with the bytes %x; an IDX file begins with 0000", header[:4])
	}
	if header[2] != 8 || int(header[3]) != dims {
		return nil, nil, fmt.Errorf("it is an IDX file of %s in %d dimensions; unsigned bytes in %d are wanted (images have 3, labels 1)",
			kinds[header[2]], header[3], dims)
	}
	if _, err := io.ReadFull(r, header[4:]); err != nil {
		return nil, nil, fmt.Errorf("the header is cut off: %w", err)
	}
	n := 1
	for i := range dims {
		d := int(binary.BigEndian.Uint32(header[4+4*i:]))
		if d > most || d > 0 && n > most/d {
			return nil, nil, fmt.Errorf("the header claims more than %d bytes", most)
		}
		n *= d
		size = append(size, d)
	}
	var b bytes.Buffer
	got, err := io.Copy(&b, io.LimitReader(r, int64(n)+1))
	if err != nil {
		return nil, nil, fmt.Errorf("after byte %d: %w", got, err)
	}
	if got < int64(n) {
		return nil, nil, fmt.Errorf("the header claims %d bytes and there are %d; the file is truncated", n, got)
	}
	if got > int64(n) {
		return nil, nil, fmt.Errorf("the header claims %d bytes and there are more; the file is corrupt", n)
	}
	return size, b.Bytes(), nil
}
