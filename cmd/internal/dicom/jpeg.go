package dicom

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
)

// A JPEG image is believed up to 256 pixels a byte, the most that two bits a block can hold, or a million.
const (
	jpegPerByte = 256
	jpegAlways  = 1 << 20
)

// A stopping reader gives little at a time, and nothing when its context is done: a scan of a JPEG, which goes over all its pixels,
// may be of ten bytes.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

// Read reads at most 512 bytes.
func (s stopping) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, s.ctx.Err()
	}
	return s.r.Read(p[:min(len(p), 512)])
}

// decodeJPEG unpacks a frame of JPEG baseline.
func (f *File) decodeJPEG(ctx context.Context, b []byte) ([]uint16, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	switch {
	case err != nil:
		return nil, err
	case c.Height != f.Rows || c.Width != f.Columns:
		return nil, fmt.Errorf("its JPEG image is %s; the file says %s", Size(c.Height, c.Width), Size(f.Rows, f.Columns))
	case int64(f.Rows)*int64(f.Columns) > max(jpegAlways, jpegPerByte*int64(len(b))):
		return nil, fmt.Errorf("%s in %d bytes of JPEG are not believed", Size(f.Rows, f.Columns), len(b))
	}
	m, err := jpeg.Decode(stopping{ctx, bytes.NewReader(b)})
	if err != nil {
		return nil, err
	}
	return f.samples(m, jfif(b))
}

// samples returns the samples of a decoded image. What image/jpeg takes for brightness and colour differences are red, green and
// blue already if the file says so and the image is no JFIF.
func (f *File) samples(m image.Image, jfif bool) ([]uint16, error) {
	w := make([]uint16, 0, f.size())
	switch m := m.(type) {
	case *image.Gray:
		if f.Samples != 1 {
			break
		}
		for y := range f.Rows {
			for _, v := range m.Pix[y*m.Stride:][:f.Columns] {
				w = append(w, uint16(v))
			}
		}
		return w, nil
	case *image.YCbCr:
		if f.Samples != 3 {
			break
		}
		for k := range f.Rows * f.Columns {
			c := m.YCbCrAt(k%f.Columns, k/f.Columns)
			w = append(w, uint16(c.Y), uint16(c.Cb), uint16(c.Cr))
		}
		if f.Photometric != rgb || jfif {
			toRGB(w)
		}
		return w, nil
	case *image.RGBA:
		if f.Samples != 3 {
			break
		}
		for k := range f.Rows * f.Columns {
			c := m.RGBAAt(k%f.Columns, k/f.Columns)
			w = append(w, uint16(c.R), uint16(c.G), uint16(c.B))
		}
		return w, nil
	}
	return nil, fmt.Errorf("its JPEG image has pixels of %T; the file says %d samples a pixel", m, f.Samples)
}

// jfif reports whether a JPEG image says that it is JFIF: its second marker.
func jfif(b []byte) bool {
	return len(b) > 11 && string(b[2:4]) == "\xff\xe0" && string(b[6:11]) == "JFIF\x00"
}
