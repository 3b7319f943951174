//go:build !purego

package asm

import (
	"math"
	"unsafe"
)

func peakTileWidth() int {
	switch {
	case useAMX:
		return 4 * 16 * 16 * 32
	case useDot:
		return 28 * 16 * 2
	}
	return peakTileGenericWidth()
}

func peakTile(n int) {
	switch {
	case useAMX:
		c := tileConfig([2]int{pairRows / 2, pairRows / 2}, pairWide)
		peakAMX(n, &c[0])
	case useDot:
		peakDotAVX512(n)
	default:
		peakTileGeneric(n)
	}
}

// tileAMXArgs is what the assembly reads; distances are in bytes.
type tileAMXArgs struct {
	config            [64]byte
	z, bias           unsafe.Pointer
	segments          *SegmentBF16
	segmentCount      int
	steps, count      int // of 32 channels; of tiles
	xRow, xGap, xTile int
	zRow, zGap, zTile int
	wRow, wStep       int
	wTile             int // from a tile's panel to the next one's
	shape             int // 1: there is a second run of columns; 2: of rows
}

// tileConfig is the configuration of the tiles for a product of two runs of rows and some columns: tiles 0 and 1 are the accumulators
// of the first run and the first and the last 16 columns, 2 and 3 those of the second run; 4 and 5 the runs' inputs; 6 and 7 the
// columns' weights. A processor reads and writes no more of memory than they have.
func tileConfig(rows [2]int, cols int) (c [64]byte) {
	runs := [2]int{min(16, cols), max(0, cols-16)}
	set := func(tile, rows, words int) {
		if rows > 0 && words > 0 {
			c[16+2*tile], c[48+tile] = byte(4*words), byte(rows)
		}
	}
	c[0] = 1 // the palette
	for i, h := range rows {
		for j, n := range runs {
			set(2*i+j, h, n)
		}
		set(4+i, h, StepBF16/2)
		set(6+i, StepBF16/2, runs[i])
	}
	return c
}

// tileRuns returns how many rows each of the two runs of a tile has. Up to 16 rows at equal distances are one run.
func tileRuns(t *Tiling) [2]int {
	h := (t.Rows + 1) / 2
	if t.Rows <= 16 && t.X.Gap == h*t.X.Row && t.Z.Gap == h*t.Z.Row {
		return [2]int{t.Rows, 0}
	}
	return [2]int{h, t.Rows - h}
}

// tileAMX is tileBF16 by TDPBF16PS.
func tileAMX(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	panelsAMX(z, bias, segments, t, 0)
}

// panelsAMX is tileAMX of tiles whose panels are some slots apart.
func panelsAMX(z, bias []float32, segments []SegmentBF16, t *Tiling, panel int) {
	rows := tileRuns(t)
	a := tileAMXArgs{
		config:   tileConfig(rows, t.Cols),
		z:        unsafe.Pointer(unsafe.SliceData(z)),
		bias:     unsafe.Pointer(unsafe.SliceData(bias)),
		segments: unsafe.SliceData(segments), segmentCount: len(segments),
		steps: PaddedBF16(t.Depth) / StepBF16, count: t.Count,
		xRow: 2 * t.X.Row, xGap: 2 * t.X.Gap, xTile: 2 * t.X.Tile,
		zRow: 4 * t.Z.Row, zGap: 4 * t.Z.Gap, zTile: 4 * t.Z.Tile,
		wRow: 4 * t.Width, wStep: 4 * t.Width * StepBF16 / 2, wTile: 4 * panel,
	}
	if t.Cols > 16 {
		a.shape |= 1
	}
	if rows[1] > 0 {
		a.shape |= 2
	}
	tileBF16AMX(&a)
}

// pairsArgs is what the assembly that makes pairs reads; distances are in bytes.
type pairsArgs struct {
	x, z       unsafe.Pointer
	rows, cols int // of x
	fill       int // numbers to write of a run; of packPairs the panel's width
	xRow, zRow int
	ahead      int              // from a number to what is fetched when it is read
	room       [16 * 16]float32 // what is transposed; rows that there are not stay zeros
}

