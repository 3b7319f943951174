package tensor

import "spdiff/asm"

// packRounded is PackRows of bf16: what is packed stands side by side in float32 first, and is rounded once.
func (m *Panels) packRounded(packed []float32, a func(k int) float32, row func(k int) []float32) {
	s := borrow(0, m.rows*m.cols)
	for k := range m.rows {
		asm.Scale(s.sums[k*m.cols:(k+1)*m.cols], a(k), row(k)[:m.cols])
	}
	m.packMatrix(packed, s.sums, m.cols, m.rows)
	s.giveBack()
}

// packMatrix packs n rows of a matrix, as many as m has or fewer, row numbers apart; zeros follow up to whole steps.
func (m *Panels) packMatrix(packed, x []float32, row, n int) {
	for i := range m.count() {
		p, depth := m.panel(i), m.p.Padded(n)
		asm.PackBF16(m.of(packed, p, 0, depth), x[p.from:], &asm.Rounding{Lines: 1, Rows: n, Cols: p.cols, XRow: row, Fill: depth, Width: p.width})
	}
}

// packRoundedColumns is PackColumns of bf16.
func (m *Panels) packRoundedColumns(packed []float32, a float32, column func(j int) []float32) {
	s := borrow(0, m.rows*m.wide)
	depth := m.p.Padded(m.rows)
	for i := range m.count() {
		p := m.panel(i)
		for j := range p.cols {
			asm.Scale(s.sums[j*m.rows:(j+1)*m.rows], a, column(p.from + j)[:m.rows])
		}
		asm.PackTransposedBF16(m.of(packed, p, 0, depth), s.sums, &asm.Rounding{Lines: 1, Rows: p.cols, Cols: m.rows, XRow: m.rows, Fill: depth, Width: p.width})
	}
	s.giveBack()
}

// roundedLen is how many numbers of the input are rounded at a time: they stay in the second cache while panel after panel goes
// over them.
const roundedLen = 1 << 16

// inSecondCache returns a number of numbers that is meant for second caches of half a megabyte and more, for the machine: with AMX four times as
// many, for there it has two.
func inSecondCache(n int) int {
	if asm.CutForTiles() {
		return 4 * n
	}
	return n
}

// multiplyRounded is Multiply of bf16.
func (m *Panels) multiplyRounded(z []float32, zRow int, x []float32, xRow, n int, packed []float32) {
	depth := m.p.Padded(m.rows)
	most := max(m.tile, roundedLen/depth)
	s := borrowRounded(1, 0, min(n, most)*depth)
	for from := 0; from < n; from += most {
		rows := min(most, n-from)
		asm.RoundBF16(s.operand, 0, x[from*xRow:], &asm.Rounding{Lines: 1, Rows: rows, Cols: m.rows, XRow: xRow, Fill: depth, ZRow: depth})
		m.multiplyOperand(z[from*zRow:], zRow, s, rows, packed)
	}
	s.giveBack()
}

// multiplyTile multiplies a tile of rows, from one on, by whole panels, as many at a time as a call may take.
func (m *Panels) multiplyTile(z []float32, zRow int, operand []float32, row int, t asm.Tiling, whole int, packed []float32) {
	depth := m.p.Padded(m.rows)
	most := max(1, asm.CallBF16()/(t.Rows*m.wide*depth))
	t.Z.Tile = m.wide
	for from := 0; from < whole; from += most {
		t.Count = min(most, whole-from)
		asm.PanelsBF16(z[row*zRow+from*m.wide:], zeros[:], asm.SegmentBF16{X: operand, At: row * depth, W: packed[from*m.wide*m.slots():]}, &t)
	}
}

// multiplyOperand multiplies some rows that are rounded: panel by panel, or tile by tile if there are fewer of them than of whole panels.
func (m *Panels) multiplyOperand(z []float32, zRow int, s *scratch, rows int, packed []float32) {
	depth, first := m.p.Padded(m.rows), 0
	if whole := m.cols / m.wide; whole > (rows+m.tile-1)/m.tile {
		first = whole
		l := layout{panel: m.panel(0), depth: m.rows, x: depth, z: zRow, rows: m.tile, p: BF16}
		l.each(span{0, rows}, whole, func(r run) {
			for i := range r.count {
				m.multiplyTile(z, zRow, s.operand, r.x.first+i*r.x.Tile, l.tiling(&r), whole, packed)
			}
		})
	}
	for i := first; i < m.count(); i++ {
		l := layout{panel: m.panel(i), depth: m.rows, x: depth, z: zRow, rows: m.tile, p: BF16}
		l.each(span{0, rows}, 1, func(r run) {
			s.rounded[0] = asm.SegmentBF16{X: s.operand, At: r.x.first * depth, W: m.of(packed, l.panel, 0, depth)}
			t := l.tiling(&r)
			asm.TileBF16(z[r.z.first*zRow+l.from:], zeros[:], s.rounded, &t)
		})
	}
}

// An Outer is a plan of z += xᵀ·y in bf16, x (n, rows) and y (n, cols), of at most so many n: each number of z goes on by steps of 32
// n, ascending.
type Outer struct{ m *Panels }

// NewOuter plans products of at most n rows of x and y, of cols numbers in a row of y.
func NewOuter(n, cols int) *Outer { return &Outer{NewPanels(n, cols, BF16)} }

// Add adds xᵀ·y to z, of n rows of x and y; rows of all are zRow, xRow and yRow numbers apart.
func (o *Outer) Add(z []float32, zRow int, x []float32, xRow, rows int, y []float32, yRow, n int) {
	o.add(z, 0, zRow, x, asm.Rounding{Lines: 1, Rows: n, Cols: rows, XRow: xRow}, y, yRow)
}

// add is Add of x in lines, for which the rows of z begin zLine numbers apart.
func (o *Outer) add(z []float32, zLine, zRow int, x []float32, lines asm.Rounding, y []float32, yRow int) {
	m, n, rows := o.m, lines.Rows, lines.Lines*lines.Cols
	depth := m.p.Padded(n)
	s := borrowRounded(1, m.Len(), rows*depth)
	m.packMatrix(s.sums, y, yRow, n)
	lines.Fill, lines.ZLine, lines.ZRow = depth, lines.Cols*depth, depth
	asm.TransposeBF16(s.operand, 0, x, &lines)
	count := lines.Lines
	if zLine == lines.Cols*zRow {
		count = 1 // the rows of z follow each other, and tiles go on from line to line
	}
	for i := range m.count() * count {
		p, line := m.panel(i/count), i%count
		l := layout{panel: p, depth: n, x: depth, z: zRow, rows: m.tile, p: BF16}
		l.each(span{0, rows / count}, 1, func(r run) {
			s.rounded[0] = asm.SegmentBF16{X: s.operand, At: line*lines.ZLine + r.x.first*depth, W: m.of(s.sums, p, 0, depth)}
			t := l.tiling(&r)
			asm.TileBF16(z[line*zLine+r.z.first*zRow+l.from:], nil, s.rounded, &t)
		})
	}
	s.giveBack()
}
