package spdiff

import (
	"fmt"

	"spdiff/tensor"
)

// A Source is a set of images of one shape. Its methods may be called from several goroutines at once.
type Source interface {
	// Len returns how many images there are.
	Len() int

	// Shape returns rows, columns and channels of every image.
	Shape() (h, w, c int)

	// Image sets dst, of length h·w·c, to image i, 0 ≤ i < Len(), as rows of pixels of channels with values in [−1, 1],
	// and returns its class, 0 where there are none. The same i is always the same image.
	Image(dst []float32, i int) (class int, err error)
}

// Limit returns the first n images of s, all of them if there are no more.
func Limit(s Source, n int) Source {
	if n >= s.Len() {
		return s
	}
	return limited{s, n}
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

// checkSource checks that s has images of the shape that the network takes.
func checkSource(c Config, s Source) error {
	if s.Len() < 1 {
		return &SourceError{"there are no images"}
	}
	h, w, channels := s.Shape()
	if n := c.Network; h != n.ImageHeight || w != n.ImageWidth || channels != n.In {
		return &SourceError{fmt.Sprintf("images are %v and the network takes %v; choose a preset or sizes that fit",
			tensor.Shape{h, w, channels}, tensor.Shape{n.ImageHeight, n.ImageWidth, n.In})}
	}
	return nil
}
