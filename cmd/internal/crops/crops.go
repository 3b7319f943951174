// Package crops makes a set of squares cut out of large images at random.
//
// Crop i of n is a function of the images, the seed and i alone: each square of each image is as likely as every other. The
// images are read when they are first wanted, and as many are kept as fit into 512 MiB; of others, every crop reads its image
// anew, which is slow and may be larger than memory.
package crops

import (
	"fmt"
	"io/fs"
	"math"
	"sort"
	"sync"

	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/pixels"
	"spdiff/tensor"
)

// Options say what is cut.
type Options struct {
	N        int     // how many
	H, W     int     // of each, in pixels
	Scale    float64 // the images are first scaled by this
	Seed     uint64
	Channels int // 1 or 3; 0: 1 if all images are grey, else 3
}

// A Set is crops. It is a spdiff.Source.
type Set struct {
	name    string
	list    *imagefolder.List
	options Options
	upTo    []int // how many places the crops of the images up to this one, included, can have
	kept    []kept
}

// A kept is an image that stays in memory once it has been read.
type kept struct {
	sync.Mutex
	fits  bool
	image *pixels.Image
}

// memory is what the images that are kept may take, in bytes.
const memory = 512 << 20

// New returns crops of the images of files, which the name is for in errors.
func New(files fs.FS, name string, o Options) (*Set, error) {
	l, err := imagefolder.Read(files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if o.Channels == 0 {
		o.Channels = l.Channels()
	}
	s := &Set{name: name, list: l, options: o, kept: make([]kept, len(l.Names))}
	places, bytes := 0, 0
	for i := range l.Names {
		h, w := s.size(i)
		if h < o.H || w < o.W {
			return nil, fmt.Errorf("%s: %s is %d×%d pixels, scaled by %v; no crop of %d×%d fits", name, l.Names[i], w, h, o.Scale, o.W, o.H)
		}
		if h > maxPixels/w {
			return nil, fmt.Errorf("%s: %s is %d×%d pixels, scaled by %v; at most %d are scaled", name, l.Names[i], w, h, o.Scale, maxPixels)
		}
		places += (h - o.H + 1) * (w - o.W + 1)
		s.upTo = append(s.upTo, places)
		bytes += 2 * h * w * o.Channels
		s.kept[i].fits = bytes <= memory
	}
	return s, nil
}

// maxPixels bounds a scaled image.
const maxPixels = 1 << 28

// size returns the size of image i, scaled.
func (s *Set) size(i int) (h, w int) {
	scaled := func(n int) int { return max(1, int(math.Floor(float64(float64(n)*s.options.Scale)+0.5))) }
	return scaled(s.list.Headers[i].H), scaled(s.list.Headers[i].W)
}

// Len returns the number of crops.
func (s *Set) Len() int { return s.options.N }

// Shape returns rows, columns and channels.
func (s *Set) Shape() (h, w, c int) { return s.options.H, s.options.W, s.options.Channels }

// String says what the set is.
func (s *Set) String() string {
	return fmt.Sprintf("random crops of %d images, %s, scaled by %v, seed %d", len(s.list.Names), s.name, s.options.Scale, s.options.Seed)
}

// Image cuts crop i, and returns the class of its image.
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	k, y, x := s.place(i)
	m, err := s.image(k)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	m.Crop(y, x, s.options.H, s.options.W).Floats(dst)
	if s.list.Class == nil {
		return 0, nil
	}
	return s.list.Class[k], nil
}

// place returns which image crop i is of, and where its first pixel is.
func (s *Set) place(i int) (k, y, x int) {
	at := tensor.NewStream(s.options.Seed, uint64(i)).Intn(s.upTo[len(s.upTo)-1], 0)
	k = sort.SearchInts(s.upTo, at+1)
	if k > 0 {
		at -= s.upTo[k-1]
	}
	_, w := s.size(k)
	w -= s.options.W - 1
	return k, at / w, at % w
}

// image returns image k, scaled.
func (s *Set) image(k int) (*pixels.Image, error) {
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

func (s *Set) read(k int) (*pixels.Image, error) {
	m, err := s.list.Decode(k, s.options.Channels)
	if err != nil {
		return nil, err
	}
	return m.Scale(s.size(k)), nil
}
