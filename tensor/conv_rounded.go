package tensor

import (
	"slices"

	"spdiff/asm"
)

// packRounded is Pack of bf16. A piece is an orbit in a panel.
func (c *Conv) packRounded(packed, w []float32) Task {
	depth, size := c.depth(), c.s.Cin*c.s.Cout
	return Task{N: c.m.count() * len(c.k), Do: func(i, _ int) {
		p, o := c.m.panel(i/len(c.k)), i%len(c.k)
		asm.PackBF16(c.weights(packed, p, o), w[o*size+p.from:], &asm.Rounding{
			Lines: 1, Rows: c.s.Cin, Cols: p.cols, XRow: c.s.Cout, Fill: depth, Width: p.width})
	}}
}

// packRoundedTransposed packs the weights w of the convolution that c is the transpose of.
func (c *Conv) packRoundedTransposed(packed, w []float32) Task {
	depth, size := c.depth(), c.s.Cin*c.s.Cout
	return Task{N: c.m.count() * len(c.k), Do: func(i, _ int) {
		p, o := c.m.panel(i/len(c.k)), i%len(c.k)
		asm.PackTransposedBF16(c.weights(packed, p, o), w[o*size+p.from*c.s.Cin:], &asm.Rounding{
			Lines: 1, Rows: p.cols, Cols: c.s.Cin, XRow: c.s.Cin, Fill: depth, Width: p.width})
	}}
}

// roundedTasks is the work of a convolution of bf16. A piece rounds what it reads, or the orbit sums of that, into operand form, and
// multiplies panel by panel, by the runs of tiles that float32 goes by; but no border is walked by itself.
func (f forward) roundedTasks() []Task {
	switch {
	case f.k.tied():
		return f.roundedTied()
	case f.isRows():
		return f.roundedRows()
	}
	b := f.roundedBoxes()
	return []Task{{N: len(b.all), Do: func(i, _ int) { b.compute(b.all[i]) }}}
}

// A roundedBoxes is a convolution of bf16 in boxes, of whole images or of some rows of one. What is off the image is zeros in a box's operand,
// so that all pixels see all taps, and tiles are as full as those of matrices. Tiles of the pixels alone that see the same taps took 1.4 to 1.8
// times as long with AMX, where a tile of 5 rows takes, with its loads, as long as one of 16; without it they save 2 to 18 % of the work.
//
// Where image rows fill tiles, zeros stand between them, and each tap is a shift along the operand. Where they do not, the operand has a
// copy for each number of columns that taps are off the middle, shifted by as many: what a tap sees of all pixels follows each other, and
// tiles go on from image row to image row. Copies alone, which take three times the place, take 8 % less to 25 % more
// time with VDPBF16PS.
type roundedBoxes struct {
	*forward
	all    []box
	my, mx int   // how far taps are off the middle
	line   int   // pixels from an image row of the operand to the next
	copies []int // the shift of each, 0 first
}

// roundedBoxes cuts the output into boxes: of as many pixels as leave enough pieces, of about half as many multiply-adds as a call may have or
// more, and as stay in the second cache when rounded.
func (f *forward) roundedBoxes() *roundedBoxes {
	b := &roundedBoxes{forward: f, line: f.s.W, copies: []int{0}}
	for _, orbit := range f.k {
		y, x := orbit[0][0], orbit[0][1]
		b.my, b.mx = max(b.my, y, -y), max(b.mx, x, -x)
		if !slices.Contains(b.copies, x) {
			b.copies = append(b.copies, x)
		}
	}
	if f.fills() {
		b.line, b.copies = f.s.W+b.mx, b.copies[:1]
	}
	pixels := f.s.pixels()
	work := int64(pixels) * int64(len(f.k)*f.s.Cin*f.s.Cout) // beyond 32 bits
	pieces := min(unitsWanted, int(min(work/int64(asm.CallBF16()/2), unitsWanted))+1)
	b.all = f.evenBoxes(max(1, min(inSecondCache(roundedLen)/(f.depth()*len(b.copies)), pixels/pieces)))
	return b
}

// fills reports whether the image rows fill four fifths of their tiles, or of the halves of tiles.
func (f *forward) fills() bool {
	half := f.m.tile / 2
	return 5*f.s.W >= 4*half*((f.s.W+half-1)/half)
}

