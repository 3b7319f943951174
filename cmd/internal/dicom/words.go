package dicom

import (
	"context"
	"encoding/binary"
	"fmt"
)

// words returns the samples of a frame as the bits that are allocated, pixel by pixel.
func (f *File) words(ctx context.Context, i int) ([]uint16, error) {
	if i < 0 || i >= f.Frames {
		return nil, fmt.Errorf("there is no frame %d among %d", i, f.Frames)
	}
	var w []uint16
	err := ctx.Err()
	switch {
	case err != nil:
	case f.Syntax.UID == jpegBase:
		w, err = f.decodeJPEG(ctx, f.frames[i])
	case f.Syntax.UID == rle:
		w, err = f.decodeRLE(f.frames[i])
	case f.Photometric == ybr422:
		w = f.from422(f.native(i))
	default:
		w = f.unpack(f.native(i))
	}
	if err != nil {
		return nil, fmt.Errorf("frame %d: %w", i, err)
	}
	if f.ybr() && f.Syntax.UID != jpegBase {
		toRGB(w)
	}
	return w, nil
}

// native returns the bytes of a frame that is not compressed.
func (f *File) native(i int) []byte {
	n := int(f.frameBytes())
	return f.pixels.value[i*n:][:n]
}

// at returns where sample s of pixel p is in the file, counted in samples.
func (f *File) at(p, s int, planes bool) int {
	if planes {
		return s*f.Rows*f.Columns + p
	}
	return p*f.Samples + s
}

// unpack reads samples of 8 or 16 bits.
func (f *File) unpack(b []byte) []uint16 {
	w := make([]uint16, f.size())
	for k := range w {
		from := f.at(k/f.Samples, k%f.Samples, f.planes)
		if f.BitsAllocated == 8 {
			w[k] = uint16(b[from])
		} else {
			w[k] = binary.LittleEndian.Uint16(b[2*from:])
		}
	}
	return w
}

// pack is unpack backwards.
func (f *File) pack(b []byte, w []uint16, planes bool) {
	for k, v := range w {
		to := f.at(k/f.Samples, k%f.Samples, planes)
		if f.BitsAllocated == 8 {
			b[to] = byte(v)
		} else {
			binary.LittleEndian.PutUint16(b[2*to:], v)
		}
	}
}

// low is the place of the lowest bit of a value, and mask has a one for each of its bits.
func (f *File) low() int     { return f.HighBit - f.BitsStored + 1 }
func (f *File) mask() uint16 { return uint16(1<<f.BitsStored - 1) }

// value returns the value in a word.
func (f *File) value(w uint16) int32 {
	v := int32(w >> f.low() & f.mask())
	if f.Signed && v>>(f.BitsStored-1) != 0 {
		v -= 1 << f.BitsStored
	}
	return v
}

// put returns the word with another value. The bits beside it, which old files keep drawings in, stay; where they repeat the sign,
// they repeat that of the new value.
func (f *File) put(w uint16, v int32) uint16 {
	if f.value(w) == v {
		return w
	}
	if f.Signed && w == f.extended(f.value(w)) {
		return f.extended(v)
	}
	m := f.mask() << f.low()
	return w&^m | uint16(v)<<f.low()&m
}

// extended returns a value with its sign in all bits above it, and zeros below.
func (f *File) extended(v int32) uint16 {
	return uint16(v) << f.low() & uint16(1<<f.BitsAllocated-1)
}

// Frame returns the values of frame i, 0 ≤ i < Frames: Rows × Columns × Samples numbers, pixel by pixel, as they are stored;
// Rescale says what they are in units of the modality. YBR_FULL and YBR_FULL_422 have become red, green and blue.
func (f *File) Frame(ctx context.Context, i int) ([]int32, error) {
	w, err := f.words(ctx, i)
	if err != nil {
		return nil, err
	}
	z := make([]int32, len(w))
	for k, v := range w {
		z[k] = f.value(v)
	}
	return z, nil
}
