package tensor

import "spdiff/asm"

// imageWidth is up to how many columns images lie side by side in a weight gradient of bf16: with more, zeros between image rows cost little.
const imageWidth = 32

// An imageGrad is a weight gradient in bf16 of small images. A step takes one pixel of 32 images. So there is nothing between
// image rows, a tap leaves out what is off the image, and all that is read begins at whole steps. An image row of 32 images
// is rounded at a time; the image rows of x that taps see lie in a ring.
type imageGrad struct {
	*Conv
	gradParts
	x, dz []float32

	my  int     // how many image rows a tap goes astray
	row int     // numbers from a channel's row to the next
	m   *Panels // dz of an image row
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
	g.m = NewPanels(asm.StepBF16*c.s.W, c.s.Cout, BF16)
	blocks := gradBlocks(c.s.Cin, g.m, g.n, roundedLeast, roundedLeast)
	return g.tasks(eachBlock(g.n, blocks, func(part, block int) { g.piece(part, blocks[block]) }))
}

// An imageRoom is what a piece works in.
type imageRoom struct {
	*scratch
	gradBlock
	block, done int // the 32 images whose rows are there, up to which row
}

// An imageRow is some columns of an image row of 32 images.
type imageRow struct {
	block, y int
	columns  span
}

// piece computes a block of weights over a part of the pixels, which are numbered through the blocks of 32 images.
func (g *imageGrad) piece(part int, b gradBlock) {
	dw, h, w := g.sums(part), g.s.H, g.s.W
	b.zero(dw, len(g.k), g.s.Cin, g.s.Cout)
	r := imageRoom{borrowRounded(1, g.m.Len(), g.ring()*b.i.len()*g.row), b, -1, 0}
	pixels := evenSpan(asm.PaddedBF16(g.s.N)/asm.StepBF16*h*w, part, g.n)
	for at := pixels.from; at < pixels.to; {
		x := at % w
		row := imageRow{at / (h * w), at / w % h, span{x, min(w, x+pixels.to-at)}}
		g.roundRows(&r, row.block, row.y)
		g.packRow(&r, &row)
		g.multiply(dw, &r, &row)
		at += row.columns.len()
	}
	r.giveBack()
}

// images is how many a block has.
func (g *imageGrad) images(block int) int { return min(asm.StepBF16, g.s.N-block*asm.StepBF16) }

// ring is how many image rows the taps of one see.
func (g *imageGrad) ring() int { return 2*g.my + 1 }

// slot is where an image row of x lies in the ring.
func (g *imageGrad) slot(r *imageRoom, y int) int { return y % g.ring() * r.i.len() * g.row }

// roundRows rounds the image rows of x that the taps of row y see, and are not there.
func (g *imageGrad) roundRows(r *imageRoom, block, y int) {
	c := &g.s
	if block != r.block {
		r.block, r.done = block, max(0, y-g.my)
	}
	for ; r.done < min(c.H, y+g.my+1); r.done++ {
		x := g.x[(block*asm.StepBF16*c.H+r.done)*c.W*c.Cin+r.i.from:]
		asm.TransposeBF16(r.operand, g.slot(r, r.done), x, &asm.Rounding{Lines: c.W, Rows: g.images(block), Cols: r.i.len(),
			XLine: c.Cin, XRow: c.H * c.W * c.Cin, Fill: asm.StepBF16, ZLine: asm.StepBF16, ZRow: g.row})
	}
}

// packRow packs dz of an image row.
func (g *imageGrad) packRow(r *imageRoom, row *imageRow) {
	c, x := &g.s, row.columns
	dz := g.dz[((row.block*asm.StepBF16*c.H+row.y)*c.W+x.from)*c.Cout:]
	for j := r.panels.from; j < r.panels.to; j++ {
		p := g.m.panel(j)
		asm.PackBF16(g.panel(r, p, x), dz[p.from:], &asm.Rounding{Lines: x.len(), Rows: g.images(row.block), Cols: p.cols,
			XLine: c.Cout, XRow: c.H * c.W * c.Cout, Fill: asm.StepBF16, Width: p.width})
	}
}

// panel returns dz of some columns in a panel.
func (g *imageGrad) panel(r *imageRoom, p panel, x span) []float32 {
	return g.m.of(r.sums, p, asm.StepBF16*x.from, asm.StepBF16*x.to)
}

// multiply adds the products of an image row to dw, some columns at a time, tile by tile of channels, tap by tap.
func (g *imageGrad) multiply(dw []float32, r *imageRoom, row *imageRow) {
	const most = gradDepth / asm.StepBF16
	n := (row.columns.len() + most - 1) / most
	for j := r.panels.from; j < r.panels.to; j++ {
		l := layout{panel: g.m.panel(j), depth: gradDepth, x: g.row, z: g.s.Cout, rows: g.m.tile}
		for i := range n {
			x := evenSpan(row.columns.len(), i, n)
			x.from, x.to = x.from+row.columns.from, x.to+row.columns.from
			l.each(span{0, r.i.len()}, 1, func(t run) {
				for o := range g.k {
					g.tap(dw, r, &l, o, row.y, x, &t)
				}
			})
		}
	}
}

// tap adds the products of the columns that see the image at a tap.
func (g *imageGrad) tap(dw []float32, r *imageRoom, l *layout, o, y int, x span, t *run) {
	tap, s := g.k[o][0], &g.s
	if y += tap[0]; y < 0 || y >= s.H {
		return
	}
	if x = (span{max(x.from, -tap[1]), min(x.to, s.W-tap[1])}); x.len() <= 0 {
		return
	}
	r.rounded[0] = asm.SegmentBF16{X: r.operand, At: g.slot(r, y) + t.x.first*g.row + asm.StepBF16*(x.from+tap[1]), W: g.panel(r, l.panel, x)}
	tiling := l.tiling(t)
	tiling.Depth = asm.StepBF16 * x.len()
	asm.TileBF16(dw[(o*s.Cin+r.i.from+t.z.first)*l.z+l.from:], nil, r.rounded, &tiling)
}
