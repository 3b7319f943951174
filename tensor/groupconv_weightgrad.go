package tensor

import "spdiff/asm"

// groupPartPixels is how many pixels a part of a group convolution's weight gradient has at least: fewer than others have, for
// its pieces are the parts alone.
const groupPartPixels = 768

// A groupGrad is the weight gradient of a group convolution, bound to its data. With dA = dz[p,(g,j)] + dz[p,(ng,j)] and
// dB = dz[p,(g,j)] − dz[p,(ng,j)] it computes
//
//	dα[t,(k,i),(g,j)] = Σ_p S_t[p,(k,i)]·dA[p,(g,j)]        dβ = Σ_p D_t[p,(k,i)]·dB[p,(g,j)]
//	dw[t,(k,i),(g,j)] = ½(dα + dβ),   dw[t,(k,i),(ng,j)] = ½(dα − dβ)
//
// first in dw itself: in each row dα stands where the first half will, dβ where the second.
type groupGrad struct {
	gradParts
	folding
	outer *Conv   // whose units cut dα, and dβ
	boxes [][]box // of each part
	units []gradUnit
	most  int // pixels of a box
	rows  int // of an image that are folded at a time
	x, dz []float32

	pixels *Outer // of a box, in bf16; else nil
}

// A foldedBox is what a piece knows of a box: S and D, dA and dB, and room for folding.
type foldedBox struct {
	sums, dab [2][]float32
	pad       []float32
}

// WeightGrad returns the work of the weight gradient dw, (len(taps), Cin/2, Cout), of the input x and the gradient dz by the
// output. dα and dβ are sums over parts of the pixels, cut as those of Conv are, but of 768 pixels at least: chains of fused
// multiply-adds that begin with +0, images, rows and pixels ascending; then the parts are added, ascending.
func (c *GroupConv) WeightGrad(dw, x, dz []float32) []Task {
	c.s.check("dw", dw, c.weightLen())
	c.s.check("x", x, c.s.pixels()*c.s.Cin)
	c.s.check("dz", dz, c.s.pixels()*c.s.Cout)
	s := c.s
	if fold := newFolding(s, c.k); fold.alone() {
		s.N, s.H, s.W = 1, s.pixels(), 1
	}
	g := &groupGrad{gradParts: cutParts(dw, s.pixels(), groupPartPixels), folding: newFolding(s, c.k), x: x, dz: dz}
	s.OutH, s.OutW, s.Cin, s.Cout, s.Precision = s.H, s.W, s.Cin/2, s.Cout/2, Float32
	g.outer = NewConv(s, c.one.k)
	g.units = g.outer.gradUnits(span{0, s.Cin})
	g.cut()
	if c.s.Precision.Of(s.pixels()) == BF16 {
		g.pixels = NewOuter(g.most, s.Cout)
	}
	return append(g.tasks(Task{N: g.n, Do: func(i, _ int) { g.piece(i) }}), g.lastTask())
}

// cut chooses the boxes.
func (g *groupGrad) cut() {
	s := &g.outer.s
	for i := range g.n {
		boxes := g.outer.boxes(evenSpan(s.N*s.H, i, g.n), boxBytes/16/(len(g.k.Taps)*s.Cin+s.Cout))
		for _, b := range boxes {
			g.most = max(g.most, b.volume())
		}
		g.boxes = append(g.boxes, boxes)
	}
	g.rows = max(1, min(s.H, chunkLen/g.sumsLen(s.W)))
}

// piece computes dα and dβ of a part.
func (g *groupGrad) piece(part int) {
	dw := g.sums(part)
	clear(dw)
	nab, nsum := g.most*g.outer.s.Cout, g.sumsLen(g.most)
	room := borrow(0, 2*nab+2*nsum+g.padLen(g.rows))
	var f foldedBox
	rest := room.sums
	for h := range 2 {
		f.sums[h], f.dab[h], rest = rest[:nsum], rest[nsum:nsum+nab], rest[nsum+nab:]
	}
	f.pad = rest
	for _, b := range g.boxes[part] {
		g.foldBox(&f, &b)
		for h := range 2 {
			if g.pixels != nil {
				g.roundedProduct(dw, &f, h, b.volume())
				continue
			}
			for u := range g.units {
				g.product(dw, &f, &g.units[u], h, b.volume())
			}
		}
	}
	room.giveBack()
}

// foldBox makes S, D, dA and dB of a box, some rows of an image at a time.
func (g *groupGrad) foldBox(f *foldedBox, b *box) {
	s := &g.folding.s
	for image := range b[axisN].len() {
		for from := 0; from < b[axisY].len(); from += g.rows {
			n := min(g.rows, b[axisY].len()-from)
			at := (image*b[axisY].len() + from) * s.W
			g.fold(f.sums[0], f.sums[1], f.pad[:g.padLen(n)], g.x, b[axisN].from+image, b[axisY].from+from, n, at, b.volume())
		}
	}
	half := s.Cout / 2
	dz := g.dz[(b[axisN].from*s.H+b[axisY].from)*s.W*s.Cout:]
	asm.AddSub(f.dab[0], f.dab[1], dz, dz[half:], &asm.Stripes{Len: half, Count: b.volume(), Z: half, X: s.Cout})
}

// product adds the products of a box to one unit of dα, for h = 0, or dβ.
func (g *groupGrad) product(dw []float32, f *foldedBox, u *gradUnit, h, pixels int) {
	in, out := g.outer.s.Cin, g.outer.s.Cout
	p := g.outer.m.panel(u.panel)
	asm.Outer(dw[(u.orbit*in+u.rows.from)*2*out+h*out+p.from:], f.sums[h][u.orbit*pixels*in+u.rows.from:], f.dab[h][p.from:], &asm.Sweep{
		Rows: u.rows.len(), Cols: p.cols, Stride: 2 * out, Images: 1, Height: 1, Width: pixels,
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
