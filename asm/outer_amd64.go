//go:build !purego

package asm

import "unsafe"

// outerArgs is what the assembly reads; distances are in bytes.
type outerArgs struct {
	z                     unsafe.Pointer
	stride                int
	x, y                  unsafe.Pointer
	images, height, width int
	xImage, xRow, xPixel  int
	yImage, yRow, yPixel  int
	cols, rows            int
}

func outer(z, x, y []float32, o *Sweep) {
	if !useAVX512 && !useAVX2 {
		outerPlain(z, x, y, o)
		return
	}
	a := outerArgs{
		z: unsafe.Pointer(unsafe.SliceData(z)), stride: 4 * o.Stride,
		x:      unsafe.Pointer(unsafe.SliceData(x)),
		y:      unsafe.Pointer(unsafe.SliceData(y)),
		images: o.Images, height: o.Height, width: o.Width,
		xImage: 4 * o.X.Image, xRow: 4 * o.X.Row, xPixel: 4 * o.X.Pixel,
		yImage: 4 * o.Y.Image, yRow: 4 * o.Y.Row, yPixel: 4 * o.Y.Pixel,
		cols: o.Cols, rows: o.Rows,
	}
	if useAVX512 {
		outerAVX512(&a)
	} else {
		outerAVX2(&a)
	}
}

func outerAVX512(a *outerArgs) {
	switch {
	case a.cols == 32:
		outer2AVX512(a)
	case a.cols > 16:
		outerMasked2AVX512(a)
	case a.cols == 16:
		outer1AVX512(a)
	default:
		outerMasked1AVX512(a)
	}
}

func outerAVX2(a *outerArgs) {
	switch {
	case a.cols == 16:
		outer2AVX2(a)
	case a.cols > 8:
		outerMasked2AVX2(a)
	case a.cols == 8:
		outer1AVX2(a)
	default:
		outerMasked1AVX2(a)
	}
}
