package tensor

import "spdiff/asm"

// runPixels is how many pixels a run of a weight gradient of bf16 has, about. Runs are part of what it computes, see WeightGrad.
const runPixels = 1088

// A roundedGrad is a weight gradient in bf16, bound to its data. TileBF16 takes the channels of x as rows of pixels, and the numbers of dz
// as weights. An image lies line by line, with as many zeros between lines as a tap may reach, so that a tap is a shift along the row.
// Where no tap moves, as with sums over orbits, pixels follow each other.
type roundedGrad struct {
	*Conv
	gradParts
	x, dz  []float32
	strips [][]gradStrip // of each part
	blocks []gradBlock   // of weights
	orbits []*orbitSums  // of each block, where weights are shared

	my, mx int     // how far a tap goes
	line   int     // of an image: W and the zeros
	run    int     // pixels of the longest run, filled up
	most   int     // runs of a strip
	m      *Panels // of dz in a run
}

// A gradStrip is runs of the same image rows of some images, what a piece rounds at a time.
type gradStrip struct {
	image, count int
	rows         span
}

// roundedWeightGrad is WeightGrad of bf16.
func (c *Conv) roundedWeightGrad(dw, x, dz []float32) []Task {
	if c.isRows() {
		s := c.s
		s.N, s.H, s.W, s.OutH, s.OutW = 1, s.pixels(), 1, 0, 0
		c = NewConv(s, c.k)
	}
	g := &roundedGrad{Conv: c, x: x, dz: dz, line: c.s.W}
	if !c.k.tied() {
		for _, orbit := range c.k {
			g.my, g.mx = max(g.my, orbit[0][0], -orbit[0][0]), max(g.mx, orbit[0][1], -orbit[0][1])
		}
		g.line += g.mx
	}
	if !g.still() && c.s.sideBySide(g.mx) {
		return c.imageWeightGrad(dw, x, dz, g.my)
	}
	g.gradParts = cutParts(dw, c.s.pixels(), partPixels)
	g.cut()
	return g.tasks(eachBlock(g.n, g.blocks, g.piece))
}

// still reports whether no tap moves.
func (g *roundedGrad) still() bool { return g.my == 0 && g.mx == 0 }

// cut chooses strips and blocks.
func (g *roundedGrad) cut() {
	for i := range g.n {
		strips := g.cutPart(evenSpan(g.s.N*g.s.H, i, g.n))
		for _, s := range strips {
			g.run, g.most = max(g.run, asm.PaddedBF16(s.rows.len()*g.line)), max(g.most, s.count)
		}
		g.strips = append(g.strips, strips)
	}
	g.m = NewPanels(g.run, g.s.Cout, BF16)
	g.blocks = gradBlocks(g.s.Cin, g.m, g.n, roundedLeast, roundedLeast)
	for _, b := range g.blocks {
		if g.k.tied() {
			g.orbits = append(g.orbits, g.orbitSums(b.i))
		}
	}
}

// cutPart cuts image rows, numbered through all images, into strips.
func (g *roundedGrad) cutPart(rows span) (all []gradStrip) {
	h, per := g.s.H, max(1, runPixels/g.line)
	if g.still() {
		for at := rows.from; at < rows.to; at += per {
			all = appendPieces(all, span{at, min(at+per, rows.to)}, g.line)
		}
		return all
	}
	for at := rows.from; at < rows.to; {
		image, y := at/h, at%h
		n := min(h-y, rows.to-at)
		runs := (n + per - 1) / per
		for i := range runs {
			r := evenSpan(n, i, runs)
			all = appendRun(all, gradStrip{image, 1, span{y + r.from, y + r.to}}, runPixels/(n*g.line))
		}
		at += n
	}
	return all
}

// appendPieces appends a run where no tap moves, in pieces of whole steps, so that sums, what is rounded of them and dz stay in the
// second cache.
func appendPieces(all []gradStrip, run span, line int) []gradStrip {
	rows := 1 // of whole steps
	for rows*line%asm.StepBF16 > 0 {
		rows *= 2
	}
	rows *= max(1, asm.DepthBF16()/(rows*line))
	for at := run.from; at < run.to; at += rows {
		all = append(all, gradStrip{0, 1, span{at, min(at+rows, run.to)}})
	}
	return all
}

// appendRun appends a run, to the last strip if it has fewer than most and the same rows of the images before.
func appendRun(all []gradStrip, r gradStrip, most int) []gradStrip {
	if n := len(all); n > 0 {
		if last := &all[n-1]; last.rows == r.rows && last.image+last.count == r.image && last.count < most {
			last.count++
			return all
		}
	}
	return append(all, r)
}

// A gradRoom is what a piece works in.
type gradRoom struct {
	*scratch
	gradBlock
	pitch    int // numbers of a run in a row of x, all that a tap reads and nothing of the next run
	row      int // numbers of a row
	sums, dz []float32
}

// piece computes a block's sums over a part.
func (g *roundedGrad) piece(part, block int) {
	dw := g.sums(part)
	g.blocks[block].zero(dw, len(g.k), g.s.Cin, g.s.Cout)
	r := g.room(block)
	for k := range g.strips[part] {
		s := &g.strips[part][k]
		if g.k.tied() {
			g.roundSums(&r, g.orbits[block], s)
		} else {
			again := k > 0 && s.rows == g.strips[part][k-1].rows && s.count <= g.strips[part][k-1].count
			g.roundImages(&r, s, again)
		}
		g.packGradient(&r, s)
		g.multiply(dw, &r, s)
	}
	r.giveBack()
}

