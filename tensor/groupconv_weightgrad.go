package tensor

import "spdiff/asm"

// A groupGrad is the weight gradient of a group convolution, bound to its data. With dA = dz[p,(g,j)] + dz[p,(ng,j)] and
// dB = dz[p,(g,j)] − dz[p,(ng,j)] it computes
//
//	dα[t,(k,i),(g,j)] = Σ_p S_t[p,(k,i)]·dA[p,(g,j)]        dβ = Σ_p D_t[p,(k,i)]·dB[p,(g,j)]
//	dw[t,(k,i),(g,j)] = ½(dα + dβ),   dw[t,(k,i),(ng,j)] = ½(dα − dβ)
//
// block of pixels after block, first in dw itself: in each row dα stands where the first half will, dβ where the second.
type groupGrad struct {
	*GroupConv
	folding
	outer     *Conv // whose units cut dα, and dβ
	dw, x, dz []float32
	sums      [2][]float32 // S and D of a block
	dab       [2][]float32 // dA and dB
}

// WeightGrad returns the work of the weight gradient dw, (len(taps), Cin/2, Cout), of the input x and the gradient dz by the
// output: sums over pixels are chains of fused multiply-adds that begin with +0, images, rows and pixels ascending.
func (c *GroupConv) WeightGrad(dw, x, dz []float32) []Task {
	c.check("dw", dw, c.weightLen())
	c.check("x", x, c.s.pixels()*c.s.Cin)
	c.check("dz", dz, c.s.pixels()*c.s.Cout)
	s := c.s
	s.Cin, s.Cout = s.Cin/2, s.Cout/2
	g := &groupGrad{GroupConv: c, folding: newFolding(c.s, c.k), outer: NewConv(s, c.part.k), dw: dw, x: x, dz: dz}
	blocks := g.outer.boxes(span{0, s.N * s.H}, boxBytes/8/(len(c.k.Taps)*s.Cin+s.Cout))
	units := g.outer.gradUnits(span{0, s.Cin})
	most := 0
	for _, b := range blocks {
		most = max(most, b.volume())
	}
	for h := range 2 {
		g.sums[h], g.dab[h] = make([]float32, g.sumsLen(most)), make([]float32, most*s.Cout)
	}
	var tasks []Task
	for i, b := range blocks {
		tasks = append(tasks, g.foldTask(b), g.productTask(units, b, i == 0))
	}
	return append(tasks, g.lastTask())
}

// foldTask makes S, D, dA and dB of a block, in pieces of some rows of an image.
func (g *groupGrad) foldTask(b box) Task {
	rows := b[axisY].len()
	per := max(1, min(rows, chunkLen/g.sumsLen(g.folding.s.W)))
	pieces := (rows + per - 1) / per
	return Task{N: b[axisN].len() * pieces, Do: func(i, _ int) {
		from, to := rows*(i%pieces)/pieces, rows*(i%pieces+1)/pieces
		g.foldRows(b, i/pieces, from, to-from)
	}}
}

// foldRows is the part of foldTask for n rows of an image of a block, from its row from on.
func (g *groupGrad) foldRows(b box, image, from, n int) {
	s := &g.folding.s
	at, pixels := (image*b[axisY].len()+from)*s.W, b.volume()
	half := s.Cout / 2
	room := borrow(0, g.padLen(n))
	g.fold(g.sums[0], g.sums[1], room.sums, g.x, b[axisN].from+image, b[axisY].from+from, n, at, pixels)
	room.giveBack()
	dz := g.dz[(b.first(s)+at)*s.Cout:]
	asm.AddSub(g.dab[0][at*half:], g.dab[1][at*half:], dz, dz[half:], &asm.Stripes{Len: half, Count: n * s.W, Z: half, X: s.Cout})
}

// perPiece is how many units make a piece of work over so many pixels: a quarter of a million multiply-adds, two microseconds,
// or more.
func perPiece(units []gradUnit, pixels int) int {
	return max(1, 1<<13/(pixels*units[0].rows.len()))
}

// productTask adds the products of a block's pixels to dα and dβ.
func (g *groupGrad) productTask(units []gradUnit, b box, first bool) Task {
	pixels := b.volume()
	per := perPiece(units, pixels)
	n := 2 * len(units)
	return Task{N: (n + per - 1) / per, Do: func(i, _ int) {
		for j := i * per; j < min((i+1)*per, n); j++ {
			g.product(&units[j/2], j%2, pixels, first)
		}
	}}
}

// product adds the products to one unit of dα, for h = 0, or dβ.
func (g *groupGrad) product(u *gradUnit, h, pixels int, first bool) {
	in, out := g.outer.s.Cin, g.outer.s.Cout
	from, cols, _ := g.outer.panel(u.panel)
	dw := g.dw[(u.orbit*in+u.rows.from)*2*out+h*out+from:]
	if first {
		for i := range u.rows.len() {
			clear(dw[i*2*out:][:cols])
		}
	}
	asm.Outer(dw, g.sums[h][u.orbit*pixels*in+u.rows.from:], g.dab[h][from:], &asm.Sweep{
		Rows: u.rows.len(), Cols: cols, Stride: 2 * out, Images: 1, Height: 1, Width: pixels,
		X: asm.Pixels{Pixel: in}, Y: asm.Pixels{Pixel: out}})
}

// lastTask makes dw of dα and dβ.
func (g *groupGrad) lastTask() Task {
	out := g.outer.s.Cout
	rows := len(g.dw) / (2 * out)
	per := max(1, 1<<12/out)
	return Task{N: (rows + per - 1) / per, Do: func(i, _ int) {
		dw := g.dw[i*per*2*out : min((i+1)*per, rows)*2*out]
		asm.AddSub(dw, dw[out:], dw, dw[out:], &asm.Stripes{Len: out, Count: len(dw) / (2 * out), Z: 2 * out, X: 2 * out})
		asm.Scale(dw, 0.5, dw)
	}}
}