// evenBoxes cuts the image rows of the output into boxes of about that many pixels: of some images, or of some rows of one.
func (c *Conv) evenBoxes(pixels int) (bs []box) {
	w, h, n := c.s.OutW, c.s.OutH, c.s.N
	if images := (pixels + w*h/2) / (w * h); images > 0 {
		pieces := (n + images - 1) / images
		for i := range pieces {
			bs = append(bs, box{axisX: {0, w}, axisY: {0, h}, axisN: evenSpan(n, i, pieces)})
		}
		return bs
	}
	bands := min(h, (w*h+pixels-1)/pixels)
	for i := range n * bands {
		bs = append(bs, box{axisX: {0, w}, axisY: evenSpan(h, i%bands, bands), axisN: {i / bands, i/bands + 1}})
	}
	return bs
}

// A roundedRoom is a box, what it is rounded into, and how its images lie there.
type roundedRoom struct {
	*scratch
	box
	image, shift int // pixels from an image to the next, and from a copy
}

// compute computes a box.
func (f *roundedBoxes) compute(b box) {
	r := roundedRoom{box: b, image: f.mx + (b[axisY].len()+2*f.my)*f.line}
	r.shift = b[axisN].len() * r.image
	r.scratch = borrowRounded(len(f.k), 0, len(f.copies)*r.shift*f.depth())
	for i := range b[axisN].len() {
		f.roundImage(&r, i)
	}
	first, u := (b[axisN].from*f.s.H+b[axisY].from)*f.s.W, f.unit(&r)
	for panel := range f.m.count() {
		l := f.layout(panel)
		u.eachRun(l.most(len(f.k)), func(run run) {
			for o := range f.k {
				r.rounded[o] = asm.SegmentBF16{X: r.operand, At: (f.place(&r, o) + run.x.first) * f.depth(), W: f.weights(f.packed, l.panel, o)}
			}
			t := l.tiling(&run)
			f.tileRounded(f.z[(first+run.z.first)*l.z+l.from:], f.bias[l.from:], r.rounded, &t)
		})
	}
	r.giveBack()
}

// unit returns the pixels of a box, from its own first on: image rows, or images each as one row.
func (f *roundedBoxes) unit(r *roundedRoom) unit {
	rows, w := r.box[axisY].len(), f.s.W
	u := unit{full: f.m.tile, longest: f.m.tile, rows: axisX, tiles: axisY, out: axisN}
	u.box = box{axisX: {0, w}, axisY: {0, rows}, axisN: {0, r.box[axisN].len()}}
	u.x.step, u.z.step = [3]int{1, f.line, r.image}, [3]int{1, w, f.s.H * w}
	if f.line == w {
		u.box[axisX], u.box[axisY], u.tiles, u.out = span{0, rows * w}, span{0, 1}, axisN, axisY
	}
	return u
}

// place returns the pixel of the operand that the first of a box sees at an orbit's tap.
func (f *roundedBoxes) place(r *roundedRoom, o int) int {
	y, x := f.k[o][0][0], f.k[o][0][1]
	if i := slices.Index(f.copies, x); i > 0 {
		return i*r.shift + f.mx + (f.my+y)*f.line
	}
	return f.mx + (f.my+y)*f.line + x
}

// roundImage rounds what taps see of an image of a box, and copies it to its shifts.
func (f *roundedBoxes) roundImage(r *roundedRoom, i int) {
	h, w, line, pixel := f.s.H, f.s.W, f.line, asm.SlotsBF16(f.depth())
	rows, image := r.box[axisY], r.box[axisN].from+i
	z := r.operand[i*r.image*pixel : (i+1)*r.image*pixel]
	on := span{max(0, rows.from-f.my), min(h, rows.to+f.my)}
	first := f.mx + (on.from-rows.from+f.my)*line
	lines := asm.Rounding{Lines: on.len(), Rows: w, Cols: f.s.Cin, XLine: w * f.s.Cin, XRow: f.s.Cin, Fill: f.depth(), ZLine: line * f.depth(), ZRow: f.depth()}
	if line == w {
		lines.Lines, lines.Rows = 1, on.len()*w
	}
	asm.RoundBF16(z, first*f.depth(), f.x[(image*h+on.from)*w*f.s.Cin:], &lines)
	f.clearAround(z, first, on.len())
	for c := 1; c < len(f.copies); c++ {
		shiftLines(r.operand[(c*r.shift+i*r.image+f.mx)*pixel:], z[f.mx*pixel:], line*pixel, f.copies[c]*pixel)
	}
}

