package tensor

import "spdiff/asm"

// How a weight gradient is cut. The pixels of a part are part of what it computes; the rest does not change a bit.
const (
	partPixels = 1536    // of a part, at least
	gradPieces = 16      // at least, if there are channels enough
	groupLeast = 64      // channels of a piece; with 32, tied kernels of 64 channels took 2 % longer
	boxBytes   = 1 << 20 // of x and dz that a piece goes through before the next, which stay in the second cache
	sumsBytes  = 1 << 18 // of orbit sums at a time
	sumsPixels = 512
)

// A weightGrad is a weight gradient bound to its data. A piece of its work is a part of the pixels and a group of the channels i.
type weightGrad struct {
	*Conv
	gradParts
	x, dz  []float32
	rows   []span       // the image rows of each part
	boxes  [][]box      // of each part
	groups []span       // of channels i
	units  [][]gradUnit // of each group
	planes []*planes    // of each group, where weights are shared
}

// WeightGrad returns the work of the weight gradient dw, (len(k), Cin, Cout), of the input x and the gradient dz by the output:
//
//	dw[o,i,j] = Σ_p (tree over t in o of x[p+t,i])·dz[p,j].
//
// The image rows, or the pixels where (0, 0) is the only tap, are cut into parts as even as can be: 1, 2, 4, 8 or 16, as many
// as have 1536 pixels each and together no more than 2²¹ sums. The sum over a part is one chain of fused multiply-adds that
// begins with +0, images, rows and pixels p ascending, and dw the sum of the parts, ascending. A kernel without shared weights
// skips the pixels whose p+t is off the image.
func (c *Conv) WeightGrad(dw, x, dz []float32) []Task {
	c.check("dw", dw, len(c.k)*c.s.Cin*c.s.Cout)
	c.check("x", x, c.s.pixels()*c.s.Cin)
	c.check("dz", dz, c.s.pixels()*c.s.Cout)
	if c.isRows() {
		c = NewConv(ConvShape{N: 1, H: c.s.pixels(), W: 1, Cin: c.s.Cin, Cout: c.s.Cout}, c.k)
	}
	g := &weightGrad{Conv: c, gradParts: cutParts(dw, c.s.pixels(), partPixels), x: x, dz: dz}
	g.cut()
	return g.tasks(Task{N: g.n * len(g.groups), Do: func(i, _ int) { g.piece(i/len(g.groups), i%len(g.groups)) }})
}

// cut chooses groups and boxes.
func (g *weightGrad) cut() {
	for i := range g.n {
		g.rows = append(g.rows, part(g.s.N*g.s.H, i, g.n))
		g.boxes = append(g.boxes, g.Conv.boxes(g.rows[i], boxBytes/4/(g.s.Cin+g.s.Cout)))
	}
	groups := min((g.s.Cin+groupLeast-1)/groupLeast, (gradPieces+g.n-1)/g.n)
	for i := range groups {
		s := part((g.s.Cin+lineLen-1)/lineLen, i, groups)
		g.groups = append(g.groups, span{s.from * lineLen, min(s.to*lineLen, g.s.Cin)})
		g.units = append(g.units, g.gradUnits(g.groups[i]))
		if g.k.tied() {
			g.planes = append(g.planes, newPlanes(g.s, g.k, g.groups[i]))
		}
	}
}

// lineLen is how many numbers a line of the cache has: the least that pieces share no line of x.
const lineLen = 16

// boxes cuts image rows, numbered through all images, into boxes of about so many pixels: of some images, or some rows of one.
func (c *Conv) boxes(rows span, pixels int) []box {
	most := max(1, pixels/c.s.W)
	var bs []box
	for at := rows.from; at < rows.to; {
		image, y := at/c.s.H, at%c.s.H
		b := box{axisX: {0, c.s.W}, axisY: {y, min(c.s.H, y+min(most, rows.to-at))}, axisN: {image, image + 1}}
		if y == 0 && b[axisY].to == c.s.H {
			b[axisN].to = image + max(1, min(most, rows.to-at)/c.s.H)
		}
		bs = append(bs, b)
		at += b[axisY].len() * b[axisN].len()
	}
	return bs
}

