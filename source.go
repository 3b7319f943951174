package spdiff

import (
	"fmt"

	"spdiff/tensor"
)

// A Source is a set of images of one shape: implement it to train on images of your own ([Images] is one for images in memory,
// [FromImage] makes the numbers of a decoded file). Len and Shape always return the same; all methods may be called from several
// goroutines at once. A training reads the images of its next step while a step runs, in a goroutine that ends with the last of
// them: see [Trainer.Wait]. The step that needs an image returns the error of Image, and may be tried again; a panic of Image
// becomes a panic of the step.
type Source interface {
	// Len returns how many images there are.
	Len() int

	// Shape returns rows, columns and channels of every image.
	Shape() (h, w, c int)

	// Image sets dst, of length h·w·c, to image i, 0 ≤ i < Len(), as rows of pixels of channels with values in [−1, 1],
	// and returns its class, 0 where there are none. The same i is always the same image.
	Image(dst []float32, i int) (class int, err error)
}

// Images returns the images of x, of shape (n, h, w, c) with values in [−1, 1], as a Source; the class of image i is
// classes[i], 0 where classes is nil. Both stay in use and must not change. It panics with a *SourceError if the shape has
// not four extents, or there are not as many classes as images; an x that is nil panics too.
func Images(x *tensor.Tensor, classes []int) Source {
	if s := x.Shape(); len(s) != 4 {
		panic(&SourceError{fmt.Sprintf("images of shape %v; it must be images × rows × columns × channels", s)})
	} else if classes != nil && len(classes) != s[0] {
		panic(&SourceError{fmt.Sprintf("%d images and %d classes", s[0], len(classes))})
	}
	return inMemory{x, classes}
}

type inMemory struct {
	x       *tensor.Tensor
	classes []int
}

func (m inMemory) Len() int { return m.x.Shape()[0] }

func (m inMemory) Shape() (h, w, c int) {
	s := m.x.Shape()
	return s[1], s[2], s[3]
}

func (m inMemory) Image(dst []float32, i int) (class int, err error) {
	copy(dst, m.x.Data()[i*len(dst):])
	if m.classes != nil {
		class = m.classes[i]
	}
	return class, nil
}

// Limit returns the first n images of s, all of them if there are no more, none if n is not positive. It panics where s is nil.
func Limit(s Source, n int) Source {
	if n >= s.Len() {
		return s
	}
	return limited{s, max(n, 0)}
}

type limited struct {
	Source
	n int
}

func (l limited) Len() int { return l.n }

// A SourceError says why a source cannot be trained on.
type SourceError struct{ Reason string }

// Error gives the reason.
func (e *SourceError) Error() string { return "source: " + e.Reason }

var errNoSource = &SourceError{"there is none: it is nil"}

// checkShape checks that s has images, of the h rows, w columns and so many channels that a network takes.
func checkShape(s Source, h, w, channels int) error {
	if s == nil {
		return errNoSource
	}
	if s.Len() < 1 {
		return &SourceError{"there are no images"}
	}
	rows, columns, c := s.Shape()
	if rows != h || columns != w || c != channels {
		return &SourceError{fmt.Sprintf("images are %v and the network takes %v, which are Network.ImageHeight, Network.ImageWidth and Network.Out; a saved training keeps them",
			tensor.Shape{rows, columns, c}, tensor.Shape{h, w, channels})}
	}
	return nil
}
