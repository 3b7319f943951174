// Package arrays makes a set of the images of a numpy file: an array of images × rows × columns × channels, or images × rows ×
// columns, and in an archive one of their labels.
//
// Images are read when they are wanted (see package npy), so a set may be larger than memory, unless its archive is compressed.
package arrays

import (
	"fmt"
	"math/bits"
	"strings"

	"spdiff/cmd/internal/packed"
	"spdiff/tensor/npy"
)

// A Set is the images of a file. It is a spdiff.Source.
type Set struct {
	name    string
	images  *npy.Array
	size    [3]int
	labels  []float32 // whole numbers, nil if there are none
	classes int
	lo, hi  float32 // what becomes −1 and 1
	notes   []string
}

// A Range is the numbers that become −1 and 1; the zero Range stands for that of the type, where there is one.
type Range struct{ Lo, Hi float32 }

// ranges are those of types that images are kept in.
var ranges = map[string]Range{"|u1": {0, 255}, "<u2": {0, 65535}, "|b1": {0, 1}}

// Options say what is taken of a file.
type Options struct {
	Range  Range
	Images string // the name of the array of images; "": see Open
	Labels string // and of that of labels
}

// Open opens a .npy or .npz file.
//
// The array of images is the one named images, or by another usual name, or the only one of three or four dimensions; the labels
// are the one named as the images with another word there (x_train, y_train), or by another usual name, or the only one of one
// dimension. Labels are whole numbers, N or N×1. Bytes from 0 to 255 become −1 to 1, and 16-bit numbers likewise.
// Floating-point numbers are taken as they are, if the first images show that they go from −1 to 1; what else they are, and
// what other integers are, must be said.
func Open(path string, o Options) (*Set, error) {
	f, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Set{name: path}
	if err := s.open(f, o); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", packed.Printable(path), err)
	}
	return s, nil
}

func (s *Set) open(f *npy.File, o Options) (err error) {
	images, a, err := choose(f, "images", o.Images, imagesNames, isImages)
	if err != nil {
		return err
	}
	if a == nil {
		return fmt.Errorf("there is no array of images × rows × columns × channels; there are %s%s", contents(f), flattened(f))
	}
	s.images = a
	if err := s.setShape(); err != nil {
		return err
	}
	if err := s.setRange(o.Range); err != nil {
		return err
	}
	labels, a, err := choose(f, "labels", o.Labels, append(matching(images), labelsNames...), s.isLabels)
	if err == nil && a != nil {
		err = s.setLabels(a)
	}
	s.noteArrays(f, images, labels)
	return err
}

// maxChannels is the most that an image has; a greater last extent is one of rows.
const maxChannels = 4

func (s *Set) setShape() error {
	d := s.images.Shape()
	if len(d) == 3 {
		d = append(d[:3:3], 1)
	}
	switch {
	case len(d) != 4 || d.Size() == 0:
		return fmt.Errorf("the images are of shape %v; it must be images × rows × columns × channels", s.images.Shape())
	case d[3] > maxChannels && d[1] <= maxChannels:
		return fmt.Errorf("the images are of shape %v, with channels first; save numpy.moveaxis(images, 1, -1)", d)
	case d[3] > maxChannels:
		return fmt.Errorf("the images are of shape %v: %d channels; at most %d are taken for an image", d, d[3], maxChannels)
	}
	s.size = [3]int(d[1:])
	return nil
}

func (s *Set) setRange(r Range) error {
	known, ok := ranges[s.images.Type()]
	least, most, err := s.extent()
	if err != nil {
		return err
	}
	switch {
	case r != Range{}:
	case ok:
		r = known
		if used := bits.Len32(uint32(most)); r.Hi == 65535 && used > 0 && used < 16 {
			s.notes = append(s.notes, fmt.Sprintf("numbers of 16 bits that go up to %v of 65535, in the first %d images: dark; ?range=0,%d makes %[3]d white",
				most, min(s.Len(), looked), 1<<used-1))
		}
	case strings.Contains(s.images.Type(), "f"):
		r = Range{-1, 1}
		if least >= 0 {
			return fmt.Errorf("the numbers of the first images go from %v to %v: is their range 0 to 1, or 0 to 255? Say ?range=0,1 or ?range=0,255, "+
				"or ?range=-1,1 if they are right as they are", least, most)
		}
	default:
		return fmt.Errorf("numbers of type %s have no range of their own; say which numbers are black and white, as ?range=0,255", s.images.Type())
	}
	s.lo, s.hi = r.Lo, r.Hi
	x := make([]float32, s.size[0]*s.size[1]*s.size[2])
	for i := range min(s.Len(), looked) { // what is wrong with the first is said at the beginning
		if _, err := s.read(x, i); err != nil {
			return err
		}
	}
	return nil
}

// looked is how many images are looked at for the range of their numbers.
const looked = 16

// extent returns the least and the greatest number of the first images.
func (s *Set) extent() (least, most float32, err error) {
	h, w, c := s.Shape()
	x := make([]float32, h*w*c)
	for i := range min(s.Len(), looked) {
		if err := s.images.ReadAt(x, int64(i*len(x))); err != nil {
			return 0, 0, err
		}
		for _, v := range x {
			least, most = min(least, v), max(most, v)
		}
	}
	return least, most, nil
}

func (s *Set) setLabels(a *npy.Array) error {
	if d := a.Shape(); len(d) == 0 || d.Size() != s.Len() || d[0] != s.Len() {
		return fmt.Errorf("the labels are of shape %v, and there are %d images; labels are one whole number an image", d, s.Len())
	}
	s.labels = make([]float32, s.Len()) // of which the file has at least a byte each
	if err := a.ReadAt(s.labels, 0); err != nil {
		return err
	}
	for i, v := range s.labels {
		if !(v >= 0 && v < 1<<20) || v != float32(int(v)) {
			return fmt.Errorf("label %d is %v; labels are whole numbers from 0 to %d", i, v, 1<<20-1)
		}
		s.classes = max(s.classes, int(v)+1)
	}
	return nil
}

// Len returns the number of images.
func (s *Set) Len() int { return s.images.Shape()[0] }

// Shape returns rows, columns and channels.
func (s *Set) Shape() (h, w, c int) { return s.size[0], s.size[1], s.size[2] }

// String says what the set is.
func (s *Set) String() string {
	text := fmt.Sprintf("numpy array, %s", packed.Printable(s.name))
	if s.labels != nil {
		text += fmt.Sprintf(", classes 0 to %d", s.classes-1)
	}
	return text
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

// Notes says which arrays were taken, where there are others, and what is easily overlooked.
func (s *Set) Notes() []string { return s.notes }

// Image sets dst to image i, and returns its label. A number outside the range is an error.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	if class, err = s.read(dst, i); err != nil {
		err = fmt.Errorf("%s: %w", packed.Printable(s.name), err)
	}
	return class, err
}

func (s *Set) read(dst []float32, i int) (class int, err error) {
	if err := s.images.ReadAt(dst, int64(i)*int64(len(dst))); err != nil {
		return 0, err
	}
	for k, v := range dst {
		if !(v >= s.lo && v <= s.hi) {
			return 0, fmt.Errorf("number %d of image %d is %v, not from %v to %v; ?range=LOW,HIGH says what becomes black and white",
				k, i, v, s.lo, s.hi)
		}
		if s.lo != -1 || s.hi != 1 {
			dst[k] = (v-s.lo)/((s.hi-s.lo)/2) - 1
		}
	}
	return s.Label(i), nil
}
