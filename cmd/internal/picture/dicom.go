package picture

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"io"

	"spdiff/cmd/internal/dicom"
)

// maxDICOM bounds a DICOM file, which is read whole for its first frame alone.
const maxDICOM = 1 << 28

// readDICOM reads a file.
func readDICOM(r io.Reader) (*dicom.File, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxDICOM+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxDICOM {
		return nil, fmt.Errorf("more than %d bytes are not read as a picture: take frames out of it, as by: dcmj2pnm +F 1 IN.dcm OUT.pnm", maxDICOM)
	}
	return dicom.Decode(b)
}

// configDICOM says how large the first frame is, and whether it is grey.
func configDICOM(r io.Reader) (image.Config, error) {
	f, err := readDICOM(r)
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{ColorModel: modelOf(f), Width: f.Columns, Height: f.Rows}, nil
}

func modelOf(f *dicom.File) color.Model {
	if f.Samples == 1 {
		return color.Gray16Model
	}
	return color.RGBA64Model
}

// aboutDICOM keeps what is wrong with windows, for a range takes their place.
func aboutDICOM(r watched) (about, error) {
	f, err := readDICOM(r)
	if err != nil {
		return about{}, err
	}
	a := about{more: f.Frames - 1, dicom: true}
	windows, err := f.Windows()
	if err != nil {
		a.unshown = fmt.Errorf("DICOM: %w", err)
	}
	a.windows = len(windows)
	return a, nil
}

// asked returns the context that ends the reading of a file that is watched, and the values that are to be black and white.
func asked(r io.Reader) (context.Context, Range) {
	if w, ok := r.(watched); ok {
		return w.ctx, w.numbers
	}
	return context.Background(), Range{}
}

// decodeDICOM returns the first frame in 16 bits: black to white is what is asked for, else its first window, or all values of all
// frames from the least to the greatest where it has none.
func decodeDICOM(r io.Reader) (image.Image, error) {
	f, err := readDICOM(r)
	if err != nil {
		return nil, err
	}
	ctx, numbers := asked(r)
	values, err := f.Frame(ctx, 0)
	if err != nil {
		return nil, err
	}
	shown, err := shownOf(ctx, f, numbers, values)
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(values))
	f.Numbers(x, values, shown)
	level := func(i int) uint16 { return uint16(float32((x[i]+1)*32767.5) + 0.5) }
	all := image.Rect(0, 0, f.Columns, f.Rows)
	if f.Samples == 1 {
		z := image.NewGray16(all)
		for i := range x {
			z.SetGray16(i%f.Columns, i/f.Columns, color.Gray16{Y: level(i)})
		}
		return z, nil
	}
	z := image.NewRGBA64(all)
	for i := 0; i < len(x); i += 3 {
		z.SetRGBA64(i/3%f.Columns, i/3/f.Columns, color.RGBA64{R: level(i), G: level(i + 1), B: level(i + 2), A: 0xffff})
	}
	return z, nil
}

// shownOf returns the values that are black and white: those of a range, which all of the frame must be within but padding, or those
// that the file shows.
func shownOf(ctx context.Context, f *dicom.File, numbers Range, values []int32) (dicom.Range, error) {
	if numbers.IsZero() {
		return f.Shown(ctx)
	}
	for _, v := range values {
		if !numbers.has(int(v)) && !f.Padding(v) {
			return dicom.Range{}, &OutsideError{int(v), numbers}
		}
	}
	return dicom.Range{Lo: int32(numbers.Lo), Hi: int32(numbers.Hi)}, nil
}
