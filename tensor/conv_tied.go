package tensor

import "spdiff/asm"

// chunkLen is how many numbers the orbit sums of one piece of a tied convolution may have, beside one image row: 128 KiB
// stay in the second cache together with what they are made from and the weights.
const chunkLen = 1 << 15

// A tied is a convolution with shared weights, bound to its data.
type tied struct {
	forward
	sums *orbitSums
}

// tied is the work of a convolution with shared weights: a piece is a range of image rows, whose orbit sums it makes for itself
// and multiplies panel by panel. Image rows follow each other, so the pixels of a piece are one run.
func (f forward) tied() []Task {
	t := &tied{f, f.orbitSums(span{0, f.s.Cin})}
	rows, pieces := t.cut(chunkLen)
	return []Task{{N: pieces, Do: func(i, _ int) { t.piece(evenSpan(rows, i, pieces)) }}}
}

// cut returns how many image rows there are, and into how many pieces they are cut, of so many numbers of sums.
func (f *tied) cut(chunk int) (rows, pieces int) {
	rows = f.s.N * f.s.H
	per := min(max(1, chunk/(f.sums.count*f.sums.rowLen())), (rows+unitsWanted-1)/unitsWanted)
	return rows, min(rows, ((rows+per-1)/per+3)/4*4) // two workers end together
}

// piece computes some image rows.
func (f *tied) piece(rows span) {
	s := borrow(len(f.k), f.sums.room(rows.len()))
	f.sums.sum(s.sums, f.x, rows.from, rows.len())
	pixels := span{rows.from * f.s.W, rows.to * f.s.W}
	for panel := range f.m.count() {
		l := f.layout(panel)
		l.each(pixels, len(f.k), func(r run) {
			for o := range f.k {
				sums, pixel := f.sums.of(o, f.x, s.sums, rows.from, rows.len())
				s.segments[o] = asm.Segment{X: sums[(r.x.first-pixels.from)*pixel:], W: f.weights(f.packed, l.panel, o)}
			}
			t := l.tiling(&r)
			t.Next = f.after(pixels.len()+r.x.first+f.s.W, r.count*r.rows)
			f.tile(f.z[r.z.first*l.z+l.from:], f.bias[l.from:], s.segments, &t)
		})
	}
	s.giveBack()
}

// after returns n pixels of the input from pixel p on, as many of them as there are: what the next piece reads first. The image row
// before it is known already.
func (f *tied) after(p, n int) []float32 {
	p = min(p, f.s.pixels())
	return f.x[p*f.s.Cin : min(p+n, f.s.pixels())*f.s.Cin]
}
