package tensor

import "spdiff/asm"

// How a product of rows and weights, a 1×1 convolution, is cut: the rows of a piece times one stretch of channels are to
// stay in the second cache while panel after panel goes over them. A quarter of that cache for them: with a half
// 2048×2048×2048 was 6 % slower, with an eighth the weights were read so often that large products were 4 to 9 % slower. But
// weights that stay in the cache by themselves are read again at no cost, and with an eighth for the rows 25088×64×192 was
// 6 % faster. More than two stretches of channels cost z's way there and back, some 10 % a time.
const (
	rowsBytes   = 1 << 19
	depthMost   = 1200
	piecesLeast = 32
)

// A rowsProduct is a 1×1 convolution bound to its data: to it all pixels are one list of rows.
type rowsProduct struct {
	forward
	rows   int // of a piece
	panels int // of a piece
	depths int // stretches of channels
}

// isRows reports whether the kernel is the tap (0, 0) alone.
func (c *Conv) isRows() bool { return len(c.k) == 1 && len(c.k[0]) == 1 && c.k[0][0] == Tap{} }

// forwardRows is the work of a 1×1 convolution.
func (c *Conv) forwardRows(z, x, packed, bias []float32) []Task {
	f := &rowsProduct{forward: forward{c, z, x, packed, bias}}
	f.depths = (c.s.Cin + depthMost - 1) / depthMost
	most, _, _ := asm.TileSize()
	depth := (c.s.Cin + f.depths - 1) / f.depths
	all := c.s.pixels()
	bytes := rowsBytes
	if 4*depth*c.s.Cout <= rowsBytes/2 {
		bytes /= 2
	}
	tiles, perChunk := (all+most-1)/most, max(1, bytes/(4*depth*most))
	f.rows, _ = cutEven(tiles, perChunk)
	f.rows *= most
	chunks := (all + f.rows - 1) / f.rows
	groups := min(c.count(), (piecesLeast+chunks-1)/chunks)
	f.panels = (c.count() + groups - 1) / groups
	groups = (c.count() + f.panels - 1) / f.panels
	return []Task{{N: chunks * groups, Do: func(i, _ int) {
		from, panel := i/groups*f.rows, i%groups*f.panels
		f.piece(from, min(f.rows, all-from), panel, min(panel+f.panels, c.count()))
	}}}
}

// piece computes n rows from row from on in panels lo…hi−1.
func (f *rowsProduct) piece(from, n, lo, hi int) {
	most, _, _ := asm.TileSize()
	rows, count := cutEven(n, most)
	for d := range f.depths {
		k := span{f.s.Cin * d / f.depths, f.s.Cin * (d + 1) / f.depths}
		for panel := lo; panel < hi; panel++ {
			f.tiles(panel, k, from, rows, count)
			if done := rows * count; done < n {
				f.tiles(panel, k, from+done, rows-1, (n-done)/(rows-1))
			}
		}
	}
}

// tiles adds the products of channels k in one panel to some tiles of rows from row at on.
func (f *rowsProduct) tiles(panel int, k span, at, rows, count int) {
	first, cols, width := f.panel(panel)
	h := (rows + 1) / 2
	t := asm.Tiling{Rows: rows, Cols: cols, Width: width, Depth: k.len(),
		X: asm.Strides{Row: f.s.Cin, Gap: h * f.s.Cin, Tile: rows * f.s.Cin},
		Z: asm.Strides{Row: f.s.Cout, Gap: h * f.s.Cout, Tile: rows * f.s.Cout}}
	var bias []float32
	if k.from == 0 {
		bias = f.bias[first:]
	}
	w := f.weights(f.packed, panel, 0)[k.from*width : k.to*width]
	most := max(1, callMost/(rows*width*k.len()))
	for done := 0; done < count; done += t.Count {
		t.Count = min(most, count-done)
		segments := [1]asm.Segment{{X: f.x[(at+done*rows)*f.s.Cin+k.from:], W: w}}
		asm.Tile(f.z[(at+done*rows)*f.s.Cout+first:], bias, segments[:], &t)
	}
}
