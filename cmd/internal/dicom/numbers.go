package dicom

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// A Range is the values that become −1 and 1.
type Range struct{ Lo, Hi int32 }

// Range returns all values that the stored bits can be.
func (f *File) Range() Range {
	if f.Signed {
		return Range{-1 << (f.BitsStored - 1), 1<<(f.BitsStored-1) - 1}
	}
	return Range{0, 1<<f.BitsStored - 1}
}

// Used returns the least and the greatest value of all frames, padding left out: the most contrast that loses nothing. It is at
// least two values wide. It ends with an error when the context is done.
func (f *File) Used(ctx context.Context) (Range, error) {
	r := Range{math.MaxInt32, math.MinInt32}
	for i := range f.Frames {
		values, err := f.Frame(ctx, i)
		if err != nil {
			return r, err
		}
		f.widen(&r, values)
	}
	return f.atLeastTwo(r), nil
}

// widen makes a range hold values that are no padding.
func (f *File) widen(r *Range, values []int32) {
	for _, v := range values {
		if !f.Padding(v) {
			r.Lo, r.Hi = min(r.Lo, v), max(r.Hi, v)
		}
	}
}

// atLeastTwo returns a range of one value or none as one of two, within what can be stored.
func (f *File) atLeastTwo(r Range) Range {
	all := f.Range()
	switch {
	case r.Lo > r.Hi:
		return all
	case r.Lo == r.Hi && r.Hi < all.Hi:
		r.Hi++
	case r.Lo == r.Hi:
		r.Lo--
	}
	return r
}

// Padding reports whether a value says that there is nothing: it is the Pixel Padding Value (0028,0120), or between that and the
// Pixel Padding Range Limit (0028,0121).
func (f *File) Padding(v int32) bool { return f.pad != nil && f.pad.Lo <= v && v <= f.pad.Hi }

// readPadding reads which values are padding, once for all pixels.
func (f *File) readPadding() {
	lo, ok := f.stored(paddingValue)
	if !ok || f.Samples != 1 {
		return
	}
	hi, ok := f.stored(paddingLimit)
	if !ok {
		hi = lo
	}
	f.pad = &Range{min(lo, hi), max(lo, hi)}
}

// stored reads an element that is a value of a pixel.
func (f *File) stored(t Tag) (int32, bool) {
	b, ok := f.Value(t)
	if !ok || len(b) != 2 {
		return 0, false
	}
	v := binary.LittleEndian.Uint16(b)
	if f.Signed {
		return int32(int16(v)), true
	}
	return int32(v), true
}

// Numbers sets dst to values as a network takes them: 2 (v − lo)/(hi − lo) − 1 cut off at −1 and 1, and of MONOCHROME1, where the
// greatest is black, minus that. Padding becomes −1, black. It panics if the lengths differ or the range is empty.
func (f *File) Numbers(dst []float32, values []int32, r Range) {
	f.mustMatch(len(dst), len(values), r)
	width, sign := float64(r.Hi-r.Lo), f.sign()
	for i, v := range values {
		if f.Padding(v) {
			dst[i] = -1
			continue
		}
		x := float64(2*float64(v-r.Lo))/width - 1
		dst[i] = float32(sign * min(max(x, -1), 1))
	}
}

// Values sets dst to what numbers are as values, rounded and cut off at the range: the inverse of Numbers, exactly. What original
// has outside the range stays, and so does padding; a value that is none does not become padding, but the nearest one that is not.
// A number that is NaN is an error. It panics if the lengths differ or the range is empty.
func (f *File) Values(dst []int32, x []float32, r Range, original []int32) error {
	f.mustMatch(len(dst), len(x), r)
	f.mustMatch(len(dst), len(original), r)
	half, sign := float64(r.Hi-r.Lo)/2, f.sign()
	for i, old := range original {
		number := float64(x[i])
		switch {
		case number != number:
			return fmt.Errorf("number %d is NaN; the network or its input is broken", i)
		case old < r.Lo || old > r.Hi || f.Padding(old):
			dst[i] = old
			continue
		}
		up := math.Floor(float64((float64(sign*min(max(number, -1), 1))+1)*half) + 0.5)
		dst[i] = f.beside(min(r.Lo+int32(up), r.Hi), old)
	}
	return nil
}

// beside returns v if it is no padding, else the nearest to it on the way to old, which is none.
func (f *File) beside(v, old int32) int32 {
	switch {
	case !f.Padding(v):
		return v
	case v < old:
		return f.pad.Hi + 1
	}
	return f.pad.Lo - 1
}

// sign is −1 where the greatest value is black.
func (f *File) sign() float64 {
	if f.Photometric == monochrome1 {
		return -1
	}
	return 1
}

func (f *File) mustMatch(n, m int, r Range) {
	if n != m {
		panic(fmt.Sprintf("dicom: %d numbers and %d values", n, m))
	}
	if r.Lo >= r.Hi {
		panic(fmt.Sprintf("dicom: the range from %d to %d is empty", r.Lo, r.Hi))
	}
}