// room returns what a piece of a block works in.
func (g *roundedGrad) room(block int) (r gradRoom) {
	r.gradBlock, r.pitch = g.blocks[block], g.run+2*g.margin()
	r.row = (g.most*r.pitch + 1) &^ 1
	rows, sums := r.i.len(), 0
	if g.k.tied() {
		rows *= len(g.k)
		sums = g.orbits[block].room(g.run/g.s.W + 1)
	}
	r.scratch = borrowRounded(g.most, sums+g.most*g.m.Len(), rows*r.row)
	r.sums, r.dz = r.scratch.sums[:sums], r.scratch.sums[sums:]
	return r
}

// margin is how far from a pixel's place in a row a tap reads.
func (g *roundedGrad) margin() int { return g.my*g.line + g.mx }

// roundImages rounds the lines that the taps of a strip see. Zeros between lines are there again if the strip before was alike.
func (g *roundedGrad) roundImages(r *gradRoom, s *gradStrip, again bool) {
	if !again && !g.still() {
		clear(r.operand)
	}
	c := &g.s
	seen := s.rows
	if !g.still() { // whose rows are numbered through all images
		seen = span{max(0, s.rows.from-g.my), min(c.H, s.rows.to+g.my)}
	}
	lines := asm.Rounding{Lines: seen.len(), Rows: c.W, Cols: r.i.len(), XLine: c.W * c.Cin, XRow: c.Cin, Fill: g.line, ZLine: g.line, ZRow: r.row}
	if g.still() {
		lines.Lines, lines.Rows, lines.Fill = 1, seen.len()*c.W, asm.PaddedBF16(seen.len()*c.W)
	}
	for i := range s.count {
		at := i*r.pitch + g.margin() + (seen.from-s.rows.from)*g.line
		asm.TransposeBF16(r.operand, at, g.x[((s.image+i)*c.H+seen.from)*c.W*c.Cin+r.i.from:], &lines)
	}
}

// roundSums makes the orbit sums of a strip, and rounds them: the rows of an orbit follow those of the one before.
func (g *roundedGrad) roundSums(r *gradRoom, p *orbitSums, s *gradStrip) {
	n := s.rows.len()
	p.sum(r.sums, g.x, s.rows.from, n)
	for o := range g.k {
		sums, pixel := p.of(o, g.x, r.sums, s.rows.from, n)
		asm.TransposeBF16(r.operand, o*r.i.len()*r.row, sums, &asm.Rounding{Lines: 1, Rows: n * g.s.W, Cols: r.i.len(), XRow: pixel,
			Fill: asm.PaddedBF16(n * g.s.W), ZRow: r.row})
	}
}

// packGradient packs dz of a strip, run by run.
func (g *roundedGrad) packGradient(r *gradRoom, s *gradStrip) {
	c := &g.s
	lines := asm.Rounding{Lines: s.rows.len(), Rows: c.W, XLine: c.W * c.Cout, XRow: c.Cout, Fill: g.line}
	if g.line == c.W {
		lines.Lines, lines.Rows, lines.Fill = 1, s.rows.len()*c.W, asm.PaddedBF16(s.rows.len()*c.W)
	}
	for i := range s.count {
		dz := g.dz[((s.image+i)*c.H+s.rows.from)*c.W*c.Cout:]
		for j := r.panels.from; j < r.panels.to; j++ {
			p := g.m.panel(j)
			lines.Cols, lines.Width = p.cols, p.width
			asm.PackBF16(g.m.of(r.dz[i*g.m.Len():], p, 0, g.run), dz[p.from:], &lines)
		}
	}
}

// multiply adds the products of a strip to dw, some pixels at a time.
func (g *roundedGrad) multiply(dw []float32, r *gradRoom, s *gradStrip) {
	pixels := s.rows.len() * g.line
	depth := asm.DepthBF16()
	runs := max(1, depth/asm.PaddedBF16(pixels))
	for panel := r.panels.from; panel < r.panels.to; panel++ {
		for run := 0; run < s.count; run += runs {
			for k := 0; k < pixels; k += depth {
				g.block(dw, r, panel, span{run, min(run+runs, s.count)}, span{k, min(k+depth, pixels)})
			}
		}
	}
}

// block adds the products of some pixels k of some runs by a panel to dw, tile by tile of channels, tap by tap. The last step is filled
// up: x goes on there and dz is zero. Where x is not finite, their product is NaN, on every machine.
func (g *roundedGrad) block(dw []float32, r *gradRoom, panel int, runs, k span) {
	l := layout{g.m.panel(panel), asm.PaddedBF16(k.len()), r.row, g.s.Cout, g.m.tile, BF16}
	segments := r.rounded[:runs.len()]
	l.each(span{0, r.i.len()}, len(segments), func(t run) {
		for o := range g.k {
			for i := range segments {
				run := runs.from + i
				segments[i] = asm.SegmentBF16{X: r.operand, At: t.x.first*r.row + run*r.pitch + k.from + g.place(r, o),
					W: g.m.of(r.dz[run*g.m.Len():], l.panel, k.from, g.run)}
			}
			tiling := l.tiling(&t)
			asm.TileBF16(dw[(o*g.s.Cin+r.i.from+t.z.first)*l.z+l.from:], nil, segments, &tiling)
		}
	})
}

// place returns where a run's pixels begin in a row as orbit o sees them.
func (g *roundedGrad) place(r *gradRoom, o int) int {
	if g.k.tied() {
		return o * r.i.len() * r.row
	}
	t := g.k[o][0]
	return g.margin() + t[0]*g.line + t[1]
}
