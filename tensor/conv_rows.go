package tensor

import "spdiff/asm"

// How a product of rows and weights, a 1×1 convolution, is cut: the rows of a chunk, times one stretch of channels, stay in
// the second cache while panel after panel goes over them. Meanwhile what comes next is fetched into that cache, evenly: the
// next panel's weights, or, where all weights stay there by themselves, the next chunk's rows. With that, chunks of four
// tiles are as good as larger ones, and a second stretch of channels, which costs z's way there and back, is worth it only
// where a panel would fill a good part of the cache: 2048×2048×2048 went from 83 % to 91 % of the ceiling, 25088×64×576 from
// 87 % to 92 %.
const (
	chunkBytes = 1 << 18
	chunkTiles = 4
	staysBytes = 1 << 18
	depthMost  = 2400
	rowsLeast  = 3 << 18 // multiply-adds of a piece: with a third of it 784×64×64 was 4 % slower
)

// A rowsProduct is a 1×1 convolution bound to its data: to it all pixels are one list of rows.
type rowsProduct struct {
	forward
	tiles, ranges int  // the rows in tiles, and into how many ranges of tiles they are cut
	groups        int  // into how many the panels are cut; a piece is a range times a group
	chunk         int  // rows of a chunk
	depths        int  // stretches of channels
	stays         bool // the weights stay in the second cache
}

// isRows reports whether the kernel is the tap (0, 0) alone.
func (c *Conv) isRows() bool { return len(c.k) == 1 && len(c.k[0]) == 1 && c.k[0][0] == Tap{} }

// forwardRows is the work of a 1×1 convolution.
func (c *Conv) forwardRows(z, x, packed, bias []float32) []Task {
	f := &rowsProduct{forward: forward{c, z, x, packed, bias}}
	f.cut()
	most, _, _ := asm.TileSize()
	return []Task{{N: f.ranges * f.groups, Do: func(i, _ int) {
		r, g := i/f.groups, i%f.groups
		rows := span{most * (f.tiles * r / f.ranges), min(most*(f.tiles*(r+1)/f.ranges), c.s.pixels())}
		f.piece(rows, span{c.count() * g / f.groups, c.count() * (g + 1) / f.groups})
	}}}
}

// cut chooses the sizes. A range is one chunk; or several of them, where the weights stay. Ranges are even in size and in
// number, so that two workers end together.
func (f *rowsProduct) cut() {
	most, _, _ := asm.TileSize()
	f.tiles = (f.s.pixels() + most - 1) / most
	f.depths = (f.s.Cin + depthMost - 1) / depthMost
	bytes := 4 * most * ((f.s.Cin + f.depths - 1) / f.depths) // of a tile's rows
	f.stays = f.depths == 1 && 4*f.s.Cin*f.s.Cout <= staysBytes
	chunk := max(chunkTiles, chunkBytes/bytes)
	f.groups = 1
	if f.stays {
		work := f.tiles * most * f.s.Cin * f.s.Cout
		f.ranges = evenCount(min(f.tiles, unitsWanted, work/rowsLeast))
		chunk, _ = cutEven((f.tiles+f.ranges-1)/f.ranges, chunk)
	} else {
		f.ranges = evenCount((f.tiles + chunk - 1) / chunk)
		f.groups = min(f.count(), (unitsWanted-1)/f.ranges+1)
		chunk = (f.tiles + f.ranges - 1) / f.ranges
	}
	f.chunk = chunk * most
}

// evenCount returns about n: a multiple of 4, or of 2 where n is small, or 1.
func evenCount(n int) int {
	switch {
	case n < 2:
		return 1
	case n < 8:
		return n / 2 * 2
	}
	return (n + 2) / 4 * 4
}

// piece computes some rows in some panels.
func (f *rowsProduct) piece(all, panels span) {
	most, _, _ := asm.TileSize()
	for at := all.from; at < all.to; at += f.chunk {
		end := min(at+f.chunk, all.to)
		rows, count := cutEven(end-at, most)
		for d := range f.depths {
			k := span{f.s.Cin * d / f.depths, f.s.Cin * (d + 1) / f.depths}
			for panel := panels.from; panel < panels.to; panel++ {
				ahead := f.ahead(end, panel, k)
				f.tiling(panel, k, at, rows, count, ahead)
				if done := at + rows*count; done < end {
					f.tiling(panel, k, done, rows-1, (end-done)/(rows-1), nil)
				}
			}
		}
	}
}

// ahead returns what to fetch during a panel, in a chunk that ends before row end: the panel's share of the next chunk, or the
// next panel, be they in this piece or in the next. Where the weights do not stay, a chunk's rows are fetched in the first panel.
func (f *rowsProduct) ahead(end, panel int, k span) []float32 {
	if n := f.count(); f.stays {
		next := f.x[end*f.s.Cin : min(end+f.chunk, f.s.pixels())*f.s.Cin]
		return next[len(next)*panel/n : len(next)*(panel+1)/n]
	} else if panel > 0 && panel+1 < n {
		return f.stretch(panel+1, k)
	}
	return nil
}

// stretch returns a panel's weights for channels k.
func (f *rowsProduct) stretch(panel int, k span) []float32 {
	_, _, width := f.panel(panel)
	return f.weights(f.packed, panel, 0)[k.from*width : k.to*width]
}

// tiling adds the products of channels k in one panel to some tiles of rows from row at on, fetching what lies ahead.
func (f *rowsProduct) tiling(panel int, k span, at, rows, count int, ahead []float32) {
	first, cols, width := f.panel(panel)
	h := (rows + 1) / 2
	t := asm.Tiling{Rows: rows, Cols: cols, Width: width, Depth: k.len(),
		X: asm.Strides{Row: f.s.Cin, Gap: h * f.s.Cin, Tile: rows * f.s.Cin},
		Z: asm.Strides{Row: f.s.Cout, Gap: h * f.s.Cout, Tile: rows * f.s.Cout}}
	var bias []float32
	if k.from == 0 {
		bias = f.bias[first:]
	}
	w := f.stretch(panel, k)
	most := max(1, callMost/(rows*width*k.len()))
	for done := 0; done < count; done += t.Count {
		t.Count = min(most, count-done)
		t.Next = ahead[len(ahead)*done/count : len(ahead)*(done+t.Count)/count]
		segments := [1]asm.Segment{{X: f.x[(at+done*rows)*f.s.Cin+k.from:], W: w}}
		asm.Tile(f.z[(at+done*rows)*f.s.Cout+first:], bias, segments[:], &t)
	}
}
