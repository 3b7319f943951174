// Package imagefolder makes a set of the PNG and JPEG files of a folder or a zip archive.
//
// What is kept in memory is the list of files, with their sizes and classes; an image is read when it is wanted, so a set may
// be larger than memory. The headers of all files are read at the beginning, so that an image that does not fit is an error
// then and not after hours. Only files within the folder are read: a symbolic link that leads out of it is an error.
package imagefolder

import (
	"fmt"
	"io/fs"
)

// Options say what becomes of images.
type Options struct {
	H, W     int // pixels: the middle of each image is scaled to them; 0: all images must be of one size
	Channels int // 1 or 3; 0: 1 if all images are grey, else 3
}

// A Set is the images of a folder. It is a spdiff.Source.
type Set struct {
	name    string
	list    *List
	options Options
	mixed   string // which images are grey and which not, "" if it does not matter
}

// New returns the images of files, which the name is for in errors.
func New(files fs.FS, name string, o Options) (*Set, error) {
	l, err := Read(files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Set{name: name, list: l, options: o}
	if o.Channels == 0 {
		s.options.Channels, s.mixed = l.Channels(), l.mixture()
	}
	if o.H > 0 {
		return s, nil
	}
	first := l.Headers[0]
	s.options.H, s.options.W = first.H, first.W
	for i, h := range l.Headers {
		if h.H != first.H || h.W != first.W {
			return nil, fmt.Errorf("%s: %s is %d×%d pixels and %s %d×%d; images of one size are wanted: ?size=64 takes the middle of each and "+
				"scales it to 64×64, crops:FOLDER cuts squares out of large images", name, l.Names[i], h.W, h.H, l.Names[0], first.W, first.H)
		}
	}
	return s, nil
}

// Channels returns the channels that hold all colours of the images.
func (l *List) Channels() int {
	if l.Grey {
		return 1
	}
	return 3
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.list.Names) }

// Shape returns rows, columns and channels.
func (s *Set) Shape() (h, w, c int) { return s.options.H, s.options.W, s.options.Channels }

// String says what the set is.
func (s *Set) String() string {
	text := fmt.Sprintf("PNG and JPEG files, %s", s.name)
	if s.list.Classes > 0 {
		text += fmt.Sprintf(", classes 0 to %d", s.list.Classes-1)
	}
	return text
}

// Image reads image i, and returns its class.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	m, err := s.list.Decode(i, s.options.Channels)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	m.Fit(s.options.H, s.options.W).Floats(dst)
	if s.list.Class == nil {
		return 0, nil
	}
	return s.list.Class[i], nil
}

// Mixed returns an error if some images are grey and some coloured, and nobody has said by Options.Channels which they are to be.
func (s *Set) Mixed() error {
	if s.mixed == "" {
		return nil
	}
	return fmt.Errorf("%s: %s; grey and colour do not compare: ?channels=1 or ?channels=3 makes them one kind", s.name, s.mixed)
}

// mixture says which images are of two kinds, "" if all are of one.
func (l *List) mixture() string {
	for i, h := range l.Headers {
		if h.Grey != l.Headers[0].Grey {
			kind := map[bool]string{true: "grey", false: "coloured"}
			return fmt.Sprintf("%s is %s and %s %s", l.Names[0], kind[!h.Grey], l.Names[i], kind[h.Grey])
		}
	}
	return ""
}
