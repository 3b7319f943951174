package tensor

import "spdiff/asm"

// chunkLen is how many numbers the orbit sums of one piece of a tied convolution may have, beside one image row: 128 KiB
// stay in the second cache together with what they are made from and the weights.
const chunkLen = 1 << 15

// forwardTied is the work of a convolution with shared weights: a piece is a range of image rows, whose orbit sums it makes
// for itself and multiplies panel by panel. Image rows follow each other, so the pixels of a piece are one run.
func (c *Conv) forwardTied(z, x, packed, bias []float32) []Task {
	p := newPlanes(c.s, c.k, span{0, c.s.Cin})
	rows := c.s.N * c.s.H
	per := min(max(1, chunkLen/(p.count*p.rowLen())), (rows+unitsWanted-1)/unitsWanted)
	pieces := min(rows, ((rows+per-1)/per+3)/4*4) // two workers end together
	f := &tied{forward{c, z, x, packed, bias}, p}
	return []Task{{N: pieces, Do: func(i, _ int) {
		from := rows * i / pieces
		n := rows*(i+1)/pieces - from
		s := borrow(len(c.k), p.room(n))
		f.chunk(s.segments, s.sums, from, n)
		s.giveBack()
	}}}
}

// A tied is a convolution with shared weights, bound to its data.
type tied struct {
	forward
	planes *planes
}

// chunk computes n image rows from row from on.
func (f *tied) chunk(segments []asm.Segment, sums []float32, from, n int) {
	f.planes.sum(sums, f.x, from, n)
	most, _, _ := asm.TileSize()
	pixels := n * f.s.W
	for panel := range f.count() {
		for o := range f.k {
			segments[o].W = f.weights(f.packed, panel, o)
		}
		rows, count := cutEven(pixels, most)
		f.tiles(segments, sums, panel, from, n, 0, rows, count)
		if done := rows * count; done < pixels {
			rest := (pixels - done) / (rows - 1)
			f.tiles(segments, sums, panel, from, n, done, rows-1, rest)
		}
	}
}

// cutEven cuts n rows into tiles of at most most as evenly as can be: count of rows each, all others having one row less.
func cutEven(n, most int) (rows, count int) {
	tiles := (n + most - 1) / most
	rows = (n + tiles - 1) / tiles
	return rows, n - tiles*(rows-1)
}

// after returns what the next chunk, from image row from on, reads first where this one has n pixels from pixel p on; the row
// before it is known already.
func (f *tied) after(from, p, n int) []float32 {
	at := min((from+1)*f.s.W+p, f.s.pixels())
	return f.x[at*f.s.Cin : min(at+n, f.s.pixels())*f.s.Cin]
}

// tiles computes tiles of one panel from pixel at of the chunk on.
func (f *tied) tiles(segments []asm.Segment, sums []float32, panel, from, n, at, rows, count int) {
	first, cols, width := f.panel(panel)
	t := asm.Tiling{Rows: rows, Cols: cols, Width: width, Depth: f.s.Cin,
		X: asm.Strides{Row: f.s.Cin, Gap: (rows + 1) / 2 * f.s.Cin, Tile: rows * f.s.Cin},
		Z: asm.Strides{Row: f.s.Cout, Gap: (rows + 1) / 2 * f.s.Cout, Tile: rows * f.s.Cout}}
	most := max(1, callMost/(len(f.k)*rows*width*f.s.Cin))
	for done := 0; done < count; done += t.Count {
		t.Count = min(most, count-done)
		p := at + done*rows
		t.Next = f.after(from+n, p, t.Count*rows)
		for o := range f.k {
			plane, pixel := f.planes.plane(o, f.x, sums, from, n)
			segments[o].X = plane[p*pixel:]
		}
		asm.Tile(f.z[(from*f.s.W+p)*f.s.Cout+first:], f.bias[first:], segments, &t)
	}
}
