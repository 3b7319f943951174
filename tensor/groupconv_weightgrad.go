package tensor

import "spdiff/asm"

// groupPartPixels is how many pixels a part of a group convolution's weight gradient has at least: fewer than others have, for
// its pieces are the parts alone.
const groupPartPixels = 768

// foldedLen is how many numbers S and dA of a box have at most, unless it is one row; with D and dB they stay in the second cache. In
// bf16 it is part of what is computed, for the last step of a box is filled up.
const foldedLen = 1 << 16

// A groupGrad is the weight gradient of a group convolution, bound to its data. With dA = dz[p,(g,j)] + dz[p,(ng,j)] and
// dB = dz[p,(g,j)] − dz[p,(ng,j)] it computes
//
//	dα[t,(k,i),(g,j)] = Σ_p S_t[p,(k,i)]·dA[p,(g,j)]        dβ = Σ_p D_t[p,(k,i)]·dB[p,(g,j)]
//	dw[t,(k,i),(g,j)] = ½(dα + dβ),   dw[t,(k,i),(ng,j)] = ½(dα − dβ)
//
// first in dw itself: in each row dα stands where the first half will, dβ where the second.
type groupGrad struct {
	gradParts
	s      ConvShape
	k      GroupKernel
	outer  *Conv   // whose units cut dα, and dβ
	boxes  [][]box // of each part
	blocks []gradBlock
	units  [][]gradUnit // of each block, in float32
	pixels []*Outer     // of each block, in bf16; else none
	most   int          // pixels of a box
	rows   int          // of an image that are folded at a time
	x, dz  []float32
}

// A foldedBox is what a piece knows of a box: S and D, dA and dB of a block, and room for folding.
type foldedBox struct {
	folding
	j         span
	sums, dab [2][]float32
	pad       []float32
}

// WeightGrad returns the work of the weight gradient dw, (len(taps), Cin/2, Cout), of the input x and the gradient dz by the
// output. dα and dβ are sums over parts of the pixels, cut as those of Conv are, but of 768 pixels at least: chains of fused
// multiply-adds that begin with +0, images, rows and pixels ascending; then the parts are added, ascending.
//
// In bf16 a part is cut into boxes of whole image rows, one after the other. A box is as many rows as have at most
// 2¹⁶/(taps·Cin/2 + Cout/2) pixels together, or one row, and ends with its image; but if it starts with an image that
// fits whole, it is as many whole images as fit. If (0, 0) is the only tap, each pixel is a row, all of one image. The chains
// are steps of 32 pixels of a box, the last one filled up with zeros. Fewer than 8 pixels are summed as in float32.
func (c *GroupConv) WeightGrad(dw, x, dz []float32) []Task {
	c.s.check("dw", dw, c.weightLen())
	c.s.check("x", x, c.s.pixels()*c.s.Cin)
	c.s.check("dz", dz, c.s.pixels()*c.s.Cout)
	s := c.s
	if fold := newFolding(s, c.k, span{}); fold.alone() {
		s.N, s.H, s.W = 1, s.pixels(), 1
	}
	g := &groupGrad{gradParts: cutParts(dw, s.pixels(), groupPartPixels), s: s, k: c.k, x: x, dz: dz}
	s.OutH, s.OutW, s.Cin, s.Cout, s.Precision = s.H, s.W, s.Cin/2, s.Cout/2, Float32
	g.outer = NewConv(s, c.one.k)
	g.cut(c.GradPrecision())
	return append(g.tasks(eachBlock(g.n, g.blocks, g.piece)), g.lastTask())
}

// cut chooses boxes and blocks.
func (g *groupGrad) cut(p Precision) {
	s := &g.outer.s
	for i := range g.n {
		boxes := g.outer.boxes(evenSpan(s.N*s.H, i, g.n), foldedLen/(len(g.k.Taps)*s.Cin+s.Cout))
		for _, b := range boxes {
			g.most = max(g.most, b.volume())
		}
		g.boxes = append(g.boxes, boxes)
	}
	g.cutWeights(p)
	all := newFolding(g.s, g.k, span{0, s.Cin})
	g.rows = max(1, min(s.H, chunkLen/all.sumsLen(s.W)))
}

