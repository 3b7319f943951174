package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"strings"
	"time"

	"spdiff/cmd/internal/dicom"
)

// What is believed of a file, see the package: pixels for each of its bytes, pixels of any, and pixels at most.
const (
	perByte = 1032
	always  = 1 << 20
	most    = 1 << 26
)

// MaxFile bounds the bytes of a file that is read.
const MaxFile = 1 << 30

// BytesAPixel bounds the memory that reading takes for each pixel.
const BytesAPixel = 32

// patience is how long the reading of one picture may take.
const patience = time.Minute

var errSlow = fmt.Errorf("reading it takes more than %v: save it anew, as by: magick FILE NEW.png", patience)

// ReadHeader reads the header of a picture file of size bytes. The error says what is wrong with one that is too large, or
// that Decode cannot read.
func ReadHeader(ctx context.Context, r io.ReaderAt, size int64) (Header, error) {
	ctx, stop := context.WithTimeoutCause(ctx, patience, errSlow)
	defer stop()
	h, _, err := header(ctx, r, size)
	return h.Header, because(ctx, err)
}

// A turned is a header with the orientation that the file says.
type turned struct {
	Header
	orientation int
}

func header(ctx context.Context, r io.ReaderAt, size int64) (h turned, f *format, err error) {
	if size > MaxFile {
		return h, nil, fmt.Errorf("a file of %d bytes; at most %d are read", size, MaxFile)
	}
	if f, err = recognise(r); err != nil {
		return h, nil, err
	}
	c, err := f.config(watch(ctx, r, size))
	if err != nil {
		return h, nil, f.advise(err)
	}
	if err := believe(c.Width, c.Height, size); err != nil {
		return h, nil, err
	}
	h = turned{Header{H: c.Height, W: c.Width, Grey: isGrey(c.ColorModel), Depth: depth(c.ColorModel)}, 1}
	about, err := f.about(watch(ctx, r, size))
	if err != nil {
		return h, nil, err
	}
	h.orientation, h.More = max(1, about.orientation), about.more
	h.DICOM, h.Windows, h.Unshown = about.dicom, about.windows, about.unshown
	h.Grey = h.Grey && !about.colour || about.grey
	if h.Turned = h.orientation > 1; h.orientation >= 5 {
		h.H, h.W = h.W, h.H
	}
	return h, f, nil
}

// recognise returns the format that a file begins with.
func recognise(r io.ReaderAt) (*format, error) {
	start := make([]byte, dicom.Start)
	n, err := r.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	for i := range formats {
		if formats[i].begins(start[:n]) {
			return &formats[i], nil
		}
	}
	if dicom.Is(start[:n]) {
		return &formats[len(formats)-1], nil
	}
	if n == 0 {
		return nil, errors.New("it is empty")
	}
	return nil, fmt.Errorf("it is none of the pictures that are read: %s", strings.Join(Formats(), ", "))
}

// believe returns an error if a file of size bytes cannot have so many pixels.
func believe(w, h int, size int64) error {
	limit := min(max(always, perByte*size), most)
	if w < 1 || h < 1 || int64(w) > limit/int64(h) {
		return fmt.Errorf("%s in %d bytes are not believed; at most %d pixels are", Size(h, w), size, limit)
	}
	return nil
}

// Size says a size as all messages do: rows by columns, named.
func Size(h, w int) string { return dicom.Size(h, w) }

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
	return len(p) > 0
}

func depth(m color.Model) int {
	if m == color.Gray16Model || m == color.RGBA64Model || m == color.NRGBA64Model {
		return 16
	}
	return 8
}

// Decode reads a picture file of size bytes, into one channel or three, upright. The numbers of a range that is not zero are spread over
// all that a picture has, and one outside, but for the padding of DICOM, is an *OutsideError.
func Decode(ctx context.Context, r io.ReaderAt, size int64, channels int, numbers Range) (*Image, error) {
	ctx, stop := context.WithTimeoutCause(ctx, patience, errSlow)
	defer stop()
	m, err := decode(ctx, r, size, channels, numbers)
	return m, because(ctx, err)
}

func decode(ctx context.Context, r io.ReaderAt, size int64, channels int, numbers Range) (*Image, error) {
	m, h, f, _, err := pixelsOf(ctx, r, size, numbers)
	if err != nil {
		return nil, err
	}
	z, err := from(m, f.box(m, h), channels)
	if err == nil && !h.DICOM && !numbers.IsZero() {
		z, err = z.stretch(numbers, h.Depth)
	}
	if err != nil {
		return nil, err
	}
	return z.upright(h.orientation), nil
}

// pixelsOf reads a file whole and decodes it, DICOM by the values that are black and white.
func pixelsOf(ctx context.Context, r io.ReaderAt, size int64, numbers Range) (m image.Image, h turned, f *format, file []byte, err error) {
	file, err = io.ReadAll(io.NewSectionReader(r, 0, min(size, MaxFile+1)))
	if err != nil {
		return nil, h, nil, nil, err
	}
	size = int64(len(file)) // not what was claimed
	h, f, err = header(ctx, bytes.NewReader(file), size)
	if err != nil {
		return nil, h, nil, nil, err
	}
	w := watch(ctx, bytes.NewReader(file), size)
	w.numbers = numbers
	m, err = f.decode(w)
	if err != nil && f.cure != nil {
		if cured := f.cure(file); cured != nil {
			m, err = f.decode(watch(ctx, bytes.NewReader(cured), int64(len(cured))))
		}
	}
	if err != nil {
		return nil, h, nil, nil, f.advise(err)
	}
	return m, h, f, file, nil
}

// box returns where the picture is.
func (f *format) box(m image.Image, h turned) image.Rectangle {
	if f.canvas {
		return image.Rect(0, 0, h.W, h.H)
	}
	return m.Bounds()
}

// because returns why a reading ended with err: its context, if that is done.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// A watched file gives little at a time, and nothing when its context is done: what reads it stops soon.
type watched struct {
	ctx context.Context
	*io.SectionReader
	numbers Range // of DICOM: the values that are to be black and white
}

// piece is the most bytes that a watched file gives at once. A scan of a JPEG, which goes over all its pixels, may have only ten.
const piece = 512

func watch(ctx context.Context, r io.ReaderAt, size int64) watched {
	return watched{ctx: ctx, SectionReader: io.NewSectionReader(r, 0, size)}
}

func (w watched) Read(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, w.ctx.Err()
	}
	return w.SectionReader.Read(p[:min(len(p), piece)])
}

func (w watched) ReadAt(p []byte, at int64) (int, error) {
	if w.ctx.Err() != nil {
		return 0, w.ctx.Err()
	}
	return w.SectionReader.ReadAt(p, at)
}

// At returns a reader of any place of what r gives in order, which it keeps as far as it was read.
func At(r io.Reader) io.ReaderAt {
	if at, ok := r.(io.ReaderAt); ok {
		return at
	}
	return &kept{r: r}
}

type kept struct {
	r io.Reader
	b bytes.Buffer
}

func (k *kept) ReadAt(p []byte, at int64) (int, error) {
	if missing := at + int64(len(p)) - int64(k.b.Len()); missing > 0 {
		if _, err := io.CopyN(&k.b, k.r, max(missing, 4096)); err != nil && err != io.EOF {
			return 0, err
		}
	}
	if at >= int64(k.b.Len()) {
		return 0, io.EOF
	}
	n := copy(p, k.b.Bytes()[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
