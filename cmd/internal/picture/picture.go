package picture

import (
	"fmt"
	"image"
)

// An Image is rows of pixels of C channels, each from 0 to 65535.
type Image struct {
	H, W, C int
	Pix     []uint16
}

// A Header is what a picture says of itself before its pixels, as it is shown: upright.
type Header struct {
	H, W   int
	Grey   bool // all its pixels are
	Depth  int  // 16 if its numbers have more than 8 bits, else 8
	Turned bool // by an orientation in EXIF, which is honoured
	More   int  // frames or pages after the first, which are not read

	DICOM   bool  // its numbers are values, of which a window or a Range says what is black and white
	Windows int   // of DICOM: how many it has, of which the first counts; where it has none, its least and its greatest value do
	Unshown error // of DICOM: what is wrong with its windows, so that only a Range shows it
}

// from returns the pixels of m in the columns and rows of box, white where there are none.
func from(m image.Image, box image.Rectangle, channels int) (*Image, error) {
	pixels, ok := m.(image.RGBA64Image)
	if !ok {
		return nil, fmt.Errorf("pixels of %T are not understood", m)
	}
	z := &Image{box.Dy(), box.Dx(), channels, make([]uint16, 0, box.Dy()*box.Dx()*channels)}
	there := m.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			r, g, b := uint16(0xffff), uint16(0xffff), uint16(0xffff)
			if (image.Point{X: x, Y: y}).In(there) {
				c := pixels.RGBA64At(x, y) // multiplied by A
				white := 0xffff - c.A
				r, g, b = c.R+white, c.G+white, c.B+white
			}
			if channels == 1 {
				z.Pix = append(z.Pix, grey(r, g, b))
			} else {
				z.Pix = append(z.Pix, r, g, b)
			}
		}
	}
	return z, nil
}

// grey returns how light a colour is.
func grey(r, g, b uint16) uint16 {
	return uint16((299*uint32(r) + 587*uint32(g) + 114*uint32(b) + 500) / 1000)
}

// Crop returns the h×w pixels from (y, x) on, rows of the same memory copied together.
func (m *Image) Crop(y, x, h, w int) *Image {
	if h == m.H && w == m.W {
		return m
	}
	z := &Image{h, w, m.C, make([]uint16, 0, h*w*m.C)}
	for row := y; row < y+h; row++ {
		at := (row*m.W + x) * m.C
		z.Pix = append(z.Pix, m.Pix[at:at+w*m.C]...)
	}
	return z
}

// A Range is the numbers of a file that become black and white, as the file has them: from 0 to 255 or to 65535, or of DICOM values as
// they are stored. The zero Range is all that its depth holds; of DICOM what its first window shows, or all values that it has.
type Range struct{ Lo, Hi int }

// IsZero reports whether nothing is said.
func (r Range) IsZero() bool { return r == Range{} }

func (r Range) has(v int) bool { return r.Lo <= v && v <= r.Hi }

// stretch returns m, of a file of a depth, with the numbers of a range spread over 0 to 65535: round((v − lo)·65535/(hi − lo)). A
// number outside is an *OutsideError.
func (m *Image) stretch(r Range, depth int) (*Image, error) {
	z := &Image{m.H, m.W, m.C, make([]uint16, len(m.Pix))}
	unit := 65535 / (1<<depth - 1)
	lo, span := r.Lo*unit, uint64((r.Hi-r.Lo)*unit)
	for i, v := range m.Pix {
		switch {
		case int(v) < lo:
			return nil, &OutsideError{int(v) / unit, r}
		case int(v) > r.Hi*unit:
			return nil, &OutsideError{(int(v) + unit - 1) / unit, r}
		}
		z.Pix[i] = uint16((uint64(int(v)-lo)*65535*2 + span) / (2 * span))
	}
	return z, nil
}

// An OutsideError is a number outside a range.
type OutsideError struct {
	Value int // as the file has it; of a grey of colours, which is between two numbers, the one farther from the range
	Range
}

// Error says which.
func (e *OutsideError) Error() string {
	return fmt.Sprintf("a number is %d, not from %d to %d", e.Value, e.Lo, e.Hi)
}

// Floats sets dst to the pixels, 0 becoming −1 and 65535 becoming 1: v/32767.5 − 1.
func (m *Image) Floats(dst []float32) {
	for i, v := range m.Pix {
		dst[i] = float32(v)/32767.5 - 1
	}
}
