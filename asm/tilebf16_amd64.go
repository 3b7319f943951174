//go:build !purego

package asm

import (
	"math"
	"slices"
	"unsafe"
)

const (
	rowsBF16   = 32 // of a tile, at most
	blocksBF16 = 6  // of rows of a tile, at most
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
		tileBF16Plain(z, bias, segments, t)
	}
}

func panelsBF16(z, bias []float32, s SegmentBF16, t *Tiling, panel int) {
	if useAMX {
		panelsAMX(z, bias, []SegmentBF16{s}, t, panel)
		return
	}
	eachPanel(z, bias, s, t, panel)
}

// tileDot is tileBF16 by VDPBF16PS, of pairs.
func tileDot(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	a := newTileBF16Args(z, bias, segments, t, 4, 2)
	a.setBlocks(t.Rows, 6)
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

// The product by which a machine is looked at.
const dotRows, dotDepth = 2, 2 * StepBF16

// A pairKernel is tileBF16 on pairs, such as tileDot or tileAMX.
type pairKernel func(z, bias []float32, segments []SegmentBF16, t *Tiling)

// agrees reports whether a kernel's instruction, VDPBF16PS or TDPBF16PS, makes the links of a chain as stepFMA does. Intel's manual says
// so: each is rounded once, to nearest even, and denormals are zeros before and after. It is taken to mean that a result counts as
// denormal after it is rounded to 24 bits, as in other instructions that flush; and not all processors are Intel's. So the program tests
// the machine, once: on plain numbers, on products around the least normal number, and on sums just below it.
func agrees(kernel pairKernel) bool {
	defer func(was bool) { pairs = was }(pairs)
	pairs = true
	for _, scale := range []float32{1, 0x1p-62} {
		x, w := probeNumbers(dotRows*dotDepth, 6), probeNumbers(dotDepth*pairNarrow, 7)
		if !kernel.agreesOn(x, w, scale) {
			return false
		}
	}
	x, w := belowLeast()
	return kernel.agreesOn(x, w, 1)
}

// belowLeast returns rows and weights with which each column subtracts another part of 2⁻¹⁵⁰ from 2⁻¹²⁶, in both chains. Up to half of it,
// the difference rounds to 2⁻¹²⁶ again; beyond, it is too small. A machine that looks at a number before rounding it makes all of them
// zero, and one that rounds as for denormals and then looks keeps all.
func belowLeast() (x, w []float32) {
	x, w = make([]float32, dotRows*dotDepth), make([]float32, dotDepth*pairNarrow)
	for chain := range 2 {
		for r := range dotRows {
			x[r*dotDepth+2+chain], x[r*dotDepth+4+chain] = 0x1p-63, -0x1p-76
		}
		for c := range pairNarrow {
			w[placeBF16(2+chain, c, pairNarrow)], w[placeBF16(4+chain, c, pairNarrow)] = 0x1p-63, float32(c+1)*(0x1p-74/pairNarrow)
		}
	}
	return x, w
}

// agreesOn reports whether a kernel makes of rows and weights, each times a scale, what plain Go does.
func (kernel pairKernel) agreesOn(x, w []float32, scale float32) bool {
	t := Tiling{Rows: dotRows, Cols: pairNarrow, Width: pairNarrow, Depth: dotDepth, Count: 1,
		X: Strides{Row: dotDepth, Gap: dotDepth}, Z: Strides{Row: pairNarrow, Gap: pairNarrow}}
	s := []SegmentBF16{{X: make([]float32, len(x)/2), W: make([]float32, len(w)/2)}}
	for i := range x {
		put(s[0].X, i, scale*x[i])
	}
	for i := range w {
		put(s[0].W, i, scale*w[i])
	}
	got, want := make([]float32, dotRows*pairNarrow), make([]float32, dotRows*pairNarrow)
	kernel(got, nil, s, &t)
	tileBF16Generic(want, nil, s, &t)
	return slices.EqualFunc(got, want, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
}
