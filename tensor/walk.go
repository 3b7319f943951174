package tensor

import "spdiff/asm"

// All products walk over tiles in one way. What is to be computed is cut into runs: eachRun cuts pixels that follow each other,
// unit.eachRun a box of an image. A run is cut into what one call of asm.Tile does, and a function is told of each. It says which
// numbers the tiles read, and does the call.

// callMost is how many multiply-adds one call of asm has at most, for it cannot be preempted: that is well below 200 µs.
const callMost = 1 << 21

// callMost is that of products of a precision.
func (p Precision) callMost() int {
	if p == BF16 {
		return asm.CallBF16()
	}
	return callMost
}

// A run is some tiles, which have the same number of rows, and where their pixels are: those they compute, and those they read.
type run struct {
	rows, count int
	x, z        places
}

// places are where the rows of tiles are, counted in pixels: the first one, and the distances from there.
type places struct {
	first int
	asm.Strides
}

// in returns the distances counted in numbers, where pixels are n numbers apart.
func (p *places) in(n int) asm.Strides {
	return asm.Strides{Row: n * p.Row, Gap: n * p.Gap, Tile: n * p.Tile}
}

// oneRow returns the places of tiles whose rows are equally far apart.
func oneRow(first, rows, row, tile int) places {
	return places{first, asm.Strides{Row: row, Gap: (rows + 1) / 2 * row, Tile: tile}}
}

// eachRun cuts pixels that follow each other into tiles of at most longest rows, as evenly as can be, and calls do for no more than
// most pixels at a time.
func eachRun(pixels span, longest, most int, do func(r run)) {
	if pixels.len() == 0 {
		return
	}
	rows, count := cutEven(pixels.len(), longest)
	at := oneRow(pixels.from, rows, 1, rows)
	run{rows, count, at, at}.each(most, do)
	if done := pixels.from + rows*count; done < pixels.to {
		at := oneRow(done, rows-1, 1, rows-1)
		run{rows - 1, (pixels.to - done) / (rows - 1), at, at}.each(most, do)
	}
}

// cutEven cuts n rows into tiles of at most most as evenly as can be: count of rows each, all others having one row less.
func cutEven(n, most int) (rows, count int) {
	tiles := (n + most - 1) / most
	rows = (n + tiles - 1) / tiles
	return rows, n - tiles*(rows-1)
}

// each calls do for the tiles of a run: for as many at a time as have at most that many pixels, or for one.
func (r run) each(most int, do func(r run)) {
	for left := r.count; left > 0; left -= r.count {
		r.count = min(max(1, most/r.rows), left)
		do(r)
		r.x.first += r.count * r.x.Tile
		r.z.first += r.count * r.z.Tile
	}
}

// A layout is how a product by a panel reads and writes: depth channels of each segment, pixels that are x numbers apart in the
// input and z in the result, in tiles of so many rows.
type layout struct {
	panel
	depth, x, z int
	rows        int
	p           Precision
}

// each is eachRun for a product of n segments.
func (l *layout) each(pixels span, n int, do func(r run)) { eachRun(pixels, l.rows, l.most(n), do) }

// most returns how many pixels a call computes at most, of n segments.
func (l *layout) most(n int) int { return l.p.callMost() / max(1, n*l.width*l.depth) }

// tiling returns the shape of the work of a run.
func (l *layout) tiling(r *run) asm.Tiling {
	return asm.Tiling{Rows: r.rows, Cols: l.cols, Width: l.width, Depth: l.depth, Count: r.count, X: r.x.in(l.x), Z: r.z.in(l.z)}
}
