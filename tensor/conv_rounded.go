package tensor

import "spdiff/asm"

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

// A roundedBox is a piece of a convolution of bf16: image rows, numbered through all images, whole images or some rows of one; and
// the pixels that they see, which the piece rounds for itself.
type roundedBox struct {
	seen  span
	units []unit // of its regions, for all panels
}

// roundedTasks is the work of a convolution of bf16. A piece rounds what it reads, or the orbit sums of that, into operand form, and
// multiplies panel by panel, along the walk of float32: only what a pixel is has another length.
func (f forward) roundedTasks() []Task {
	switch {
	case f.k.tied():
		return f.roundedTied()
	case f.isRows():
		return f.roundedRows()
	}
	boxes := f.roundedBoxes()
	return []Task{{N: len(boxes), Do: func(i, _ int) { f.roundedBox(&boxes[i]) }}}
}

// roundedPixels is how many pixels a piece has, about: as many as leave enough pieces, and as stay in the second cache when rounded.
func (f *forward) roundedPixels() int {
	return max(1, min(roundedLen/f.depth(), f.s.pixels()/unitsWanted))
}

// roundedBoxes cuts the output into boxes.
func (f *forward) roundedBoxes() (all []roundedBox) {
	s := &f.s
	margin := 0
	for _, orbit := range f.k {
		margin = max(margin, orbit[0][0], -orbit[0][0])
	}
	regions := f.regions()
	for _, b := range f.evenBoxes(f.roundedPixels()) {
		first, last := b[axisN].from*s.H, b[axisN].to*s.H
		rows := span{max(first, first+b[axisY].from-margin), min(last, last-s.H+b[axisY].to+margin)}
		box := roundedBox{seen: span{rows.from * s.W, rows.to * s.W}}
		for _, r := range regions {
			if r.box.meet(&b); r.box.volume() > 0 {
				u := unit{region: r, full: f.m.tile}
				u.orient(4 * asm.SlotsBF16(f.depth()))
				box.units = append(box.units, u)
			}
		}
		all = append(all, box)
	}
	return all
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

// meet cuts b down to what it has in common with another.
func (b *box) meet(o *box) {
	for i := range b {
		b[i] = span{max(b[i].from, o[i].from), min(b[i].to, o[i].to)}
		b[i].to = max(b[i].from, b[i].to)
	}
}

// roundedBox computes a box.
func (f *forward) roundedBox(b *roundedBox) {
	depth := f.depth()
	s := borrowRounded(len(f.k), 0, b.seen.len()*depth)
	f.round(s.operand, 0, f.x[b.seen.from*f.s.Cin:], f.s.Cin, b.seen.len())
	for panel := range f.m.count() {
		l := f.layout(panel)
		for i := range b.units {
			u := &b.units[i]
			segments := s.rounded[:len(u.taps)]
			u.eachRun(l.most(len(u.taps)), func(r run) {
				for i, t := range u.taps {
					segments[i] = asm.SegmentBF16{X: s.operand, At: (r.x.first + t.at - b.seen.from) * depth, W: f.weights(f.packed, l.panel, t.orbit)}
				}
				t := l.tiling(&r)
				f.tileRounded(f.z[r.z.first*l.z+l.from:], f.bias[l.from:], segments, &t)
			})
		}
	}
	s.giveBack()
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
	rows, pieces := t.cut()
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
