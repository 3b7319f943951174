//go:build !purego

package asm

import "unsafe"

// roundArgs is what the assembly reads; distances are in bytes. Rows of x become rows of z or columns; then rows are at most the
// lanes of a vector, and so is fill.
type roundArgs struct {
	z, x             unsafe.Pointer
	zStep, xStep     int // from a row of z to the next, and of x
	rows, cols, fill int // rows of x, their numbers, and the numbers of a row of z
}

// lanes is how many float32 a vector has.
func lanes() int {
	if useAVX512 {
		return 16
	}
	return 8
}

// from points to number i of x, or nowhere.
func from(x []float32, i int) unsafe.Pointer {
	if i < len(x) {
		return unsafe.Pointer(&x[i])
	}
	return nil
}

// round rounds the rows of a line of x from number at on, filled up with zeros to fill numbers.
func (r *Rounding) round(z, x []float32, line, zRow, fill int) {
	rows, cols, xRow := r.Rows, r.Cols, r.XRow
	if cols == fill && xRow == cols && zRow == cols && cols < 1<<10 { // one long row, in rows of a sort
		all := rows * cols
		cols = 1 << 10
		rows, xRow, zRow, fill = all/cols, cols, cols, cols
		if rest := all % cols; rest > 0 {
			roundRows(&roundArgs{from(z, rows*cols), from(x, line*r.XLine+rows*cols), 0, 0, 1, rest, rest})
		}
	}
	for i, n := 0, max(1, callLen/max(1, fill)); i < rows; i += n {
		n = min(n, rows-i)
		roundRows(&roundArgs{from(z, i*zRow), from(x, line*r.XLine+i*xRow), 4 * zRow, 4 * xRow, n, cols, fill})
	}
}

func roundRows(a *roundArgs) {
	if useAVX512 {
		roundRowsAVX512(a)
	} else {
		roundRowsAVX2(a)
	}
}

// transpose rounds a line of x. Its columns become rows of z, filled up with zeros to fill numbers.
func (r *Rounding) transpose(z, x []float32, line, zRow, fill int) {
	if r.Cols == 0 {
		return
	}
	n := lanes()
	for i := 0; i < fill; i += n {
		a := roundArgs{from(z, i), from(x, line*r.XLine+i*r.XRow), 4 * zRow, 4 * r.XRow, max(0, min(n, r.Rows-i)), r.Cols, min(n, fill-i)}
		if useAVX512 {
			transposeAVX512(&a)
		} else {
			transposeAVX2(&a)
		}
	}
}

// plainBF16 reports that there is no assembly for operands.
func plainBF16() bool { return pairs || !useAVX512 && !useAVX2 }

func roundBF16(z []float32, at int, x []float32, r *Rounding) {
	if pairs && useAVX512 {
		roundAMX(z, at, x, r)
		return
	}
	if plainBF16() {
		roundBF16Generic(z, at, x, r)
		return
	}
	for l := range r.Lines {
		r.round(z[min(len(z), at+l*r.ZLine):], x, l, r.ZRow, r.Fill)
	}
}

func transposeBF16(z []float32, at int, x []float32, r *Rounding) {
	if pairs && useAVX512 {
		transposeAMX(z, at, x, r)
		return
	}
	if plainBF16() {
		transposeBF16Generic(z, at, x, r)
		return
	}
	for l := range r.Lines {
		r.transpose(z[min(len(z), at+l*r.ZLine):], x, l, r.ZRow, r.Fill)
	}
}

func packBF16(z, x []float32, r *Rounding) {
	if pairs && useAVX512 {
		packAMX(z, x, r)
		return
	}
	if plainBF16() {
		packBF16Generic(z, x, r)
		return
	}
	r.panel(z, r.Rows, func(z []float32, l int) { r.round(z, x, l, r.Width, r.Width) })
}

func packTransposedBF16(z, x []float32, r *Rounding) {
	if pairs && useAVX512 {
		packTransposedAMX(z, x, r)
		return
	}
	if plainBF16() {
		packTransposedBF16Generic(z, x, r)
		return
	}
	r.panel(z, r.Cols, func(z []float32, l int) { r.transpose(z, x, l, r.Width, r.Width) })
}

// panel packs the lines of a panel, each of so many channels, with one number a slot; what is between them becomes zero.
func (r *Rounding) panel(z []float32, channels int, pack func(z []float32, l int)) {
	line := r.Fill * r.Width
	for l := range r.Lines {
		z := z[l*line : (l+1)*line]
		pack(z, l)
		clear(z[channels*r.Width:])
	}
	clear(z[r.Lines*line : PaddedBF16(r.Lines*r.Fill)*r.Width])
}
