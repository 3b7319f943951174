// Package pixels reads PNG and JPEG images into rows of pixels of one channel (grey) or three (red, green, blue).
//
// All that the formats hold becomes 16 bits a channel, which loses nothing: 8 bits v become 257·v, palettes their colours.
// What is not opaque is laid over white. Colour becomes grey by 0.299 R + 0.587 G + 0.114 B (Rec. 601). Orientation tags of
// cameras and colour profiles are ignored, as the pixels are what a network is to learn.
//
// An image file may claim any size. It is believed up to 1032 pixels a byte, the most that deflate can hold, or a million, and
// never above 64 million. Reading takes at most 32 bytes for each of these.
package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
)

// An Image is rows of pixels of C channels, each from 0 to 65535.
type Image struct {
	H, W, C int
	Pix     []uint16
}

// A Header is what an image says of itself before its pixels.
type Header struct {
	H, W int
	Grey bool // all its pixels are
}

const (
	perByte = 1032
	always  = 1 << 20
	most    = 1 << 26
)

// A format is one of those that are read.
type format struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
}

// Of a PNG: how many bytes say what colours it has, where, and the type of grey with transparency, which image/png calls
// coloured.
const (
	enough     = 26
	colourType = 25
	greyAlpha  = 4
)

// ReadHeader reads the header of an image file of size bytes. The error says what is wrong with an image that is too large,
// or that Decode cannot read.
func ReadHeader(r io.Reader, size int64) (Header, error) {
	start := make([]byte, enough)
	if n, err := io.ReadFull(r, start); err != nil {
		start = start[:n]
	}
	h, _, err := header(io.MultiReader(bytes.NewReader(start), r), start, size)
	return h, err
}

func header(r io.Reader, start []byte, size int64) (Header, *format, error) {
	for i := range formats {
		f := &formats[i]
		if !bytes.HasPrefix(start, []byte(f.magic)) {
			continue
		}
		c, err := f.config(r)
		if err != nil {
			return Header{}, nil, err
		}
		if err := believe(c.Width, c.Height, size); err != nil {
			return Header{}, nil, err
		}
		grey := isGrey(c.ColorModel) || i == 0 && start[colourType] == greyAlpha // DecodeConfig has seen as many bytes
		return Header{c.Height, c.Width, grey}, f, nil
	}
	return Header{}, nil, errors.New("it is neither a PNG nor a JPEG image")
}

// believe returns an error if a file of size bytes cannot have so many pixels.
func believe(w, h int, size int64) error {
	limit := min(max(always, perByte*size), most)
	if size > most {
		limit = most
	}
	if w < 1 || h < 1 || int64(w) > limit/int64(h) {
		return fmt.Errorf("%d×%d pixels in %d bytes are not believed; at most %d are", h, w, size, limit)
	}
	return nil
}

// isGrey reports whether all colours of a model are grey.
func isGrey(m color.Model) bool {
	p, ok := m.(color.Palette)
	if !ok {
		return m == color.GrayModel || m == color.Gray16Model
	}
	for _, c := range p {
		if r, g, b, _ := c.RGBA(); r != g || g != b {
			return false
		}
	}
	return true
}

// Decode reads an image file of size bytes, into one channel or three.
func Decode(r io.Reader, size int64, channels int) (*Image, error) {
	file, err := io.ReadAll(io.LimitReader(r, size))
	if err != nil {
		return nil, err
	}
	_, f, err := header(bytes.NewReader(file), file[:min(len(file), enough)], int64(len(file))) // not what was claimed
	if err != nil {
		return nil, err
	}
	m, err := f.decode(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return from(m, channels)
}

// from returns the pixels of an image.
func from(m image.Image, channels int) (*Image, error) {
	pixels, ok := m.(image.RGBA64Image)
	if !ok {
		return nil, fmt.Errorf("pixels of %T are not understood", m)
	}
	b := m.Bounds()
	z := &Image{b.Dy(), b.Dx(), channels, make([]uint16, 0, b.Dy()*b.Dx()*channels)}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := pixels.RGBA64At(x, y) // multiplied by A
			white := 0xffff - c.A
			if r, g, b := c.R+white, c.G+white, c.B+white; channels == 1 {
				z.Pix = append(z.Pix, uint16((299*uint32(r)+587*uint32(g)+114*uint32(b)+500)/1000))
			} else {
				z.Pix = append(z.Pix, r, g, b)
			}
		}
	}
	return z, nil
}

// Crop returns the h×w pixels from (y, x) on, rows of the same memory copied together.
func (m *Image) Crop(y, x, h, w int) *Image {
	z := &Image{h, w, m.C, make([]uint16, 0, h*w*m.C)}
	for row := y; row < y+h; row++ {
		at := (row*m.W + x) * m.C
		z.Pix = append(z.Pix, m.Pix[at:at+w*m.C]...)
	}
	return z
}

// Floats sets dst to the pixels, 0 becoming −1 and 65535 becoming 1: v/32767.5 − 1.
func (m *Image) Floats(dst []float32) {
	for i, v := range m.Pix {
		dst[i] = float32(v)/32767.5 - 1
	}
}
