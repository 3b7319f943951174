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

// packLen is how many weights a piece of Pack copies.
const packLen = 1 << 14

// Pack returns the work of packing the weights w, (len(k), Cin, Cout), for Forward. A piece is some rows of w, each read as a
// whole: panel by panel, 2048×2048 weights took 1.6 times as long.
func (c *Conv) Pack(packed, w []float32) Task {
	c.checkPack(packed, w)
	rows, per := len(c.k)*c.s.Cin, (packLen+c.s.Cout-1)/c.s.Cout
	return Task{N: (rows + per - 1) / per, Do: func(i, _ int) {
		for r := i * per; r < min((i+1)*per, rows); r++ {
			c.packRow(packed, w[r*c.s.Cout:(r+1)*c.s.Cout], r)
		}
	}}
}

// packRow copies row number r of the weights to the panels.
func (c *Conv) packRow(packed, w []float32, r int) {
	rows, from := len(c.k)*c.s.Cin, 0
	for ; from+c.wide <= len(w); from += c.wide {
		copy(packed[from*rows+r*c.wide:][:c.wide], w[from:])
	}
	if from < len(w) {
		_, _, width := c.panel(from / c.wide)
		packRow(packed[from*rows+r*width:][:width], w[from:], len(w)-from, 1)
	}
}

// PackTransposed returns the work of packing the weights w of c for the Forward of c.Transpose().
func (c *Conv) PackTransposed(packed, w []float32) Task {
	t := c.Transpose()
	t.checkPack(packed, w)
	return Task{N: t.count() * len(t.k), Do: func(i, _ int) {
		panel, orbit := i/len(t.k), i%len(t.k)
		from, cols, width := t.panel(panel)
		src := w[(orbit*t.s.Cout+from)*t.s.Cin:]
		packColumns(t.weights(packed, panel, orbit), src, t.s.Cin, t.s.Cin, cols, width)
	}}
}

func (c *Conv) checkPack(packed, w []float32) {
	c.check("packed", packed, c.PackedLen())
	c.check("w", w, len(c.k)*c.s.Cin*c.s.Cout)
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

// packColumns copies columns of n numbers at distance col to rows of width, filled up with zeros, a line of the cache of each
// column at a time.
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
