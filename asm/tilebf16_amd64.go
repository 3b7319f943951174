//go:build !purego

package asm

import "unsafe"

const (
	rowsBF16   = 32 // of a tile, at most
	blocksBF16 = 6  // of rows of a tile, at most
)

// tileBF16Args is what the assembly reads; distances are in bytes.
type tileBF16Args struct {
	z, bias      unsafe.Pointer
	segments     *SegmentBF16
	segmentCount int
	pairs        int // of channels of a segment
	count        int
	xTile, zTile int
	cols, rows   int
	blocks       [blocksBF16 + 1]int // their rows, then 0
	xRow, zRow   [rowsBF16]int       // where the rows of the first tile begin

	// The assembly's own: what it has set MXCSR to and what that was, where it is.
	flush, mxcsr         int
	segment              uintptr
	x, zAt               uintptr
	xAt                  int
	segmentsLeft         int
	pairsLeft, stepPairs int
}

// tileSizeBF16 returns tiles of whole blocks, of 7 rows or of 3, for full ones.
func tileSizeBF16() (rows, wide, narrow int) {
	switch {
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
	if !useAVX512 && !useAVX2 {
		tileBF16Generic(z, bias, segments, t)
		return
	}
	a := tileBF16Args{
		z:        unsafe.Pointer(unsafe.SliceData(z)),
		bias:     unsafe.Pointer(unsafe.SliceData(bias)),
		segments: unsafe.SliceData(segments), segmentCount: len(segments),
		pairs: (t.Depth + 1) / 2, count: t.Count,
		xTile: 4 * t.X.Tile, zTile: 4 * t.Z.Tile,
		cols: t.Cols, rows: t.Rows,
	}
	if t.Depth == 0 {
		a.segmentCount = 0
	}
	for r := range t.Rows {
		a.xRow[r], a.zRow[r] = 4*t.X.at(0, r, t.Rows), 4*t.Z.at(0, r, t.Rows)
	}
	switch {
	case useAVX512 && t.Width == 32:
		a.setBlocks(t.Rows, 7)
		tileBF16x2AVX512(&a)
	case useAVX512:
		a.setBlocks(t.Rows, 7)
		tileBF16x1AVX512(&a)
	case t.Width == 16:
		a.setBlocks(t.Rows, 3)
		tileBF16x2AVX2(&a)
	default:
		a.setBlocks(t.Rows, 3)
		tileBF16x1AVX2(&a)
	}
}
