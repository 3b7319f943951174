package tensor

import "spdiff/asm"

// How a weight gradient is cut. The pixels of a part are part of what it computes; the rest does not change a bit.
const (
	partPixels = 1536    // of a part, at least
	boxBytes   = 1 << 20 // of x and dz that a piece goes through before the next, which stay in the second cache
	sumsBytes  = 1 << 18 // of orbit sums at a time
	sumsPixels = 512
)

// A weightGrad is a weight gradient bound to its data.
type weightGrad struct {
	*Conv
	gradParts
	x, dz  []float32
	rows   []span       // the image rows of each part
	boxes  [][]box      // of each part
	blocks []gradBlock  // of weights
	units  [][]gradUnit // of each block
	orbits []*orbitSums // of each block, where weights are shared
}

// WeightGrad returns the work of the weight gradient dw, (len(k), Cin, Cout), of the input x and the gradient dz by the output:
//
//	dw[o,i,j] = Σ_p (tree over t in o of x[(Stride·p+t)/Up,i])·dz[p,j].
//
// The image rows of dz, or the pixels where (0, 0) is the only tap, are cut into parts as even as can be: 1, 2, 4, 8 or 16, as many
// as have 1536 pixels each and together no more than 2²¹ sums. The sum over a part is one chain of fused multiply-adds that
// begins with +0, images, rows and pixels p ascending, and dw the sum of the parts, ascending. A kernel without shared weights
// skips the pixels that see no pixel of the input.
//
// In bf16 a part is cut into runs of image rows, each of one image, as even as can be, of at most 1088 places each, or one row. A place is a
// pixel of dz, or one of the zeros that follow each image row, as many as the widest tap has columns to a side. The sum goes run by run,
// by steps of 32 places, of x as the tap sees it; what is off the image is zero. Of a kernel with shared weights the factor is the sum over
// the orbit, there are no such zeros, and runs are of as many image rows as 1088 places have, numbered through all images; of a 1×1
// kernel, of 1088 pixels. Fewer than 8 pixels are summed as in float32, and so are those of outputs of other sizes.
//
// But images of at most 32 columns are taken in blocks of 32, the last one filled up, if N rounded up to whole blocks, times an image's
// pixels, is at most N times its places rounded up to whole steps, and the kernel has untied weights and taps beyond (0, 0). Then
// a step in bf16 is one pixel of a block, and what sees no pixel of the input is skipped. The pixels, numbered through the blocks,
// are cut into as many parts, as even as can be; blocks, rows and pixels ascend.
func (c *Conv) WeightGrad(dw, x, dz []float32) []Task {
	c.s.check("dw", dw, len(c.k)*c.s.Cin*c.s.Cout)
	c.s.check("x", x, c.s.pixels()*c.s.Cin)
	c.s.check("dz", dz, c.s.outPixels()*c.s.Cout)
	if c.GradPrecision() == BF16 {
		return c.roundedWeightGrad(dw, x, dz)
	}
	if c.p == BF16 {
		s := c.s
		s.Precision = Float32
		c = NewConv(s, c.k)
	}
	if c.isRows() {
		c = NewConv(ConvShape{N: 1, H: c.s.pixels(), W: 1, Cin: c.s.Cin, Cout: c.s.Cout}, c.k)
	}
	g := &weightGrad{Conv: c, gradParts: cutParts(dw, c.s.outPixels(), partPixels), x: x, dz: dz}
	g.cut()
	return g.tasks(eachBlock(g.n, g.blocks, g.piece))
}

// cut chooses blocks and boxes.
func (g *weightGrad) cut() {
	for i := range g.n {
		g.rows = append(g.rows, evenSpan(g.s.N*g.s.OutH, i, g.n))
		g.boxes = append(g.boxes, g.Conv.boxes(g.rows[i], boxBytes/4/(g.s.Cin+g.s.Cout)))
	}
	g.blocks = gradBlocks(g.s.Cin, g.m, g.n, blockLeast, blockLeast)
	for _, b := range g.blocks {
		g.units = append(g.units, g.gradUnits(b))
		if g.k.tied() {
			g.orbits = append(g.orbits, g.orbitSums(b.i))
		}
	}
}

// boxes cuts image rows of the output, numbered through all images, into boxes of about that many pixels: of some
// images, or of some rows of one.
func (c *Conv) boxes(rows span, pixels int) []box {
	w, h := c.s.OutW, c.s.OutH
	most := max(1, pixels/w)
	var bs []box
	for at := rows.from; at < rows.to; {
		image, y := at/h, at%h
		b := box{axisX: {0, w}, axisY: {y, min(h, y+min(most, rows.to-at))}, axisN: {image, image + 1}}
		if y == 0 && b[axisY].to == h {
			b[axisN].to = image + max(1, min(most, rows.to-at)/h)
		}
		bs = append(bs, b)
		at += b[axisY].len() * b[axisN].len()
	}
	return bs
}