// ahead is how far ahead of what they read the functions that go through columns fetch, in bytes: to the same place of the next line. A processor
// does not fetch by itself what is read a pixel of 32 images at a time: 7×7 pixels take 1.5 times as long without, lines of one image a tenth
// longer. With one line it is 0: fetching eight rows ahead there made it a quarter slower.
func (r *Rounding) ahead() int {
	if r.Lines == 1 {
		return 0
	}
	return 4 * r.XLine
}

// place is a place in an operand of pairs.
func place(z []float32, number int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(z)), 2*number)
}

func roundAMX(z []float32, at int, x []float32, r *Rounding) {
	if r.Fill == 0 {
		return
	}
	most := max(1, callLen/r.Fill)
	a := pairsArgs{cols: r.Cols, fill: r.Fill, xRow: 4 * r.XRow, zRow: 2 * r.ZRow}
	for l := range r.Lines {
		for i := 0; i < r.Rows; i += most {
			a.rows = min(most, r.Rows-i)
			a.x, a.z = from(x, l*r.XLine+i*r.XRow), place(z, at+l*r.ZLine+i*r.ZRow)
			roundPairs(&a)
		}
	}
}

func transposeAMX(z []float32, at int, x []float32, r *Rounding) {
	const most = callLen / 16 // whole blocks of 32
	a := pairsArgs{xRow: 4 * r.XRow, zRow: 2 * r.ZRow, ahead: r.ahead()}
	for l := range r.Lines {
		for c := 0; c < r.Cols; c += 16 {
			a.cols = min(16, r.Cols-c)
			for i := 0; i < r.Fill; i += most {
				a.rows, a.fill = max(0, r.Rows-i), min(most, r.Fill-i)
				a.x, a.z = from(x, l*r.XLine+i*r.XRow+c), place(z, at+l*r.ZLine+c*r.ZRow+i)
				transposePairs(&a)
			}
		}
	}
}

func packAMX(z, x []float32, r *Rounding) {
	a := pairsArgs{cols: r.Cols, fill: r.Width, xRow: 4 * r.XRow, zRow: 4 * r.Width, ahead: r.ahead()}
	var upper [pairWide]float32
	for l := range r.Lines {
		k, half := l*r.Fill, 0
		if k%2 > 0 && r.Rows > 0 { // the first row belongs to the last pairs of the line before
			half = 1
			a.rows, a.x, a.z = 1, from(x, l*r.XLine), unsafe.Pointer(&upper)
			packPairs(&a)
			joinHalves(z[k/2*r.Width:][:r.Width], &upper)
		}
		line := z[(k+1)/2*r.Width : (k+r.Fill+1)/2*r.Width]
		if a.rows = r.Rows - half; a.rows > 0 {
			a.x, a.z = from(x, l*r.XLine+half*r.XRow), from(line, 0)
			packPairs(&a)
		}
		clear(line[(a.rows+1)/2*r.Width:])
	}
	all := r.Lines * r.Fill
	clear(z[(all+1)/2*r.Width : SlotsBF16(PaddedBF16(all))*r.Width])
}

// joinHalves sets the upper halves of pairs, which are zeros, to the lower halves of others.
func joinHalves(z []float32, upper *[pairWide]float32) {
	for c, v := range upper[:len(z)] {
		z[c] = math.Float32frombits(math.Float32bits(z[c]) | math.Float32bits(v)<<16)
	}
}

// packTransposedAMX leaves to plain Go the panels whose lines begin in the midst of a pair.
func packTransposedAMX(z, x []float32, r *Rounding) {
	if r.Lines > 1 && r.Fill%2 > 0 {
		packTransposedBF16Generic(z, x, r)
		return
	}
	line, all := SlotsBF16(r.Fill)*r.Width, SlotsBF16(PaddedBF16(r.Lines*r.Fill))*r.Width
	for c := 0; c < r.Width; c += 16 {
		a := pairsArgs{rows: min(16, r.Rows-c), cols: r.Cols, fill: r.Fill, xRow: 4 * r.XRow, zRow: 4 * r.Width}
		if a.rows <= 0 || a.fill == 0 { // the last 16 columns, or all, are zeros
			for k := c; k < all; k += r.Width {
				clear(z[k:][:16])
			}
			continue
		}
		for l := range r.Lines {
			a.x, a.z = from(x, l*r.XLine+c*r.XRow), from(z, l*line+c)
			packTransposedPairs(&a)
		}
		for k := r.Lines*line + c; k < all; k += r.Width {
			clear(z[k:][:16])
		}
	}
}
