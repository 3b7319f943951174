package tensor

import "spdiff/asm"

// blockLen is how many numbers of x and of dz together one block of pixels has about, over which a piece of the weight
// gradient goes tap by tap: they stay in the second cache.
const blockLen = 1 << 16

// A gradUnit is one piece of a weight gradient: some orbits, rows i of Cin, and a panel of columns.
type gradUnit struct {
	orbits span
	rows   span
	panel  int
}

// gradUnits cuts the weights into pieces: orbits are kept together, for the sake of the cache, where there are enough others.
func (c *Conv) gradUnits() []gradUnit {
	most, _, _ := asm.TileSize()
	blocks := (c.s.Cin + most - 1) / most
	per := 1
	for per < len(c.k) && blocks*c.count()*((len(c.k)+per)/(per+1)) >= unitsWanted/2 {
		per++
	}
	var us []gradUnit
	for o := 0; o < len(c.k); o += per {
		for b := range blocks {
			for p := range c.count() {
				us = append(us, gradUnit{span{o, min(o+per, len(c.k))},
					span{c.s.Cin * b / blocks, c.s.Cin * (b + 1) / blocks}, p})
			}
		}
	}
	return us
}

// weightGradDense is the work of the weight gradient of single taps. A piece walks all pixels, block by block.
func (c *Conv) weightGradDense(dw, x, dz []float32) []Task {
	units := c.gradUnits()
	blocks := c.blocks()
	return []Task{{N: len(units), Do: func(i, _ int) {
		c.clearUnit(dw, &units[i])
		for b := range blocks {
			for o := units[i].orbits.from; o < units[i].orbits.to; o++ {
				c.outerTap(dw, x, dz, &units[i], o, blocks[b])
			}
		}
	}}}
}

// blocks cuts the pixels in the order of the chains: some images, or some rows of an image.
func (c *Conv) blocks() []box {
	most, wide, _ := asm.TileSize()
	pixels := max(1, blockLen/(most+wide))
	rows := max(1, pixels/c.s.W)
	images := max(1, rows/c.s.H)
	rows = min(rows, c.s.H)
	var bs []box
	for n := 0; n < c.s.N; n += images {
		for y := 0; y < c.s.H; y += rows {
			bs = append(bs, box{{0, c.s.W}, {y, min(y+rows, c.s.H)}, {n, min(n+images, c.s.N)}})
		}
	}
	return bs
}

func (c *Conv) clearUnit(dw []float32, u *gradUnit) {
	from, cols, _ := c.panel(u.panel)
	for o := u.orbits.from; o < u.orbits.to; o++ {
		for i := u.rows.from; i < u.rows.to; i++ {
			at := (o*c.s.Cin+i)*c.s.Cout + from
			clear(dw[at : at+cols])
		}
	}
}

// outerTap adds the products over a block's pixels whose tap is inside to a piece of one tap's weights.
func (c *Conv) outerTap(dw, x, dz []float32, u *gradUnit, o int, b box) {
	tap := c.k[o][0]
	b[axisX] = shrink(b[axisX], tap[1], c.s.W)
	b[axisY] = shrink(b[axisY], tap[0], c.s.H)
	if b[axisX].len() <= 0 || b[axisY].len() <= 0 {
		return
	}
	p := b.first(&c.s)
	c.outer(dw, x[(p+tap[0]*c.s.W+tap[1])*c.s.Cin:], dz[p*c.s.Cout:], u, o, &b)
}

// shrink returns the part of s whose places moved by tap are inside 0…size−1.
func shrink(s span, tap, size int) span {
	return span{max(s.from, -tap), min(s.to, size-tap)}
}

// outer adds the products of a box of pixels, x and dz beginning with its first.
func (c *Conv) outer(dw, x, dz []float32, u *gradUnit, o int, b *box) {
	from, cols, _ := c.panel(u.panel)
	asm.Outer(dw[(o*c.s.Cin+u.rows.from)*c.s.Cout+from:], x[u.rows.from:], dz[from:], &asm.Sweep{
		Rows: u.rows.len(), Cols: cols, Stride: c.s.Cout,
		Images: b[axisN].len(), Height: b[axisY].len(), Width: b[axisX].len(),
		X: c.s.strides(c.s.Cin), Y: c.s.strides(c.s.Cout)})
}

// strides are the distances of images, rows and pixels of ch channels.
func (s *ConvShape) strides(ch int) asm.Pixels {
	return asm.Pixels{Image: s.H * s.W * ch, Row: s.W * ch, Pixel: ch}
}
