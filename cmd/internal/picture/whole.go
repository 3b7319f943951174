package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"slices"
)

// A Whole is a picture with all that its file says of it, so that another with the same may be written. Its pixels are as it is
// shown, upright, of one channel if all of them are grey, else of three; its colours are not multiplied by alpha.
type Whole struct {
	Header
	*Image
	Alpha  []uint16 // of each pixel; nil where the file has none
	Format string   // as Formats names it
	About  Metadata

	orientation int
	chroma      bool // CMYK: a profile of the file is of four inks, not of what is written
}

// ReadWhole reads a picture file of size bytes; what is read, and what is not believed, is as with Decode.
func ReadWhole(ctx context.Context, r io.ReaderAt, size int64) (*Whole, error) {
	ctx, stop := context.WithTimeoutCause(ctx, patience, errSlow)
	defer stop()
	w, err := readWhole(ctx, r, size)
	return w, because(ctx, err)
}

func readWhole(ctx context.Context, r io.ReaderAt, size int64) (*Whole, error) {
	m, h, f, file, err := pixelsOf(ctx, r, size, Range{})
	if err != nil {
		return nil, err
	}
	w := &Whole{Header: h.Header, Format: f.name, orientation: h.orientation}
	_, w.chroma = m.(*image.CMYK)
	w.straight(m, f.box(m, h))
	w.About = metadata(f.name, file)
	if w.chroma || w.C == 1 && ofColours(w.About.Profile()) {
		w.About = w.About.withoutProfile()
	}
	return w, nil
}

// straight takes the pixels of m within box, and their alpha where one is not opaque.
func (w *Whole) straight(m image.Image, box image.Rectangle) {
	channels := 3
	if w.Grey {
		channels = 1
	}
	n := box.Dx() * box.Dy()
	w.Image = &Image{box.Dy(), box.Dx(), channels, make([]uint16, 0, n*channels)}
	alpha := &Image{box.Dy(), box.Dx(), 1, make([]uint16, 0, n)}
	at, there, opaque := straightAt(m), m.Bounds(), true
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := color.NRGBA64{R: 0xffff, G: 0xffff, B: 0xffff}
			if (image.Point{X: x, Y: y}).In(there) {
				c = at(x, y)
			}
			opaque = opaque && c.A == 0xffff
			alpha.Pix = append(alpha.Pix, c.A)
			w.Pix = append(w.Pix, []uint16{c.R, c.G, c.B}[:channels]...)
		}
	}
	w.Image = w.Image.upright(w.orientation)
	if !opaque || hasAlpha(m) && w.Format != "WebP" && w.Format != "BMP" { // whose decoders give files without alpha one, too
		w.Alpha = alpha.upright(w.orientation).Pix
	}
}

// hasAlpha reports whether pixels of this kind come of files with a channel of alpha alone.
func hasAlpha(m image.Image) bool {
	switch m.(type) {
	case *image.NRGBA, *image.NRGBA64:
		return true
	}
	return false
}

// straightAt returns how a pixel is read, not multiplied by its alpha: exactly, where the file has it so.
func straightAt(m image.Image) func(x, y int) color.NRGBA64 {
	switch m := m.(type) {
	case *image.NRGBA64:
		return m.NRGBA64At
	case *image.NRGBA:
		return func(x, y int) color.NRGBA64 { return wide(m.NRGBAAt(x, y)) }
	case *image.Paletted:
		table := make([]color.NRGBA64, 256) // an index beyond the palette is black, as its decoders say
		for i, c := range m.Palette {
			table[i] = asStraight(c)
		}
		return func(x, y int) color.NRGBA64 { return table[m.ColorIndexAt(x, y)] }
	}
	return func(x, y int) color.NRGBA64 { return asStraight(m.At(x, y)) }
}

func wide(c color.NRGBA) color.NRGBA64 {
	return color.NRGBA64{R: 257 * uint16(c.R), G: 257 * uint16(c.G), B: 257 * uint16(c.B), A: 257 * uint16(c.A)}
}

func asStraight(c color.Color) color.NRGBA64 {
	if n, ok := c.(color.NRGBA); ok {
		return wide(n)
	}
	return color.NRGBA64Model.Convert(c).(color.NRGBA64)
}

// Ends counts the numbers of an image that are at the ends of what its file can hold (some were clipped to that), where those of the
// image before were not, and says where the first is.
type Ends struct {
	Black, White  int
	Row, Column   int // of the first, as the picture is shown
	Channel, Size int // of the first; and how many numbers there are
}

// String says how many, and where the first.
func (e Ends) String() string {
	if e.Black+e.White == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d numbers (%d black, %d white), the first in row %d, column %d, channel %d",
		e.Black+e.White, e.Size, e.Black, e.White, e.Row, e.Column, e.Channel)
}

// EndsOf counts the numbers of x, pixels of c channels in rows of w, that are at −1 or 1 and were not so in the image before.
func EndsOf(x, before []float32, w, c int) (e Ends) {
	e.Size = len(x)
	for i, v := range x {
		if v > -1 && v < 1 || v == before[i] {
			continue
		}
		if e.Black+e.White == 0 {
			e.Row, e.Column, e.Channel = i/c/w, i/c%w, i%c
		}
		if v <= -1 {
			e.Black++
		} else {
			e.White++
		}
	}
	return e
}

// SetFloats sets the pixels to numbers in [−1, 1], rounded to the nearest of the picture's depth; those outside are brought in.
// It is the inverse of Floats. A number that is NaN is an error.
func (w *Whole) SetFloats(x []float32) error {
	top := 65535.0
	if w.Depth == 8 {
		top = 255
	}
	for i, v := range x {
		if v != v {
			return fmt.Errorf("row %d, column %d is NaN; the network or its input is broken", i/w.C/w.Image.W, i/w.C%w.Image.W)
		}
		level := math.Floor(float64((float64(min(max(v, -1), 1))+1)*(top/2)) + 0.5)
		w.Pix[i] = uint16(level) * uint16(65535/top)
	}
	return nil
}

// stored returns pixels and alpha in the file's own orientation: what ReadWhole turned is turned back.
func (w *Whole) stored() (m *Image, alpha []uint16) {
	m = (&Image{w.Image.H, w.Image.W, w.C, slices.Clone(w.Pix)}).lying(w.orientation)
	if w.Alpha != nil {
		alpha = (&Image{w.Image.H, w.Image.W, 1, slices.Clone(w.Alpha)}).lying(w.orientation).Pix
	}
	return m, alpha
}

// lying is the inverse of upright.
func (m *Image) lying(orientation int) *Image {
	switch orientation { // quarter turns are each other's inverses, all others their own
	case 6:
		return m.upright(8)
	case 8:
		return m.upright(6)
	}
	return m.upright(orientation)
}

// Encode writes the picture as PNG, JPEG or TIFF, with its metadata, in its file's own orientation.
func (w *Whole) Encode(out io.Writer, format string) error {
	m, alpha := w.stored()
	about := w.About.in(format, w.orientation)
	var b bytes.Buffer
	var err error
	switch format {
	case "PNG":
		err = encodePNG(&b, m, alpha, w.Depth, about.Own)
	case "JPEG":
		err = encodeJPEG(&b, m, alpha, about.Own)
	case "TIFF":
		err = encodeTIFF(&b, m, alpha, w.Depth, about.Own)
	default:
		err = fmt.Errorf("%s is not written; PNG, JPEG and TIFF are", format)
	}
	if err != nil {
		return err
	}
	_, err = out.Write(b.Bytes())
	return err
}