// piece computes a group's sums over a part.
func (g *weightGrad) piece(part, group int) {
	dw, i := g.sums(part), g.groups[group]
	for o := range g.k {
		clear(dw[(o*g.s.Cin+i.from)*g.s.Cout : (o*g.s.Cin+i.to)*g.s.Cout])
	}
	if g.planes != nil {
		g.tied(dw, g.units[group], g.planes[group], g.rows[part])
		return
	}
	for _, b := range g.boxes[part] {
		for u := range g.units[group] {
			g.outerTap(dw, &g.units[group][u], b)
		}
	}
}

// A gradUnit is what one call of asm.Outer adds to: one orbit, as many channels i as a tile has rows, one panel of columns.
type gradUnit struct {
	orbit int
	rows  span
	panel int
}

// gradUnits returns the units of channels i. Neighbours differ in the orbit, so that they read nearly the same.
func (c *Conv) gradUnits(i span) []gradUnit {
	most, _, _ := asm.TileSize()
	blocks := (i.len() + most - 1) / most
	var us []gradUnit
	for p := range c.count() {
		for b := range blocks {
			rows := part(i.len(), b, blocks)
			for o := range c.k {
				us = append(us, gradUnit{o, span{i.from + rows.from, i.from + rows.to}, p})
			}
		}
	}
	return us
}

// outerTap adds the products over a box's pixels whose tap is inside to a unit.
func (g *weightGrad) outerTap(dw []float32, u *gradUnit, b box) {
	tap := g.k[u.orbit][0]
	b[axisX] = shrink(b[axisX], tap[1], g.s.W)
	b[axisY] = shrink(b[axisY], tap[0], g.s.H)
	if b[axisX].len() > 0 && b[axisY].len() > 0 {
		p := b.first(&g.s)
		x := asm.Pixels{Image: g.s.H * g.s.W * g.s.Cin, Row: g.s.W * g.s.Cin, Pixel: g.s.Cin}
		g.outer(dw, u, g.x[(p+tap[0]*g.s.W+tap[1])*g.s.Cin+u.rows.from:], x, &b)
	}
}

// shrink returns the part of s whose places moved by tap are inside 0…size−1.
func shrink(s span, tap, size int) span {
	return span{max(s.from, -tap), min(s.to, size-tap)}
}

// outer adds the products of a box of pixels to a unit; x begins with the unit's channels of the first pixel. Image rows that
// follow each other are one.
func (g *weightGrad) outer(dw []float32, u *gradUnit, x []float32, at asm.Pixels, b *box) {
	from, cols, _ := g.panel(u.panel)
	w := asm.Sweep{Rows: u.rows.len(), Cols: cols, Stride: g.s.Cout,
		Images: b[axisN].len(), Height: b[axisY].len(), Width: b[axisX].len(),
		X: at, Y: asm.Pixels{Image: g.s.H * g.s.W * g.s.Cout, Row: g.s.W * g.s.Cout, Pixel: g.s.Cout}}
	if w.Width == g.s.W {
		w.Height, w.Width = 1, w.Height*w.Width
	}
	asm.Outer(dw[(u.orbit*g.s.Cin+u.rows.from)*g.s.Cout+from:], x, g.dz[b.first(&g.s)*g.s.Cout+from:], &w)
}

// tied adds the products over some image rows to the units of a group whose orbit sums p makes, some rows at a time.
func (g *weightGrad) tied(dw []float32, units []gradUnit, p *planes, rows span) {
	n := max(1, min(sumsPixels, sumsBytes/4/(p.count*p.i.len()))/g.s.W)
	s := borrow(0, p.room(n))
	for from := rows.from; from < rows.to; from += n {
		n := min(n, rows.to-from)
		p.sum(s.sums, g.x, from, n)
		b := box{axisX: {0, g.s.W}, axisY: {from, from + n}, axisN: {0, 1}} // rows of all images are numbered through
		for i := range units {
			u := &units[i]
			x, pixel := p.plane(u.orbit, g.x, s.sums, from, n)
			g.outer(dw, u, x[u.rows.from-p.i.from:], asm.Pixels{Pixel: pixel}, &b)
		}
	}
	s.giveBack()
}
