package tensor

import "spdiff/asm"

// How a product of rows and weights, a 1×1 convolution, is cut: the rows of a chunk, times some channels of all, stay in the
// second cache while panel after panel goes over them. Meanwhile what comes next is fetched into that cache, evenly: the next
// panel's weights, or, where all weights stay there by themselves, the next chunk's rows. With that, chunks of four tiles are as
// good as larger ones, and cutting the channels, which costs z's way there and back, is worth it only where a panel would fill a
// good part of the cache: 2048×2048×2048 went from 83 % to 91 % of the ceiling, 25088×64×576 from 87 % to 92 %.
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
	sets          int  // into how many the panels are cut; a piece is a range of rows in a set of panels
	chunk         int  // rows of a chunk
	depths        int  // into how many the channels are cut
	stays         bool // the weights stay in the second cache
}

// isRows reports whether the output is that of the tap (0, 0) alone, pixel by pixel.
func (c *Conv) isRows() bool {
	return len(c.k) == 1 && len(c.k[0]) == 1 && c.k[0][0] == Tap{} && c.s.plain()
}

// rows is the work of a 1×1 convolution.
func (f forward) rows() []Task {
	p := &rowsProduct{forward: f}
	p.cut()
	most, _, _ := asm.TileSize()
	return []Task{{N: p.ranges * p.sets, Do: func(i, _ int) {
		tiles := evenSpan(p.tiles, i/p.sets, p.ranges)
		rows := span{most * tiles.from, min(most*tiles.to, f.s.pixels())}
		p.piece(rows, evenSpan(f.m.count(), i%p.sets, p.sets))
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
	f.sets = 1
	if f.stays {
		work := int64(f.tiles*most) * int64(f.s.Cin*f.s.Cout)
		f.ranges = evenCount(int(min(int64(min(f.tiles, unitsWanted)), work/rowsLeast)))
		chunk, _ = cutEven((f.tiles+f.ranges-1)/f.ranges, chunk)
	} else {
		f.ranges = evenCount((f.tiles + chunk - 1) / chunk)
		f.sets = min(f.m.count(), (unitsWanted-1)/f.ranges+1)
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
	for at := all.from; at < all.to; at += f.chunk {
		rows := span{at, min(at+f.chunk, all.to)}
		for d := range f.depths {
			k := evenSpan(f.s.Cin, d, f.depths)
			for panel := panels.from; panel < panels.to; panel++ {
				f.product(rows, panel, k)
			}
		}
	}
}

// product adds the products of channels k in one panel to a chunk of rows, fetching what lies ahead.
func (f *rowsProduct) product(rows span, panel int, k span) {
	l := f.layout(panel)
	l.depth = k.len()
	var bias []float32
	if k.from == 0 {
		bias = f.bias[l.from:]
	}
	w, ahead := f.m.of(f.packed, l.panel, k.from, k.to), f.ahead(rows.to, panel, k)
	l.each(rows, 1, func(r run) {
		segments, t := [1]asm.Segment{{X: f.x[r.x.first*l.x+k.from:], W: w}}, l.tiling(&r)
		done := r.x.first - rows.from
		t.Next = ahead[evenAt(len(ahead), done, rows.len()):evenAt(len(ahead), done+r.count*r.rows, rows.len())]
		if z := f.z[r.z.first*l.z+l.from:]; k.to == f.s.Cin {
			f.tile(z, bias, segments[:], &t)
		} else {
			asm.Tile(z, bias, segments[:], &t)
		}
	})
}

// ahead returns what to fetch during a panel, in a chunk that ends before row end. If the weights stay, it is the panel's share of the next
// chunk, even beyond this piece. If not, it is the next panel, but nothing during the first panel, which loads the chunk's own rows.
func (f *rowsProduct) ahead(end, panel int, k span) []float32 {
	if n := f.m.count(); f.stays {
		next := f.x[end*f.s.Cin : min(end+f.chunk, f.s.pixels())*f.s.Cin]
		share := evenSpan(len(next), panel, n)
		return next[share.from:share.to]
	} else if panel > 0 && panel+1 < n {
		return f.m.of(f.packed, f.m.panel(panel+1), k.from, k.to)
	}
	return nil
}
