package tensor

import "spdiff/asm"

// imageWidth is up to how many columns images lie side by side in a weight gradient of bf16: with more, zeros between image rows cost little.
const imageWidth = 32

// An imageGrad is a weight gradient in bf16 of small images. A step takes one pixel of 32 images. So there is nothing between
// image rows, a tap leaves out what is off the image, and all that is read begins at whole steps. An image row of 32 images
// is rounded at a time; the image rows of x that taps see lie in a ring. Sums go on for a stretch of image rows at a time.
type imageGrad struct {
	*Conv
	gradParts
	x, dz []float32

	my   int     // how many image rows a tap goes astray
	row  int     // numbers from a channel's row to the next
	most int     // image rows of a stretch
	m    *Panels // dz of a stretch
}

// sideBySide reports whether steps are of 32 images, of a kernel whose weights are not shared: where filling up blocks of images takes no
// more places than images with some columns of zeros.
func (s *ConvShape) sideBySide(zeros int) bool {
	return s.W <= imageWidth && asm.PaddedBF16(s.N)*s.H*s.W <= s.N*asm.PaddedBF16(s.H*(s.W+zeros))
}

// imageWeightGrad is the weight gradient of bf16 by steps of 32 images.
func (c *Conv) imageWeightGrad(dw, x, dz []float32, my int) []Task {
	g := &imageGrad{Conv: c, gradParts: cutParts(dw, c.s.pixels(), partPixels), x: x, dz: dz, my: my}
	g.row = asm.StepBF16 * (c.s.W | 1) // an odd number of lines, so that channels do not share places of a cache
	g.most = min(c.s.H, max(1, asm.DepthBF16()/(asm.StepBF16*c.s.W)))
	g.m = NewPanels(asm.StepBF16*c.s.W*g.most, c.s.Cout, BF16)
	blocks := gradBlocks(c.s.Cin, g.m, g.n, roundedLeast, roundedLeast)
	return g.tasks(eachBlock(g.n, blocks, func(part, block int) { g.piece(part, blocks[block]) }))
}

// An imageRoom is what a piece works in.
type imageRoom struct {
	*scratch
	gradBlock
	block, done int // the 32 images whose rows are there, up to which row
}

// A stretch is some columns of an image row of 32 images, or all columns of several.
type stretch struct {
	block         int
	rows, columns span
}

// piece computes a block of weights over a part of the pixels, which are numbered through the blocks of 32 images.
func (g *imageGrad) piece(part int, b gradBlock) {
	dw := g.sums(part)
	b.zero(dw, len(g.k), g.s.Cin, g.s.Cout)
	r := imageRoom{borrowRounded(g.most, g.m.Len(), g.ring()*b.i.len()*g.row), b, -1, 0}
	pixels := evenSpan(asm.PaddedBF16(g.s.N)/asm.StepBF16*g.s.H*g.s.W, part, g.n)
	for at := pixels.from; at < pixels.to; {
		s := g.stretch(at, pixels.to)
		g.roundRows(&r, &s)
		g.packRows(&r, &s)
		g.multiply(dw, &r, &s)
		at += s.rows.len() * s.columns.len()
	}
	r.giveBack()
}

// stretch returns the one that begins with a pixel and ends before another.
func (g *imageGrad) stretch(at, end int) stretch {
	h, w := g.s.H, g.s.W
	x, y := at%w, at/w%h
	s := stretch{at / (h * w), span{y, y + 1}, span{x, min(w, x+end-at)}}
	if x == 0 {
		s.rows.to = y + max(1, min(g.most, h-y, (end-at)/w))
	}
	return s
}

// images is how many a block has.
func (g *imageGrad) images(block int) int { return min(asm.StepBF16, g.s.N-block*asm.StepBF16) }

// ring is how many image rows the taps of a stretch see.
func (g *imageGrad) ring() int { return 2*g.my + g.most }

// slot is where an image row of x lies in the ring.
func (g *imageGrad) slot(r *imageRoom, y int) int { return y % g.ring() * r.i.len() * g.row }

