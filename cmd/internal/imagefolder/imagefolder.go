package imagefolder

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
)

// Options say what becomes of images.
type Options struct {
	H, W     int // pixels: the middle of each image is scaled to them; 0: all images must be of one size
	Channels int // 1 or 3; 0: 1 if all images are grey, else 3
	Choice
}

// A Set is the images of a folder. It is a spdiff.Source.
type Set struct {
	*List
	ctx     context.Context
	name    string
	options Options
	mixed   string // which images are grey and which not, "" if it does not matter
}

// New returns the images of files, which the name is for in errors. The context is that of all reading, then and later.
func New(ctx context.Context, files fs.FS, name string, o Options) (*Set, error) {
	l, err := Read(ctx, files, o.Choice)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", packed.Printable(name), err)
	}
	s := &Set{List: l, ctx: ctx, name: name, options: o}
	if o.Channels == 0 {
		s.mixed = l.mixture()
	}
	s.options.Channels = l.channels(o.Channels)
	if o.H > 0 {
		return s, nil
	}
	first := l.Headers[0]
	s.options.H, s.options.W = first.H, first.W
	for i, h := range l.Headers {
		if h.H != first.H || h.W != first.W {
			return nil, fmt.Errorf("%s: %w", packed.Printable(name), &SizesError{[2]string{l.Names[i], l.Names[0]}, [2]picture.Header{h, first}, l.fitting()})
		}
	}
	return s, nil
}

// A SizesError says that images are of different sizes, and none is asked for.
type SizesError struct {
	Names   [2]string // two that differ
	Headers [2]picture.Header
	Fits    int // pixels of a square that all images hold
}

// Error names the two images and their sizes.
func (e *SizesError) Error() string {
	a, b := e.Headers[0], e.Headers[1]
	return fmt.Sprintf("%q is %s and %q %s; images of one size are wanted", e.Names[0], picture.Size(a.H, a.W), e.Names[1], picture.Size(b.H, b.W))
}

// fitting returns a size that fits all images, 64 at most: a power of two, which networks halve.
func (l *List) fitting() int {
	size := 64
	for _, h := range l.Headers {
		for size > max(1, min(h.H, h.W)) {
			size /= 2
		}
	}
	return size
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.Names) }

// Shape returns rows, columns and channels.
func (s *Set) Shape() (h, w, c int) { return s.options.H, s.options.W, s.options.Channels }

// String says what the set is.
func (s *Set) String() string { return "pictures, " + packed.Printable(s.name) + s.ClassRange() }

// ClassRange says what classes there are, for the end of a description.
func (l *List) ClassRange() string {
	if l.Classes == 0 {
		return ""
	}
	return fmt.Sprintf(", classes 0 to %d", l.Classes-1)
}

// Kinds says how pictures are called, with a comma between.
func Kinds() string { return strings.Join(picture.Formats(), ", ") }

// Image reads image i, and returns its class.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	m, err := s.Decode(s.ctx, i, s.options.Channels)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", packed.Printable(s.name), err)
	}
	m.Fit(s.options.H, s.options.W).Floats(dst)
	return s.Label(i), nil
}

// Label returns the class of image i, 0 where there are none.
func (l *List) Label(i int) int {
	if l.Class == nil {
		return 0
	}
	return l.Class[i]
}

// Labelled reports whether there are classes.
func (l *List) Labelled() bool { return l.Class != nil }

// Files returns how many files there are.
func (l *List) Files() int { return len(l.Names) }

// CheckFile reads file i, whole.
func (s *Set) CheckFile(ctx context.Context, i int) error {
	_, err := s.Decode(ctx, i, s.options.Channels)
	return err
}

// Mixed returns an error if some images are grey and some coloured, and nobody has said by Options.Channels which they are to be.
func (s *Set) Mixed() error {
	if s.mixed == "" {
		return nil
	}
	return fmt.Errorf("%s: %s; grey and colour do not compare: ?channels=1 or ?channels=3 makes them one kind", packed.Printable(s.name), s.mixed)
}

// mixture says which images are of two kinds, "" if all are of one.
func (l *List) mixture() string {
	for i, h := range l.Headers {
		if h.Grey != l.Headers[0].Grey {
			kind := map[bool]string{true: "grey", false: "coloured"}
			return fmt.Sprintf("%q is %s and %q %s", l.Names[0], kind[!h.Grey], l.Names[i], kind[h.Grey])
		}
	}
	return ""
}
