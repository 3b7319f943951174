package tensor

import "spdiff/asm"

// blockBytes is how much of x and dz the weight gradient goes through before the next: so much stays in the
// second cache while every piece of the weights takes its sums over it. Without blocks, or with blocks several times as
// large, the products wait for memory, at two thirds of the speed.
const blockBytes = 1 << 20

// A gradUnit is the smallest piece of a weight gradient: one orbit, as many channels i as a tile has rows, one panel of
// columns.
type gradUnit struct {
	orbit int
	rows  span
	panel int
}

// gradUnits cuts the weights. Neighbours in the list differ in the orbit, so that they read nearly the same.
func (c *Conv) gradUnits() []gradUnit {
	most, _, _ := asm.TileSize()
	blocks := (c.s.Cin + most - 1) / most
	var us []gradUnit
	for p := range c.count() {
		for b := range blocks {
			for o := range c.k {
				us = append(us, gradUnit{o, span{c.s.Cin * b / blocks, c.s.Cin * (b + 1) / blocks}, p})
			}
		}
	}
	return us
}

// perPiece is how many units make a piece of work over so many pixels: a quarter of a million multiply-adds, two microseconds,
// or more.
func perPiece(units []gradUnit, pixels int) int {
	return max(1, 1<<13/(pixels*units[0].rows.len()))
}

// blockPixels is the number of pixels of a block, each with so many numbers.
func blockPixels(numbers int) int { return max(1, blockBytes/4/numbers) }

// weightGradDense is the work of the weight gradient of single taps: block after block of pixels, in the order of the
// chains, and in each all pieces of the weights.
func (c *Conv) weightGradDense(dw, x, dz []float32) []Task {
	units := c.gradUnits()
	var tasks []Task
	for b, block := range c.blocks(blockPixels(c.s.Cin + c.s.Cout)) {
		per := perPiece(units, block.volume())
		tasks = append(tasks, Task{N: (len(units) + per - 1) / per, Do: func(i, _ int) {
			for u := i * per; u < min((i+1)*per, len(units)); u++ {
				if b == 0 {
					c.clearUnit(dw, &units[u])
				}
				c.outerTap(dw, x, dz, &units[u], block)
			}
		}})
	}
	return tasks
}

// blocks cuts all pixels in their order into some images each, or some rows of an image.
func (c *Conv) blocks(pixels int) []box {
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

// clearUnit sets a unit's weights to +0, the beginning of their chains.
func (c *Conv) clearUnit(dw []float32, u *gradUnit) {
	from, cols, _ := c.panel(u.panel)
	for i := u.rows.from; i < u.rows.to; i++ {
		at := (u.orbit*c.s.Cin+i)*c.s.Cout + from
		clear(dw[at : at+cols])
	}
}

// outerTap adds the products over a block's pixels whose tap is inside to a unit's weights.
func (c *Conv) outerTap(dw, x, dz []float32, u *gradUnit, b box) {
	tap := c.k[u.orbit][0]
	b[axisX] = shrink(b[axisX], tap[1], c.s.W)
	b[axisY] = shrink(b[axisY], tap[0], c.s.H)
	if b[axisX].len() > 0 && b[axisY].len() > 0 {
		p := b.first(&c.s)
		c.outer(dw, x[(p+tap[0]*c.s.W+tap[1])*c.s.Cin:], dz[p*c.s.Cout:], u, &b)
	}
}

// shrink returns the part of s whose places moved by tap are inside 0…size−1.
func shrink(s span, tap, size int) span {
	return span{max(s.from, -tap), min(s.to, size-tap)}
}

// outer adds the products of a box of pixels, x and dz beginning with its first.
func (c *Conv) outer(dw, x, dz []float32, u *gradUnit, b *box) {
	from, cols, _ := c.panel(u.panel)
	asm.Outer(dw[(u.orbit*c.s.Cin+u.rows.from)*c.s.Cout+from:], x[u.rows.from:], dz[from:], &asm.Sweep{
		Rows: u.rows.len(), Cols: cols, Stride: c.s.Cout,
		Images: b[axisN].len(), Height: b[axisY].len(), Width: b[axisX].len(),
		X: c.s.strides(c.s.Cin), Y: c.s.strides(c.s.Cout)})
}

// strides are the distances of images, rows and pixels of ch channels.
func (s *ConvShape) strides(ch int) asm.Pixels {
	return asm.Pixels{Image: s.H * s.W * ch, Row: s.W * ch, Pixel: ch}
}
