package tensor

import "spdiff/asm"

// panels is how the output channels are cut into the panels that a tile computes: wide ones, and at the end a narrow one if
// what is left fits. What is missing in the last one is padded by zero weights.
type panels struct{ cols, wide, narrow int }

func cutPanels(cols int) panels {
	_, wide, narrow := asm.TileSize()
	return panels{cols, wide, narrow}
}

// count is the number of panels.
func (p panels) count() int { return (p.cols + p.wide - 1) / p.wide }

// panel returns the first column of panel i, the number of its columns, and the width of its packed weights.
func (p panels) panel(i int) (from, cols, width int) {
	from = i * p.wide
	cols = min(p.wide, p.cols-from)
	width = p.wide
	if cols <= p.narrow {
		width = p.narrow
	}
	return from, cols, width
}

// padded is the sum of the panels' widths.
func (p panels) padded() int {
	from, _, width := p.panel(p.count() - 1)
	return from + width
}

// PackedLen returns the length of the packed weights. It depends on the instruction set, as their order does.
func (c *Conv) PackedLen() int { return len(c.k) * c.s.Cin * c.padded() }

// weights returns the packed weights of an orbit in a panel: Cin rows of its width.
func (c *Conv) weights(packed []float32, panel, orbit int) []float32 {
	from, _, width := c.panel(panel)
	at := from*len(c.k)*c.s.Cin + orbit*c.s.Cin*width
	return packed[at : at+c.s.Cin*width]
}

// Pack returns the work of packing the weights w, (len(k), Cin, Cout), for Forward.
func (c *Conv) Pack(packed, w []float32) Task {
	return c.pack(packed, w, c.s.Cout, 1)
}

// PackTransposed returns the work of packing the weights w of c for the Forward of c.Transpose().
func (c *Conv) PackTransposed(packed, w []float32) Task {
	return c.Transpose().pack(packed, w, 1, c.s.Cout)
}

// pack packs w, whose element (o, i, j) is at o·Cin·Cout + i·row + j·col, one of them being 1.
func (c *Conv) pack(packed, w []float32, row, col int) Task {
	c.check("packed", packed, c.PackedLen())
	c.check("w", w, len(c.k)*c.s.Cin*c.s.Cout)
	return Task{N: c.count() * len(c.k), Do: func(i, _ int) {
		panel, orbit := i/len(c.k), i%len(c.k)
		from, cols, width := c.panel(panel)
		p := c.weights(packed, panel, orbit)
		src := w[orbit*c.s.Cin*c.s.Cout+from*col:]
		if col == 1 {
			packRows(p, src, c.s.Cin, row, cols, width)
		} else {
			packColumns(p, src, c.s.Cin, col, cols, width)
		}
	}}
}

// packRows copies n rows of cols numbers at distance row to rows of width, filled up with zeros.
func packRows(z, w []float32, n, row, cols, width int) {
	for k := range n {
		packRow(z[k*width:(k+1)*width], w[k*row:], cols, 1)
	}
}

// packRow copies n numbers at distance step to z and fills it up with zeros.
func packRow(z, w []float32, n, step int) {
	if step == 1 {
		copy(z, w[:n])
	} else {
		for j := range n {
			z[j] = w[j*step]
		}
	}
	clear(z[n:])
}

// packColumns does the same with columns of n numbers at distance col, a line of the cache of each at a time.
func packColumns(z, w []float32, n, col, cols, width int) {
	for from := 0; from < n; from += lineLen {
		rows := z[from*width : min(from+lineLen, n)*width]
		for j := range width {
			if j >= cols {
				for at := j; at < len(rows); at += width {
					rows[at] = 0
				}
				continue
			}
			line := w[j*col+from:][:len(rows)/width]
			for k, v := range line {
				rows[k*width+j] = v
			}
		}
	}
}