// clearAround makes zeros of what is not on the image, of which some image rows are in z from a pixel on.
func (f *roundedBoxes) clearAround(z []float32, first, rows int) {
	pixel := asm.SlotsBF16(f.depth())
	clear(z[:first*pixel])
	for y := range rows {
		clear(z[(first+y*f.line+f.s.W)*pixel : (first+(y+1)*f.line)*pixel])
	}
	clear(z[(first+rows*f.line)*pixel:])
}

// shiftLines sets the lines of z to those of x, from number dx of each on, with zeros where there is nothing.
func shiftLines(z, x []float32, line, dx int) {
	n := max(0, line-max(dx, -dx))
	for at := 0; at < len(x); at += line {
		z, x := z[at:at+line], x[at:at+line]
		if dx > 0 {
			copy(z, x[line-n:])
			clear(z[n:])
			continue
		}
		clear(z[:line-n])
		copy(z[line-n:], x[:n])
	}
}

// round rounds n pixels, which are row numbers apart, into an operand from number at on.
func (c *Conv) round(operand []float32, at int, x []float32, row, n int) {
	depth := c.depth()
	asm.RoundBF16(operand, at, x, &asm.Rounding{Lines: 1, Rows: n, Cols: c.s.Cin, XRow: row, Fill: depth, ZRow: depth})
}

// tileRounded is tile of bf16.
func (f *forward) tileRounded(z, bias []float32, segments []asm.SegmentBF16, t *asm.Tiling) {
	asm.TileBF16(z, bias, segments, t)
	if f.relu {
		asm.Rectify(z, t)
	}
}

// roundedRows is the work of a 1×1 convolution. A piece is some rows, in some of the panels.
func (f forward) roundedRows() []Task {
	pixels, depth := f.s.pixels(), f.depth()
	most := max(f.m.tile, roundedLen/depth)
	ranges := max((pixels+most-1)/most, min(unitsWanted, (pixels+f.m.tile-1)/f.m.tile))
	sets := min(f.m.count(), (unitsWanted-1)/ranges+1)
	return []Task{{N: ranges * sets, Do: func(i, _ int) {
		f.roundedRange(evenSpan(pixels, i/sets, ranges), evenSpan(f.m.count(), i%sets, sets))
	}}}
}

// roundedRange computes some rows in some panels.
func (f *forward) roundedRange(rows, panels span) {
	depth := f.depth()
	s := borrowRounded(1, 0, rows.len()*depth)
	f.round(s.operand, 0, f.x[rows.from*f.s.Cin:], f.s.Cin, rows.len())
	for panel := panels.from; panel < panels.to; panel++ {
		l := f.layout(panel)
		l.each(rows, 1, func(r run) {
			s.rounded[0] = asm.SegmentBF16{X: s.operand, At: (r.x.first - rows.from) * depth, W: f.weights(f.packed, l.panel, 0)}
			t := l.tiling(&r)
			f.tileRounded(f.z[r.z.first*l.z+l.from:], f.bias[l.from:], s.rounded, &t)
		})
	}
	s.giveBack()
}

// roundedTied is the work of a convolution with shared weights: a piece makes the orbit sums of some image rows in float32, as that of
// float32 does, and rounds them.
func (f forward) roundedTied() []Task {
	t := &tied{f, f.orbitSums(span{0, f.s.Cin})}
	rows, pieces := t.cut(inSecondCache(chunkLen))
	return []Task{{N: pieces, Do: func(i, _ int) { t.roundedPiece(evenSpan(rows, i, pieces)) }}}
}

// roundedPiece computes some image rows.
func (f *tied) roundedPiece(rows span) {
	pixels, depth := span{rows.from * f.s.W, rows.to * f.s.W}, f.depth()
	s := borrowRounded(len(f.k), f.sums.room(rows.len()), len(f.k)*pixels.len()*depth)
	f.sums.sum(s.sums, f.x, rows.from, rows.len())
	for o := range f.k {
		sums, pixel := f.sums.of(o, f.x, s.sums, rows.from, rows.len())
		f.round(s.operand, o*pixels.len()*depth, sums, pixel, pixels.len())
	}
	for panel := range f.m.count() {
		l := f.layout(panel)
		l.each(pixels, len(f.k), func(r run) {
			for o := range f.k {
				at := (o*pixels.len() + r.x.first - pixels.from) * depth
				s.rounded[o] = asm.SegmentBF16{X: s.operand, At: at, W: f.weights(f.packed, l.panel, o)}
			}
			t := l.tiling(&r)
			f.tileRounded(f.z[r.z.first*l.z+l.from:], f.bias[l.from:], s.rounded, &t)
		})
	}
	s.giveBack()
}
