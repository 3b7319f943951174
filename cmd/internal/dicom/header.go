package dicom

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"spdiff/cmd/internal/packed"
)

// A Header says what the pixels are.
type Header struct {
	Frames, Rows, Columns int
	Samples               int // a pixel: 1, or 3 for red, green and blue
	BitsAllocated         int // of a sample: 8 or 16
	BitsStored, HighBit   int // of these: the ones that are the value, and the highest of them
	Signed                bool
	Photometric           string // as in the file; pixels that are YBR_… there are red, green and blue here
	planes                bool   // samples are in planes, in the file
}

// The photometric interpretations that are read.
const (
	monochrome1 = "MONOCHROME1"
	monochrome2 = "MONOCHROME2"
	rgb         = "RGB"
	ybrFull     = "YBR_FULL"
	ybr422      = "YBR_FULL_422"
)

// maxFrames bounds what an image may claim; a frame has a byte at least.
const maxFrames = 1 << 24

// readHeader reads the elements that say what the pixels are.
func (f *File) readHeader() error {
	p := find(f.elements, pixelData)
	switch {
	case find(f.elements, floatPixels) != nil || find(f.elements, doublePixels) != nil:
		return fmt.Errorf("its pixels are floating-point numbers, (7FE0,0008) or (7FE0,0009), which are not read; only whole numbers of up to 16 bits are")
	case p == nil:
		return fmt.Errorf("it has no image: there is no element %v (its class is %.80s)", pixelData, packed.Printable(text(find(f.elements, sopClass))))
	}
	f.pixels = *p
	r := reader{f.elements, nil}
	f.Frames = r.count(numberOfFrames)
	f.Rows, f.Columns = r.number(rows), r.number(columns)
	f.Samples = r.numberOr(samplesPerPixel, 1)
	f.BitsAllocated = r.number(bitsAllocated)
	f.BitsStored = r.numberOr(bitsStored, f.BitsAllocated)
	f.HighBit = r.numberOr(highBit, f.BitsStored-1)
	f.Signed = r.numberOr(representation, 0) == 1
	f.planes = r.numberOr(planar, 0) == 1
	f.Photometric = text(find(f.elements, photometric))
	if r.err != nil {
		return r.err
	}
	if f.Photometric == "" && f.Samples == 1 {
		f.Photometric = monochrome2 // as ACR-NEMA has it
	}
	return f.check()
}

// check returns an error if the pixels are of a kind that is not read.
func (f *File) check() error {
	colour := f.Photometric == rgb || f.ybr()
	switch {
	case f.Photometric == "PALETTE COLOR":
		return fmt.Errorf("its colours are looked up in a palette, which is not read; convert the file: gdcmconv --raw --apply-lut IN.dcm OUT.dcm")
	case !colour && f.Photometric != monochrome1 && f.Photometric != monochrome2:
		return fmt.Errorf("its photometric interpretation is %q; %s, %s, %s, %s and %s are read; "+
			"gdcmconv --raw --photometric-interpretation RGB IN.dcm OUT.dcm may convert it", f.Photometric, monochrome1, monochrome2, rgb, ybrFull, ybr422)
	case colour && f.Samples != 3 || !colour && f.Samples != 1:
		return fmt.Errorf("%s has %d samples a pixel; it must have %d", f.Photometric, f.Samples, map[bool]int{true: 3, false: 1}[colour])
	case f.Rows < 1 || f.Columns < 1:
		return fmt.Errorf("the image has %d rows and %d columns", f.Rows, f.Columns)
	case f.BitsAllocated != 8 && f.BitsAllocated != 16:
		return fmt.Errorf("a sample has %d bits allocated (0028,0100); 8 and 16 are read", f.BitsAllocated)
	case f.BitsStored < 1 || f.HighBit < f.BitsStored-1 || f.HighBit >= f.BitsAllocated:
		return fmt.Errorf("%d bits of a sample are stored up to bit %d of %d allocated, which cannot be", f.BitsStored, f.HighBit, f.BitsAllocated)
	case f.converted() && (f.BitsAllocated != 8 || f.BitsStored != 8 || f.Signed):
		return fmt.Errorf("%s in %s must have 8 bits without a sign, and has %d of %d", f.Photometric, f.Syntax.Name, f.BitsStored, f.BitsAllocated)
	case f.Photometric == ybr422 && !f.Syntax.encapsulated() && f.Columns%2 != 0:
		return fmt.Errorf("%s has %d columns; they must be even", ybr422, f.Columns)
	}
	return nil
}

// ybr reports whether the file has brightness and colour differences.
func (f *File) ybr() bool { return f.Photometric == ybrFull || f.Photometric == ybr422 }

// converted reports whether what is written has another layout or interpretation than what is there.
func (f *File) converted() bool { return f.ybr() || f.Syntax.UID == jpegBase }

// size is the number of samples of a frame.
func (f *File) size() int { return f.Rows * f.Columns * f.Samples }

// Size says a size as all messages do: rows by columns, named.
func Size(rows, columns int) string { return fmt.Sprintf("%d rows × %d columns", rows, columns) }

// A reader reads elements until the first error.
type reader struct {
	elements []element
	err      error
}

// number reads a 16-bit number that must be there.
func (r *reader) number(t Tag) int {
	if find(r.elements, t) == nil && r.err == nil {
		r.err = fmt.Errorf("there is no element %v, without which the pixels cannot be read", t)
	}
	return r.numberOr(t, 0)
}

// numberOr reads a 16-bit number, or returns missing.
func (r *reader) numberOr(t Tag, missing int) int {
	e := find(r.elements, t)
	switch {
	case e == nil || len(e.value) == 0:
		return missing
	case len(e.value) != 2:
		if r.err == nil {
			r.err = fmt.Errorf("element %v has %d bytes; it must be one number of 2", t, len(e.value))
		}
		return missing
	}
	return int(binary.LittleEndian.Uint16(e.value))
}

// count reads the number of frames, a text.
func (r *reader) count(t Tag) int {
	s := text(find(r.elements, t))
	if s == "" {
		return 1
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
	if (err != nil || n < 1 || n > maxFrames) && r.err == nil {
		r.err = fmt.Errorf("the number of frames %v is %.20q; it must be from 1 to %d", t, s, maxFrames)
	}
	return n
}