// cutWeights chooses blocks, and how each is computed.
func (g *groupGrad) cutWeights(p Precision) {
	s := &g.outer.s
	least, columns := blockLeast, blockLeast
	if p == BF16 {
		least, columns = g.roundedLeasts()
	}
	g.blocks = gradBlocks(s.Cin, g.outer.m, g.n, least, columns)
	for _, b := range g.blocks {
		if p == BF16 {
			g.pixels = append(g.pixels, NewOuter(g.most, b.j.len()))
		} else {
			g.units = append(g.units, g.outer.gradUnits(b))
		}
	}
}

// roundedLeasts returns how many channels and columns a block of bf16 has at least: 64 channels by all columns, for S and D are made again
// for each block of columns (with 32×32 a step of digits-m took a tenth longer). If that gives fewer pieces than 16 workers need, it halves
// the channels, for which dA and dB are made again, or, where those are longer than S and D, the columns.
func (g *groupGrad) roundedLeasts() (channels, columns int) {
	s := &g.outer.s
	sums := len(g.k.Taps) * s.Cin
	channels, columns = roundedLeast, s.Cout
	for g.n*ceilDiv(s.Cin, channels)*ceilDiv(s.Cout, columns) < gradPieces/2 {
		switch {
		case sums > s.Cout && channels > lineLen:
			channels /= 2
		case sums <= s.Cout && columns > blockLeast:
			columns = ceilDiv(columns, 2)
		default:
			return channels, columns
		}
	}
	return channels, columns
}

// piece computes a block of dα and dβ of a part.
func (g *groupGrad) piece(part, block int) {
	dw, b := g.sums(part), &g.blocks[block]
	f := foldedBox{folding: newFolding(g.s, g.k, b.i), j: b.j}
	nab, nsum := g.most*b.j.len(), f.sumsLen(g.most)
	room := borrow(0, 2*nab+2*nsum+f.padLen(g.rows))
	rest := room.sums
	for h := range 2 {
		b.zero(dw[h*g.outer.s.Cout:], len(g.k.Taps), g.outer.s.Cin, g.s.Cout)
		f.sums[h], f.dab[h], rest = rest[:nsum], rest[nsum:nsum+nab], rest[nsum+nab:]
	}
	f.pad = rest
	for _, box := range g.boxes[part] {
		g.foldBox(&f, &box)
		for h := range 2 {
			if g.pixels != nil {
				g.roundedProduct(dw, &f, g.pixels[block], h, box.volume())
				continue
			}
			for u := range g.units[block] {
				g.product(dw, &f, &g.units[block][u], h, box.volume())
			}
		}
	}
	room.giveBack()
}

// foldBox makes S, D, dA and dB of a box, some rows of an image at a time.
func (g *groupGrad) foldBox(f *foldedBox, b *box) {
	s := &g.s
	for image := range b[axisN].len() {
		for from := 0; from < b[axisY].len(); from += g.rows {
			n := min(g.rows, b[axisY].len()-from)
			at := (image*b[axisY].len() + from) * s.W
			f.fold(f.sums[0], f.sums[1], f.pad[:f.padLen(n)], g.x, b[axisN].from+image, b[axisY].from+from, n, at, b.volume())
		}
	}
	dz := g.dz[(b[axisN].from*s.H+b[axisY].from)*s.W*s.Cout+f.j.from:]
	asm.AddSub(f.dab[0], f.dab[1], dz, dz[s.Cout/2:], &asm.Stripes{Len: f.j.len(), Count: b.volume(), Z: f.j.len(), X: s.Cout})
}

// product adds the products of a box to one unit of dα, for h = 0, or dβ.
func (g *groupGrad) product(dw []float32, f *foldedBox, u *gradUnit, h, pixels int) {
	in, out := g.outer.s.Cin, g.outer.s.Cout
	p := g.outer.m.panel(u.panel)
	x, dz := f.sums[h][u.orbit*pixels*f.half()+u.rows.from-f.i.from:], f.dab[h][p.from-f.j.from:]
	asm.Outer(dw[(u.orbit*in+u.rows.from)*2*out+h*out+p.from:], x, dz, &asm.Sweep{
		Rows: u.rows.len(), Cols: p.cols, Stride: 2 * out, Images: 1, Height: 1, Width: pixels,
		X: asm.Pixels{Pixel: f.half()}, Y: asm.Pixels{Pixel: f.j.len()}})
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