// roundRows rounds the image rows of x that the taps of a stretch see, and are not there.
func (g *imageGrad) roundRows(r *imageRoom, s *stretch) {
	c := &g.s
	if s.block != r.block {
		r.block, r.done = s.block, max(0, s.rows.from-g.my)
	}
	for ; r.done < min(c.H, s.rows.to+g.my); r.done++ {
		x := g.x[(s.block*asm.StepBF16*c.H+r.done)*c.W*c.Cin+r.i.from:]
		asm.TransposeBF16(r.operand, g.slot(r, r.done), x, &asm.Rounding{Lines: c.W, Rows: g.images(s.block), Cols: r.i.len(),
			XLine: c.Cin, XRow: c.H * c.W * c.Cin, Fill: asm.StepBF16, ZLine: asm.StepBF16, ZRow: g.row})
	}
}

// packRows packs dz of a stretch.
func (g *imageGrad) packRows(r *imageRoom, s *stretch) {
	c, pixels := &g.s, s.rows.len()*s.columns.len()
	dz := g.dz[((s.block*asm.StepBF16*c.H+s.rows.from)*c.W+s.columns.from)*c.Cout:]
	for j := r.panels.from; j < r.panels.to; j++ {
		p := g.m.panel(j)
		asm.PackBF16(g.panel(r, p, span{0, pixels}), dz[p.from:], &asm.Rounding{Lines: pixels, Rows: g.images(s.block), Cols: p.cols,
			XLine: c.Cout, XRow: c.H * c.W * c.Cout, Fill: asm.StepBF16, Width: p.width})
	}
}

// panel returns dz of some pixels of a stretch in a panel.
func (g *imageGrad) panel(r *imageRoom, p panel, pixels span) []float32 {
	return g.m.of(r.sums, p, asm.StepBF16*pixels.from, asm.StepBF16*pixels.to)
}

// multiply adds the products of a stretch to dw, some columns at a time, tile by tile of channels, tap by tap.
func (g *imageGrad) multiply(dw []float32, r *imageRoom, s *stretch) {
	most := asm.DepthBF16() / asm.StepBF16
	n := max(1, (s.columns.len()+most-1)/most)
	for j := r.panels.from; j < r.panels.to; j++ {
		l := layout{panel: g.m.panel(j), depth: asm.DepthBF16(), x: g.row, z: g.s.Cout, rows: g.m.tile, p: BF16}
		for i := range n {
			x := evenSpan(s.columns.len(), i, n)
			l.each(span{0, r.i.len()}, 1, func(t run) {
				for o := range g.k {
					g.tap(dw, r, &l, o, s, span{s.columns.from + x.from, s.columns.from + x.to}, &t)
				}
			})
		}
	}
}

// tap adds the products of the columns x that see the image at a tap.
func (g *imageGrad) tap(dw []float32, r *imageRoom, l *layout, o int, s *stretch, x span, t *run) {
	tap, w := g.k[o][0], s.columns.len()
	rows := span{max(s.rows.from, -tap[0]), min(s.rows.to, g.s.H-tap[0])}
	x = span{max(x.from, -tap[1]), min(x.to, g.s.W-tap[1])}
	if rows.len() <= 0 || x.len() <= 0 {
		return
	}
	segments := r.rounded[:rows.len()]
	for i := range segments {
		y := rows.from + i
		first := (y-s.rows.from)*w + x.from - s.columns.from
		segments[i] = asm.SegmentBF16{X: r.operand, At: g.slot(r, y+tap[0]) + t.x.first*g.row + asm.StepBF16*(x.from+tap[1]),
			W: g.panel(r, l.panel, span{first, first + x.len()})}
	}
	tiling := l.tiling(t)
	tiling.Depth = asm.StepBF16 * x.len()
	asm.TileBF16(dw[(o*g.s.Cin+r.i.from+t.z.first)*l.z+l.from:], nil, segments, &tiling)
}
