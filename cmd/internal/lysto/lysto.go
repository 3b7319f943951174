package lysto

import (
	"fmt"
	"strings"

	"spdiff/cmd/internal/hdf5"
	"spdiff/tensor"
)

// Options say what is cut out.
type Options struct {
	Size int // of the square, in pixels, up to 128; 0: 64
	Seed uint64
}

// Scaled is the size of a whole image once it is scaled.
const Scaled = 128

const usual = 64

// A Set is squares of images. It is a spdiff.Source.
type Set struct {
	name    string
	file    *hdf5.File
	x       *hdf5.Dataset
	class   []byte
	options Options
}

// Bounds of an image's size, of their number, and of the bytes that are unpacked for one of them.
const (
	maxSide   = 1 << 12
	maxImages = 1 << 26
	maxCost   = 64 << 20
)

// Organs are the classes, by number.
var Organs = []string{"colon", "prostate", "breast"}

// Open opens a file.
func Open(path string, o Options) (*Set, error) {
	if o.Size == 0 {
		o.Size = usual
	}
	if o.Size < 1 || o.Size > Scaled {
		return nil, fmt.Errorf("%s: squares of %d pixels; they must have 1 to %d, as the images are scaled to that", path, o.Size, Scaled)
	}
	f, err := hdf5.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Set{name: path, file: f, options: o}
	if err := s.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// read finds the images and reads the classes.
func (s *Set) read() (err error) {
	if s.x, err = s.file.Dataset("x"); err != nil {
		return err
	}
	shape, t := s.x.Shape, s.x.Type
	if len(shape) != 4 || shape[3] != channels || t.Class != hdf5.Integer || t.Size != 1 || t.Signed {
		return fmt.Errorf("x has the shape %v of %v; it must be images × rows × columns × 3 of uint8", shape, t)
	}
	if shape[0] < 1 || shape[0] > maxImages || shape[1] < 1 || shape[2] < 1 || shape[1] > maxSide || shape[2] > maxSide {
		return fmt.Errorf("x has the shape %v; there must be 1 to %d images of up to %d×%d pixels", shape, maxImages, maxSide, maxSide)
	}
	if cost := s.x.RowCost(); cost > maxCost {
		return fmt.Errorf("x is in chunks of so many images that %d MiB are unpacked for one; write it again: h5repack -l x:CHUNK=1x%dx%dx3 IN OUT",
			cost>>20, shape[1], shape[2])
	}
	return s.organs()
}

// organs reads the classes.
func (s *Set) organs() error {
	d, err := s.file.Dataset("organ")
	if err != nil {
		return err
	}
	if d.Rows() != s.Len() {
		return fmt.Errorf("there are %d images and %d organs", s.Len(), d.Rows())
	}
	part := make([]string, min(s.Len(), 1<<12))
	for len(s.class) < s.Len() {
		part = part[:min(len(part), s.Len()-len(s.class))]
		if err := d.Texts(part, len(s.class)); err != nil {
			return fmt.Errorf("organ: %w", err)
		}
		for _, text := range part {
			k, err := class(text)
			if err != nil {
				return fmt.Errorf("image %d: %w", len(s.class), err)
			}
			s.class = append(s.class, k)
		}
	}
	return nil
}

// class returns the number of an organ as "colon_12".
func class(text string) (byte, error) {
	organ, _, _ := strings.Cut(text, "_")
	for k, name := range Organs {
		if organ == name {
			return byte(k), nil
		}
	}
	return 0, fmt.Errorf("the organ %.40q is none of %s", text, strings.Join(Organs, ", "))
}

// Close closes the file.
func (s *Set) Close() error { return s.file.Close() }

// Len returns the number of images.
func (s *Set) Len() int { return s.x.Rows() }

// Shape returns rows, columns and three channels.
func (s *Set) Shape() (h, w, c int) { return s.options.Size, s.options.Size, channels }

// String says what the set is.
func (s *Set) String() string {
	return fmt.Sprintf("LYSTO, %s, random squares, seed %d", s.name, s.options.Seed)
}

// Labelled reports that every image has a class.
func (s *Set) Labelled() bool { return true }

// Label returns the organ of image i, which is not read.
func (s *Set) Label(i int) int { return int(s.class[i]) }

// NamesOfClasses returns the organs.
func (s *Set) NamesOfClasses() []string { return Organs }

// Image sets dst to the square of image i, 0 becoming −1 and 255 becoming 1, and returns its organ.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	m := image{s.x.Shape[1], s.x.Shape[2], make([]byte, s.x.RowBytes())}
	if err := s.x.ReadAt(m.pix, i); err != nil {
		return 0, fmt.Errorf("%s: image %d: %w", s.name, i, err)
	}
	m = m.scale(Scaled)
	y, x := s.place(i)
	n := s.options.Size
	for row := range n {
		from := m.pix[((y+row)*Scaled+x)*channels:][:n*channels]
		for k, v := range from {
			dst[row*n*channels+k] = float32(v)/127.5 - 1
		}
	}
	return int(s.class[i]), nil
}

// place returns where the square of image i begins: every place is as likely as every other.
func (s *Set) place(i int) (y, x int) {
	stream, places := tensor.NewStream(s.options.Seed, uint64(i)), Scaled-s.options.Size+1
	return stream.Intn(places, 0), stream.Intn(places, 1)
}
