package spdiff

import (
	"fmt"
	"image"
	"image/color"

	"spdiff/tensor"
)

// FromImage returns an image as a tensor (H, W, C) of values in [−1, 1]: one channel for *image.Gray and *image.Gray16, three for
// all others, whatever their colours. What is not opaque is laid over white.
//
//	v/127.5 − 1    of bytes         v/32767.5 − 1    of 16 bits, which is the same number for 257·v
//
// Both are computed in float32, each operation rounded. An image that is nil panics.
func FromImage(m image.Image) *tensor.Tensor {
	b := m.Bounds()
	channels := 3
	switch m.(type) {
	case *image.Gray, *image.Gray16:
		channels = 1
	}
	z := tensor.New(b.Dy(), b.Dx(), channels)
	at := z.Data()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, a := m.At(x, y).RGBA() // multiplied by a
			colours := [3]uint32{r, g, b}
			for i, v := range colours[:channels] {
				at[i] = float32(v+0xffff-a)/32767.5 - 1
			}
			at = at[channels:]
		}
	}
	return z
}

// ToImage returns image i of a batch (N, H, W, C), or with i = 0 the one image (H, W, C), of one channel, as an *image.Gray, or of
// three, as an *image.NRGBA: the byte nearest to 127.5·(v + 1). Values beyond [−1, 1] count as its ends, and NaN as −1. It
// panics with a *PictureError if x is of another shape, or has no image i; an x that is nil panics too.
func ToImage(x *tensor.Tensor, i int) image.Image {
	s := x.Shape()
	if len(s) == 3 {
		s = append(tensor.Shape{1}, s...)
	}
	if len(s) != 4 || s[3] != 1 && s[3] != 3 || i < 0 || i >= s[0] {
		panic(&PictureError{x.Shape(), i})
	}
	h, w, c := s[1], s[2], s[3]
	at := x.Data()[i*h*w*c : (i+1)*h*w*c]
	if c == 1 {
		z := image.NewGray(image.Rect(0, 0, w, h))
		for p, v := range at {
			z.Pix[p] = toByte(v)
		}
		return z
	}
	z := image.NewNRGBA(image.Rect(0, 0, w, h))
	for p := range h * w {
		z.SetNRGBA(p%w, p/w, color.NRGBA{toByte(at[3*p]), toByte(at[3*p+1]), toByte(at[3*p+2]), 0xff})
	}
	return z
}

// toByte returns the byte nearest to 127.5·(v + 1).
func toByte(v float32) uint8 {
	u := 127.5 * (float64(v) + 1)
	if !(u > 0) {
		return 0
	}
	return uint8(min(u, 255) + 0.5)
}

// A PictureError says that a tensor has no such image.
type PictureError struct {
	Shape tensor.Shape
	Image int
}

// Error says which image of what was asked for.
func (e *PictureError) Error() string {
	return fmt.Sprintf("image %d of a tensor of %v: images are (H, W, C) or (N, H, W, C), of 1 channel or 3", e.Image, e.Shape)
}
