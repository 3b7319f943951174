// Package crops makes a set of squares cut out of large images at random.
//
// Crop i of n is a function of the images, the seed and i alone: each square of each image is as likely as every other. The
// images are read when they are first wanted. Each that fits beside those before it into 512 MiB is kept; of others, every crop reads
// its image anew, which is slow and may be larger than memory.
package crops

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"slices"
	"sync"

	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
	"spdiff/tensor"
)

// Options say what is cut.
type Options struct {
	N        int     // how many
	H, W     int     // of each, in pixels
	Scale    float64 // the images are first scaled by this
	Seed     uint64
	Channels int // 1 or 3; 0: 1 if all images are grey, else 3
	imagefolder.Choice
}

// A Set is crops. It is a spdiff.Source.
type Set struct {
	*imagefolder.List
	ctx     context.Context
	name    string
	options Options
	upTo    []int64 // how many places the crops of the images up to this one, included, can have
	kept    []kept
}

// A kept is an image that stays in memory once it has been read.
type kept struct {
	sync.Mutex
	fits  bool
	image *picture.Image
}

// memory is what the images that are kept may take, in bytes.
const memory = 512 << 20

// New returns crops of the images of files, which the name is for in errors. The context is that of all reading, then and later.
func New(ctx context.Context, files fs.FS, name string, o Options) (*Set, error) {
	l, err := imagefolder.Read(ctx, files, o.Choice)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", packed.Printable(name), err)
	}
	o.Channels = l.Channels(o.Channels)
	s := &Set{List: l, ctx: ctx, name: name, options: o, kept: make([]kept, len(l.Names))}
	var places, bytes int64
	for i := range l.Names {
		if err := s.fits(i); err != nil {
			return nil, fmt.Errorf("%s: %w", packed.Printable(name), err)
		}
		h, w := s.size(i)
		places += int64((h - o.H + 1) * (w - o.W + 1))
		s.upTo = append(s.upTo, places)
		if n := int64(2 * h * w * o.Channels); bytes+n <= memory {
			bytes += n
			s.kept[i].fits = true
		}
	}
	return s, nil
}

// maxPixels bounds a scaled image, and MaxN the crops: an epoch's order takes 8 bytes each.
const (
	maxPixels = 1 << 26
	MaxN      = 1 << 24
)

// fits returns an error unless a crop fits into image i.
func (s *Set) fits(i int) error {
	h, w := s.size(i)
	o := s.options
	if h > maxPixels/w {
		return fmt.Errorf("%q is %s, scaled by %v; at most %d pixels are scaled: make ?scale= less", s.Names[i], picture.Size(h, w), o.Scale, maxPixels)
	}
	if h >= o.H && w >= o.W {
		return nil
	}
	return fmt.Errorf("%q is %s, scaled by %v; no crop of %s fits: ?size=%d fits them all, or leave the file out by ?without=%s",
		s.Names[i], picture.Size(h, w), o.Scale, picture.Size(o.H, o.W), s.least(), url.QueryEscape(s.Names[i]))
}

// least returns the least side of all images, scaled.
func (s *Set) least() int {
	least := maxPixels
	for i := range s.Names {
		h, w := s.size(i)
		least = min(least, h, w)
	}
	return least
}

// size returns the size of image i, scaled.
func (s *Set) size(i int) (h, w int) {
	scaled := func(n int) int { return max(1, int(math.Floor(float64(float64(n)*s.options.Scale)+0.5))) }
	return scaled(s.Headers[i].H), scaled(s.Headers[i].W)
}

// Len returns the number of crops.
func (s *Set) Len() int { return s.options.N }

// Shape returns rows, columns and channels.
func (s *Set) Shape() (h, w, c int) { return s.options.H, s.options.W, s.options.Channels }

// String says what the set is.
func (s *Set) String() string {
	return fmt.Sprintf("random crops of %d images, %s, scaled by %v, seed %d%s",
		len(s.Names), packed.Printable(s.name), s.options.Scale, s.options.Seed, s.ClassRange())
}

// Image cuts crop i, and returns the class of its image.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	k, y, x := s.place(i)
	m, err := s.image(k)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", packed.Printable(s.name), err)
	}
	m.Crop(y, x, s.options.H, s.options.W).Floats(dst)
	return s.List.Label(k), nil
}

// Label returns the class of crop i, 0 where there are none.
func (s *Set) Label(i int) int {
	k, _, _ := s.place(i)
	return s.List.Label(k)
}

// CheckFile reads image k, whole.
func (s *Set) CheckFile(ctx context.Context, k int) error {
	_, err := s.Decode(ctx, k, s.options.Channels)
	return err
}

// place returns which image crop i is of, and where its first pixel is.
func (s *Set) place(i int) (k, y, x int) {
	at := tensor.NewStream(s.options.Seed, uint64(i)).Int64n(s.upTo[len(s.upTo)-1], 0)
	k, _ = slices.BinarySearch(s.upTo, at+1)
	if k > 0 {
		at -= s.upTo[k-1]
	}
	_, w := s.size(k)
	w -= s.options.W - 1
	return k, int(at) / w, int(at) % w
}

// image returns image k, scaled.
func (s *Set) image(k int) (*picture.Image, error) {
	m := &s.kept[k]
	if !m.fits {
		return s.read(k)
	}
	m.Lock()
	defer m.Unlock()
	if m.image == nil {
		image, err := s.read(k)
		if err != nil {
			return nil, err
		}
		m.image = image
	}
	return m.image, nil
}

func (s *Set) read(k int) (*picture.Image, error) {
	m, err := s.Decode(s.ctx, k, s.options.Channels)
	if err != nil {
		return nil, err
	}
	return m.Scale(s.size(k)), nil
}
