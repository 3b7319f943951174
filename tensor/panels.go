package tensor

import "spdiff/asm"

// Panels is a plan for packing a matrix that rows are multiplied by. Its columns are cut into panels as wide as a tile of
// [asm.Tile]: wide ones, and at the end a narrow one if the rest fits. In memory panel follows panel, each row by row, and
// zeros fill up the last one. The instruction set in use decides the widths. Those of bf16 are as [asm.PackBF16] leaves them.
type Panels struct {
	rows, cols         int
	wide, narrow, tile int // the sizes of the tiles
	p                  Precision
}

// NewPanels plans a matrix of rows×cols, for products in a precision.
func NewPanels(rows, cols int, p Precision) *Panels {
	tile, wide, narrow := p.tiles()
	return &Panels{rows, cols, wide, narrow, tile, p}
}

// A panel is some columns of a matrix, and the width to which they are filled up.
type panel struct{ from, cols, width int }

// count is the number of panels.
func (m *Panels) count() int { return (m.cols + m.wide - 1) / m.wide }

// panel returns panel i.
func (m *Panels) panel(i int) panel {
	p := panel{i * m.wide, min(m.wide, m.cols-i*m.wide), m.wide}
	if p.cols <= m.narrow {
		p.width = m.narrow
	}
	return p
}

// Len returns the length of the packed matrix.
func (m *Panels) Len() int {
	last := m.panel(m.count() - 1)
	return m.slots() * (last.from + last.width)
}

// slots is the length of a column, packed.
func (m *Panels) slots() int { return m.p.slots(m.p.Padded(m.rows)) }

// of returns rows from…to−1 of a panel; of bf16, whole steps.
func (m *Panels) of(packed []float32, p panel, from, to int) []float32 {
	at := p.from * m.slots()
	return packed[at+m.p.slots(from)*p.width : at+m.p.slots(to)*p.width]
}

// row returns the numbers of row k in a panel, after it has filled them up with zeros.
func (m *Panels) row(packed []float32, p panel, k int) []float32 {
	row := m.of(packed, p, k, k+1)
	clear(row[p.cols:])
	return row[:p.cols]
}

// PackRows packs the matrix whose row k is a(k)·row(k).
func (m *Panels) PackRows(packed []float32, a func(k int) float32, row func(k int) []float32) {
	if m.p == BF16 {
		m.packRounded(packed, a, row)
		return
	}
	for k := range m.rows {
		m.packRow(packed, k, a(k), row(k))
	}
}

// packRow packs row k of the matrix, a·w.
func (m *Panels) packRow(packed []float32, k int, a float32, w []float32) {
	for i := range m.count() {
		p := m.panel(i)
		if row := m.row(packed, p, k); a == 1 {
			copy(row, w[p.from:])
		} else {
			asm.Scale(row, a, w[p.from:][:p.cols])
		}
	}
}

// PackColumns packs the matrix whose column j is a·column(j).
func (m *Panels) PackColumns(packed []float32, a float32, column func(j int) []float32) {
	if m.p == BF16 {
		m.packRoundedColumns(packed, a, column)
		return
	}
	for i := range m.count() {
		m.packColumns(packed, m.panel(i), span{0, m.rows}, a, column)
	}
}

// packColumns packs rows k of a panel of a matrix: a times what column(j) returns, these rows of column j.
func (m *Panels) packColumns(packed []float32, p panel, k span, a float32, column func(j int) []float32) {
	rows, n, j := m.of(packed, p, k.from, k.to), k.len(), 0
	for ; j+8 <= p.cols; j += 8 {
		var columns [8][]float32
		for i := range columns {
			columns[i] = column(p.from + j + i)[:n]
		}
		packEight(rows[j:], p.width, a, &columns, n)
	}
	for ; j < p.width; j++ {
		if j >= p.cols {
			for i := range n {
				rows[i*p.width+j] = 0
			}
			continue
		}
		for i, v := range column(p.from + j)[:n] {
			rows[i*p.width+j] = a * v
		}
	}
}

// packEight packs eight columns of n numbers side by side, so that what is written in turn lies together: attention of 7×7 pixels
// takes 7 to 10 % less than with one column after the other, its gradient of 32×32 pixels 4 %.
func packEight(z []float32, width int, a float32, x *[8][]float32, n int) {
	x0, x1, x2, x3, x4, x5, x6, x7 := x[0][:n], x[1][:n], x[2][:n], x[3][:n], x[4][:n], x[5][:n], x[6][:n], x[7][:n]
	for k := range n {
		z := (*[8]float32)(z[k*width:])
		z[0], z[1], z[2], z[3] = a*x0[k], a*x1[k], a*x2[k], a*x3[k]
		z[4], z[5], z[6], z[7] = a*x4[k], a*x5[k], a*x6[k], a*x7[k]
	}
}

// zeros is where the chains of Multiply begin: as many as the widest panel has.
var zeros [32]float32

// Multiply sets n rows of z to the products of n rows of x with the packed matrix; rows are zRow and xRow numbers apart. Each number
// is one chain of fused multiply-adds from +0, or of bf16 the steps of [asm.TileBF16] from there.
func (m *Panels) Multiply(z []float32, zRow int, x []float32, xRow, n int, packed []float32) {
	if m.p == BF16 {
		m.multiplyRounded(z, zRow, x, xRow, n, packed)
		return
	}
	for i := range m.count() {
		l := layout{panel: m.panel(i), depth: m.rows, x: xRow, z: zRow, rows: m.tile}
		w := m.of(packed, l.panel, 0, m.rows)
		l.each(span{0, n}, 1, func(r run) {
			segments, t := [1]asm.Segment{{X: x[r.x.first*xRow:], W: w}}, l.tiling(&r)
			asm.Tile(z[r.z.first*zRow+l.from:], zeros[:], segments[:], &t)
		})
	}
}
