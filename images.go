package spdiff

import (
	"fmt"
	"math"

	"spdiff/tensor"
)

// An ImageError says why images do not fit the call that they are given to.
type ImageError struct {
	Shape   tensor.Shape // the images'; nil where the tensor is nil
	Network tensor.Shape // rows, columns and channels that the network takes; nil where there is none
	Reason  string
}

// Error says what is wrong and what would fit.
func (e *ImageError) Error() string {
	if e.Shape == nil {
		return "images: " + e.Reason
	}
	if e.Network == nil {
		return fmt.Sprintf("images of %v: %s", e.Shape, e.Reason)
	}
	return fmt.Sprintf("images of %v: %s; the network takes %v, and larger images by tiles", e.Shape, e.Reason, e.Network)
}

// batchShape returns the shape of images (H, W, C) or (N, H, W, C) as a batch, or an error.
func batchShape(img *tensor.Tensor) (tensor.Shape, error) {
	if img == nil {
		return nil, &ImageError{Reason: "there are none: the tensor is nil"}
	}
	s := img.Shape()
	if len(s) == 3 {
		s = append(tensor.Shape{1}, s...)
	}
	if len(s) != 4 || img.Len() == 0 {
		return nil, &ImageError{Shape: img.Shape(), Reason: "an image is (H, W, C), a batch (N, H, W, C)"}
	}
	return s, nil
}

// checkImages returns the shape of a batch of images, the first of number first, or an error if they do not fit the network or
// are not finite.
func (m *Model) checkImages(img *tensor.Tensor, first int) (tensor.Shape, error) {
	h, w, c := m.Shape()
	fail := func(format string, a ...any) (tensor.Shape, error) {
		return nil, &ImageError{img.Shape(), tensor.Shape{h, w, c}, fmt.Sprintf(format, a...)}
	}
	s, err := batchShape(img)
	if err != nil {
		return nil, err
	}
	if reason := m.misfit(s); reason != "" {
		return fail("%s", reason)
	}
	if i := notFinite(img.Data()); i >= 0 {
		p := i / c
		return fail("image %d is %v in row %d, column %d, channel %d", first+p/(s[1]*s[2]), img.Data()[i], p/s[2]%s[1], p%s[2], i%c)
	}
	return s, nil
}

// misfit says why images of a batch of shape s cannot be the network's, "" if they can.
func (m *Model) misfit(s tensor.Shape) string {
	h, w, c := m.Shape()
	switch {
	case s[3] != c:
		return fmt.Sprintf("they have %d channels", s[3])
	case s[1] < h || s[2] < w:
		return "they are smaller than the network's; enlarge them or add a border"
	case s[1] > math.MaxInt32/s[2]/c:
		return "an image has more than 2³¹−1 numbers; cut it into parts"
	}
	return ""
}
