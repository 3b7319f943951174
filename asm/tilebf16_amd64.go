//go:build !purego

package asm

import (
	"math"
	"unsafe"
)

const (
	rowsBF16   = 32 // of a tile, at most
	blocksBF16 = 6  // of rows of a tile, at most
	roomBF16   = 16*2*16 + 7*16 + 16
)

// tileBF16Args is what the assembly reads; distances are in bytes.
type tileBF16Args struct {
	z, bias      unsafe.Pointer
	segments     *SegmentBF16
	segmentCount int
	units        int // of channels of a segment, of 2 or, in pairs, of 4
	count        int
	xTile, zTile int
	cols, rows   int
	blocks       [blocksBF16 + 1]int // their rows, then 0
	xRow, zRow   [rowsBF16]int       // where the rows of the first tile begin

	room *[roomBF16]float32 // for a step's weights and a block's rows in another order

	// The assembly's own: what it has set MXCSR to and what that was, where it is.
	flush, mxcsr         int
	segment              uintptr
	x, zAt               uintptr
	xAt                  int
	segmentsLeft         int
	unitsLeft, stepUnits int
}

func tileSizeBF16() (rows, wide, narrow int) {
	switch {
	case pairs:
		return pairRows, pairWide, pairNarrow
	case useAVX512:
		return rowsBF16, 32, 16
	case useAVX2:
		return 12, 16, 8
	}
	return plainSizeBF16()
}

// setBlocks cuts the rows of a tile into as few blocks as can be, as even as can be.
func (a *tileBF16Args) setBlocks(rows, most int) {
	n := (rows + most - 1) / most
	for i := range n {
		a.blocks[i] = (rows + i) / n
	}
}

func tileBF16(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	switch {
	case useAMX:
		tileAMX(z, bias, segments, t)
	case useDot:
		tileDot(z, bias, segments, t)
	case useAVX512:
		a := newTileBF16Args(z, bias, segments, t, 2, 4)
		a.setBlocks(t.Rows, 7)
		if t.Width == 32 {
			tileBF16x2AVX512(&a)
		} else {
			tileBF16x1AVX512(&a)
		}
	case useAVX2:
		a := newTileBF16Args(z, bias, segments, t, 2, 4)
		a.setBlocks(t.Rows, 3)
		if t.Width == 16 {
			tileBF16x2AVX2(&a)
		} else {
			tileBF16x1AVX2(&a)
		}
	default:
		tileBF16Generic(z, bias, segments, t)
	}
}

// tileDot is tileBF16 by VDPBF16PS, of pairs.
func tileDot(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	var room [roomBF16]float32
	a := newTileBF16Args(z, bias, segments, t, 4, 2)
	a.room = &room
	a.setBlocks(t.Rows, 7)
	if t.Width == 32 {
		tilePairsx2AVX512(&a)
	} else {
		tilePairsx1AVX512(&a)
	}
}

// newTileBF16Args returns the arguments of a call, but for the blocks: with units of so many channels, of so many bytes each in a row.
func newTileBF16Args(z, bias []float32, segments []SegmentBF16, t *Tiling, unit, bytes int) tileBF16Args {
	a := tileBF16Args{
		z:        unsafe.Pointer(unsafe.SliceData(z)),
		bias:     unsafe.Pointer(unsafe.SliceData(bias)),
		segments: unsafe.SliceData(segments), segmentCount: len(segments),
		units: (t.Depth + unit - 1) / unit, count: t.Count,
		xTile: bytes * t.X.Tile, zTile: 4 * t.Z.Tile,
		cols: t.Cols, rows: t.Rows,
	}
	if t.Depth == 0 {
		a.segmentCount = 0
	}
	for r := range t.Rows {
		a.xRow[r], a.zRow[r] = bytes*t.X.at(0, r, t.Rows), 4*t.Z.at(0, r, t.Rows)
	}
	return a
}

// dots reports whether VDPBF16PS does to each chain what stepFMA does twice. Its maker does not say so, so the program looks, once:
// at plain numbers, and at products around the least normal one.
func dots() bool {
	defer func(was bool) { pairs = was }(pairs)
	pairs = true
	const rows, depth = 2, 2 * StepBF16
	t := Tiling{Rows: rows, Cols: pairNarrow, Width: pairNarrow, Depth: depth, Count: 1, X: Strides{Row: depth, Gap: depth},
		Z: Strides{Row: pairNarrow, Gap: pairNarrow}}
	for _, scale := range []float32{1, 0x1p-63} {
		x, w := probeNumbers(rows*depth, 6), probeNumbers(depth*pairNarrow, 7)
		s := []SegmentBF16{{X: make([]float32, len(x)/2), W: make([]float32, len(w)/2)}}
		for i := range x {
			put(s[0].X, i, scale*x[i])
		}
		for i := range w {
			put(s[0].W, i, scale*w[i])
		}
		got, want := make([]float32, rows*pairNarrow), make([]float32, rows*pairNarrow)
		tileDot(got, nil, s, &t)
		tileBF16Generic(want, nil, s, &t)
		for i := range got {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				return false
			}
		}
	}
	return true
}
