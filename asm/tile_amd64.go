//go:build !purego

package asm

import "unsafe"

// tileArgs is what the assembly reads; distances are in bytes.
type tileArgs struct {
	z, bias           unsafe.Pointer
	segments          *Segment
	segmentCount      int
	depth, count      int
	xRow, xGap, xTile int
	zRow, zGap, zTile int
	cols, rows        int
	next              uintptr // what the next segment fetches of Next; 0: none
	nextStep          int     // by turns of the loop
	nextSegment       int     // by segments
	laterStep         int     // the assembly's own
}

// tileTurn is how many channels one turn of the assembly's loop takes.
const tileTurn = 4

// fetch spreads Next over the turns that fetch it: those of all segments but the first, or of the only one.
func (a *tileArgs) fetch(t *Tiling, segments int) {
	turns := t.Depth / tileTurn
	if n := t.Count * max(1, segments-1) * turns; n > 0 && len(t.Next) > 0 {
		a.next = uintptr(unsafe.Pointer(unsafe.SliceData(t.Next)))
		a.nextStep = min((4*len(t.Next)+n-1)/n, 4*tileTurn*t.Rows)
		a.nextSegment = turns * a.nextStep
	}
}

func tileSize() (rows, wide, narrow int) {
	switch {
	case useAVX512:
		return 14, 32, 16
	case useAVX2:
		return 6, 16, 8
	}
	return genericRows, genericWide, genericNarrow
}

func tile(z, bias []float32, segments []Segment, t *Tiling) {
	if !useAVX512 && !useAVX2 {
		tilePlain(z, bias, segments, t)
		return
	}
	a := tileArgs{
		z:        unsafe.Pointer(unsafe.SliceData(z)),
		bias:     unsafe.Pointer(unsafe.SliceData(bias)),
		segments: unsafe.SliceData(segments), segmentCount: len(segments),
		depth: t.Depth, count: t.Count,
		xRow: 4 * t.X.Row, xGap: 4 * t.X.Gap, xTile: 4 * t.X.Tile,
		zRow: 4 * t.Z.Row, zGap: 4 * t.Z.Gap, zTile: 4 * t.Z.Tile,
		cols: t.Cols, rows: t.Rows,
	}
	a.fetch(t, len(segments))
	switch {
	case useAVX512 && t.Width == 32:
		tile2AVX512(&a)
	case useAVX512:
		tile1AVX512(&a)
	case t.Width == 16:
		tile2AVX2(&a)
	default:
		tile1AVX2(&a)
	}
}
