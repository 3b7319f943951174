package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/picture"
)

// levels reads -values LOW,HIGH; false if it is a word.
func (o *options) levels() (low, high int, ok bool) {
	a, b, both := strings.Cut(o.values, ",")
	low, err1 := strconv.Atoi(a)
	high, err2 := strconv.Atoi(b)
	return low, high, both && err1 == nil && err2 == nil && low < high
}

// goodValues reports whether -values is a word that there is, or two numbers.
func (o *options) goodValues() bool {
	_, _, ok := o.levels()
	return ok || slices.Contains([]string{"window", "used", "stored"}, o.values)
}

// A span is which numbers of a picture are −1 and 1, of 16 bits, as a camera of 12 uses 0 to 4095 of them. The zero span is all.
type span struct{ low, high uint16 }

// spanOf returns what -values says of a picture.
func spanOf(w *picture.Whole, o *options) (s span, err error) {
	unit := unitOf(w)
	low, high, ok := o.levels()
	switch {
	case ok && (low < 0 || high > 65535/unit):
		return s, fmt.Errorf("-values %s: the numbers of this picture are from 0 to %d", o.values, 65535/unit)
	case ok:
		return span{uint16(low * unit), uint16(high * unit)}, nil
	case o.values == "used":
		s = span{slices.Min(w.Pix), slices.Max(w.Pix)}
		if s.low == s.high {
			return span{}, nil // one number alone
		}
	}
	return s, nil
}

// unitOf returns how many of 65535 levels one level of a picture's file is.
func unitOf(w *picture.Whole) int {
	if w.Depth == 8 {
		return 257
	}
	return 1
}

// rangeFrom returns what -values LOW,HIGH says of a DICOM file.
func rangeFrom(f *dicom.File, o *options, low, high int) (dicom.Range, error) {
	if all := f.Range(); low < int(all.Lo) || high > int(all.Hi) {
		return all, fmt.Errorf("-values %s: the values of this file are from %d to %d", o.values, all.Lo, all.Hi)
	}
	return dicom.Range{Lo: int32(low), Hi: int32(high)}, nil
}

func (s span) has(v uint16) bool { return s.high == 0 || v >= s.low && v <= s.high }

// narrow maps numbers for which −1 and 1 mean 0 and 65535 to numbers for which they mean the ends of the span. What lies outside is clamped.
func (s span) narrow(x []float32) {
	if s.high == 0 {
		return
	}
	low, width := float64(s.low)/32767.5-1, float64(s.high-s.low)/65535
	for i, v := range x {
		x[i] = float32(min(max(float64((float64(v)-low)/width)-1, -1), 1))
	}
}

// widen is the inverse of narrow. Where the pixel is outside the span, the number is the pixel's own.
func (s span) widen(x []float32, pix []uint16) []float32 {
	if s.high == 0 {
		return x
	}
	z := make([]float32, len(x))
	low, width := float64(s.low)/32767.5-1, float64(s.high-s.low)/65535
	for i, v := range x {
		if z[i] = float32(low + float64((float64(min(max(v, -1), 1))+1)*width)); !s.has(pix[i]) {
			z[i] = float32(pix[i])/32767.5 - 1
		}
	}
	return z
}
