// Package arrays makes a set of the images of a numpy file: an array of images × rows × columns × channels, or images × rows ×
// columns, and in an archive one of their labels.
//
// Images are read when they are wanted (see package npy), so a set may be larger than memory, unless its archive is compressed.
package arrays

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
}

// A Range is the numbers that become −1 and 1; the zero Range stands for that of the type, where there is one.
type Range struct{ Lo, Hi float32 }

// ranges are those of types that images are kept in.
var ranges = map[string]Range{"|u1": {0, 255}, "<u2": {0, 65535}, "|b1": {0, 1}}

// Open opens a .npy or .npz file.
//
// The array of images is the one named images, or the only one of three or four dimensions; the labels are the one named labels, or
// the only one of one dimension. Bytes from 0 to 255 become −1 to 1, and 16-bit numbers likewise. Floating-point numbers are
// taken as they are, if the first images show that they go from −1 to 1; what else they are, and what other integers are, must
// be said by r.
func Open(path string, r Range) (*Set, error) {
	f, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Set{name: path}
	if err := s.open(f, r); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func (s *Set) open(f *npy.File, r Range) (err error) {
	if s.images, err = find(f, "images", 3, 4); err != nil {
		return err
	}
	if s.images == nil {
		return fmt.Errorf("there is no array of images × rows × columns × channels; there are %s", contents(f))
	}
	if err := s.setShape(); err != nil {
		return err
	}
	if err := s.setRange(r); err != nil {
		return err
	}
	labels, err := find(f, "labels", 1, 1)
	if err != nil || labels == nil {
		return err
	}
	return s.setLabels(labels)
}

// find returns the array of a name, or the only one with so many dimensions, nil if there is none.
func find(f *npy.File, name string, from, to int) (*npy.Array, error) {
	if a := f.Array(name); a != nil {
		return a, nil
	}
	var found *npy.Array
	for _, n := range f.Names() {
		if a := f.Array(n); len(a.Shape()) >= from && len(a.Shape()) <= to {
			if found != nil {
				return nil, fmt.Errorf("it is not clear which array is that of the %s; name it so; there are %s", name, contents(f))
			}
			found = a
		}
	}
	return found, nil
}

// contents names the arrays of a file and their shapes.
func contents(f *npy.File) string {
	var all []string
	for _, n := range f.Names() {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %v", n, f.Array(n).Shape())))
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, ", ")
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
	switch {
	case r != Range{}:
	case ok:
		r = known
	case strings.Contains(s.images.Type(), "f"):
		r = Range{-1, 1}
		if below, err := s.below(); err != nil {
			return err
		} else if !below {
			return errors.New("no number of the first images is below 0: is their range 0 to 1, or 0 to 255? Say ?range=0,1 or ?range=0,255, " +
				"or ?range=-1,1 if they are right as they are")
		}
	default:
		return fmt.Errorf("numbers of type %s have no range of their own; say which numbers are black and white, as ?range=0,255", s.images.Type())
	}
	s.lo, s.hi = r.Lo, r.Hi
	return nil
}

// looked is how many images are looked at for the range of their numbers.
const looked = 16

// below reports whether one of the first images has a number below 0.
func (s *Set) below() (bool, error) {
	h, w, c := s.Shape()
	x := make([]float32, h*w*c)
	for i := range min(s.Len(), looked) {
		if err := s.images.ReadAt(x, int64(i*len(x))); err != nil {
			return false, err
		}
		if slices.ContainsFunc(x, func(v float32) bool { return v < 0 }) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Set) setLabels(a *npy.Array) error {
	if d := a.Shape(); len(d) != 1 || d[0] != s.Len() {
		return fmt.Errorf("the labels are of shape %v, and there are %d images", d, s.Len())
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
	text := fmt.Sprintf("numpy array, %s", s.name)
	if s.labels != nil {
		text += fmt.Sprintf(", classes 0 to %d", s.classes-1)
	}
	return text
}

// Image sets dst to image i, and returns its label. A number outside the range is an error.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	if err := s.images.ReadAt(dst, int64(i)*int64(len(dst))); err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	for k, v := range dst {
		if !(v >= s.lo && v <= s.hi) {
			return 0, fmt.Errorf("%s: number %d of image %d is %v, not from %v to %v; ?range=LOW,HIGH says what becomes black and white",
				s.name, k, i, v, s.lo, s.hi)
		}
		if s.lo != -1 || s.hi != 1 {
			dst[k] = (v-s.lo)/((s.hi-s.lo)/2) - 1
		}
	}
	if s.labels != nil {
		class = int(s.labels[i])
	}
	return class, nil
}