// piece computes a block's sums over a part.
func (g *weightGrad) piece(part, block int) {
	dw, units := g.sums(part), g.units[block]
	g.blocks[block].zero(dw, len(g.k), g.s.Cin, g.s.Cout)
	if g.orbits != nil {
		g.tied(dw, units, g.orbits[block], g.rows[part])
		return
	}
	for _, b := range g.boxes[part] {
		for u := range units {
			g.outerTap(dw, &units[u], b)
		}
	}
}

// A gradUnit is what one call of asm.Outer adds to: one orbit, as many channels i as a tile has rows, one panel of columns.
type gradUnit struct {
	orbit int
	rows  span
	panel int
}

// gradUnits returns the units of a block. Neighbours differ in the orbit, so that they read nearly the same.
func (c *Conv) gradUnits(b gradBlock) (all []gradUnit) {
	most, _, _ := asm.TileSize()
	n := (b.i.len() + most - 1) / most
	for p := b.panels.from; p < b.panels.to; p++ {
		for k := range n {
			rows := evenSpan(b.i.len(), k, n)
			for o := range c.k {
				all = append(all, gradUnit{o, span{b.i.from + rows.from, b.i.from + rows.to}, p})
			}
		}
	}
	return all
}

// outerTap adds the products over a box's pixels whose tap is inside to a unit.
func (g *weightGrad) outerTap(dw []float32, u *gradUnit, b box) {
	tap, s := g.k[u.orbit][0], &g.s
	xs, fromX := s.readers(axisX, b[axisX], tap[1])
	ys, fromY := s.readers(axisY, b[axisY], tap[0])
	if xs.len() < 1 || ys.len() < 1 {
		return
	}
	image := b[axisN].from
	g.outer(dw, u, g.x[((image*s.H+fromY)*s.W+fromX)*s.Cin+u.rows.from:], g.dz[((image*s.OutH+ys.from)*s.OutW+xs.from)*s.Cout:],
		asm.Sweep{Images: b[axisN].len(), Height: (ys.len()-1)/s.Up + 1, Width: (xs.len()-1)/s.Up + 1,
			X: asm.Pixels{Image: s.H * s.W * s.Cin, Row: s.Stride * s.W * s.Cin, Pixel: s.Stride * s.Cin},
			Y: asm.Pixels{Image: s.OutH * s.OutW * s.Cout, Row: s.Up * s.OutW * s.Cout, Pixel: s.Up * s.Cout}})
}

// readers returns which of some places on an axis of the output see the input at a tap, every Up-th of them, and what the first of
// them sees.
func (s *ConvShape) readers(axis int, places span, tap int) (of span, at int) {
	in, _ := s.sides(axis)
	first := max(places.from, ceilDiv(-tap, s.Stride))
	if r := (first + tap) % s.Up; r != 0 { // Stride is 1
		first += s.Up - r
	}
	last := floorDiv((in-1)*s.Up-tap, s.Stride)
	return span{first, min(places.to, last+1)}, (s.Stride*first + tap) / s.Up
}

// floorDiv and ceilDiv return n/d, rounded down and up.
func floorDiv(n, d int) int {
	if n < 0 {
		return -((d - 1 - n) / d)
	}
	return n / d
}

func ceilDiv(n, d int) int { return -floorDiv(-n, d) }

// outer adds the products of a sweep's pixels to a unit; x begins with the unit's channels of the first pixel. Image rows that
// follow each other are one.
func (g *weightGrad) outer(dw []float32, u *gradUnit, x, dz []float32, w asm.Sweep) {
	p := g.m.panel(u.panel)
	w.Rows, w.Cols, w.Stride = u.rows.len(), p.cols, g.s.Cout
	if w.X.Row == w.Width*w.X.Pixel && w.Y.Row == w.Width*w.Y.Pixel {
		w.Height, w.Width = 1, w.Height*w.Width
	}
	asm.Outer(dw[(u.orbit*g.s.Cin+u.rows.from)*g.s.Cout+p.from:], x, dz[p.from:], &w)
}

// tied adds the products over some image rows to the units of a block whose orbit sums p makes, some rows at a time. Rows of all
// images are numbered through.
func (g *weightGrad) tied(dw []float32, units []gradUnit, p *orbitSums, rows span) {
	n := max(1, min(sumsPixels, sumsBytes/4/(p.count*p.i.len()))/g.s.W)
	s := borrow(0, p.room(n))
	for from := rows.from; from < rows.to; from += n {
		n := min(n, rows.to-from)
		p.sum(s.sums, g.x, from, n)
		for i := range units {
			u := &units[i]
			x, pixel := p.of(u.orbit, g.x, s.sums, from, n)
			g.outer(dw, u, x[u.rows.from-p.i.from:], g.dz[from*g.s.W*g.s.Cout:], asm.Sweep{Images: 1, Height: 1, Width: n * g.s.W,
				X: asm.Pixels{Pixel: pixel}, Y: asm.Pixels{Pixel: g.s.Cout}})
		}
	}
	s.giveBack()
}
