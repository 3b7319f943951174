package asm

// A Rounding says which numbers of a matrix x of float32 are rounded to bf16, and where they go. The rows of x are vectors of Cols
// numbers, such as the channels of a pixel; they come in lines, such as those of an image or the taps of a kernel. Row r of line l
// begins at l·XLine + r·XRow.
type Rounding struct {
	Lines, Rows, Cols int
	XLine, XRow       int

	// Fill is the length of a run in the operand, filled up with zeros. A run is the Cols numbers of a row (RoundBF16,
	// PackTransposedBF16) or the Rows numbers of a column of a line (TransposeBF16, PackBF16).
	Fill int

	ZLine, ZRow int // of RoundBF16 and TransposeBF16: distances there, counted in numbers
	Width       int // of PackBF16 and PackTransposedBF16: the panel's, one of the two of TileSizeBF16
}

// RoundBF16 rounds rows. Number c of row (l, r) of x becomes number
//
//	at + l·ZLine + r·ZRow + c
//
// of the operand z, and zeros follow up to Fill numbers. What z holds elsewhere stays; but in pairs two numbers share a slot, so
// calls at the same time must not write to the two. It panics with a *LengthError where a row would reach outside its slice, as
// the others do.
func RoundBF16(z []float32, at int, x []float32, r *Rounding) {
	if r.check("RoundBF16", x, r.Cols) {
		r.checkOperand("RoundBF16", z, at, r.Rows)
		roundBF16(z, at, x, r)
	}
}

// TransposeBF16 rounds columns, which become rows. Number c of row (l, r) of x becomes number
//
//	at + l·ZLine + c·ZRow + r
//
// of the operand z, and zeros follow the numbers of each line up to Fill. For the rest it is like RoundBF16.
func TransposeBF16(z []float32, at int, x []float32, r *Rounding) {
	if r.check("TransposeBF16", x, r.Rows) {
		r.checkOperand("TransposeBF16", z, at, r.Cols)
		transposeBF16(z, at, x, r)
	}
}

// PackBF16 rounds and packs a panel of weights whose depth runs along the rows of x: number c of row (l, r) becomes weight
//
//	(k, c),  k = l·Fill + r.
//
// All other weights of the panel are zeros; it has Width columns and PaddedBF16(Lines·Fill) channels. Weight (k, c) is number k of
// column c: with one number a slot in slot k·Width + c, and in pairs half k mod 2 of slot k/2·Width + c. So the panel takes
// SlotsBF16(PaddedBF16(Lines·Fill))·Width slots, and that of channels k and on, k even, begins with slot SlotsBF16(k)·Width.
func PackBF16(z, x []float32, r *Rounding) {
	if r.check("PackBF16", x, r.Rows) {
		r.checkPanel("PackBF16", z, r.Cols)
		packBF16(z, x, r)
	}
}

// PackTransposedBF16 is PackBF16 of a panel whose columns are the rows of x: number c of row (l, r) becomes weight
//
//	(k, r),  k = l·Fill + c.
func PackTransposedBF16(z, x []float32, r *Rounding) {
	if r.check("PackTransposedBF16", x, r.Cols) {
		r.checkPanel("PackTransposedBF16", z, r.Rows)
		packTransposedBF16(z, x, r)
	}
}

// check panics unless the sizes are sizes, x has the rows, and runs of numbers have room. It reports whether there is work.
func (r *Rounding) check(kernel string, x []float32, run int) bool {
	notNegative(kernel, r.Lines, r.Rows, r.Cols, r.XLine, r.XRow, r.Fill, r.ZLine, r.ZRow, r.Width)
	if run > r.Fill {
		panicLength(kernel, run, r.Fill)
	}
	if r.Lines == 0 {
		return false
	}
	if r.Rows > 0 && r.Cols > 0 {
		reach(kernel, plus(times(r.Lines-1, r.XLine), times(r.Rows-1, r.XRow), r.Cols), x)
	}
	return true
}

// checkOperand panics unless z has the room for n runs in each line from a number on.
func (r *Rounding) checkOperand(kernel string, z []float32, at, n int) {
	notNegative(kernel, at)
	if n > 0 {
		reach(kernel, SlotsBF16(plus(at, times(r.Lines-1, r.ZLine), times(n-1, r.ZRow), r.Fill)), z)
	}
}

// checkPanel panics unless z has the room for a panel of at least some columns.
func (r *Rounding) checkPanel(kernel string, z []float32, cols int) {
	if _, wide, narrow := tileSizeBF16(); r.Width != wide && r.Width != narrow || cols > r.Width {
		panicLength(kernel, cols, r.Width)
	}
	reach(kernel, times(SlotsBF16(PaddedBF16(times(r.Lines, r.Fill))), r.Width), z)
}
