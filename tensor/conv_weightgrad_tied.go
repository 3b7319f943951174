package tensor

import "spdiff/asm"

// A tiedGrad is a weight gradient with shared weights, bound to its data. A piece of its work is one orbit, a group of
// channels i and a group of panels of channels j. It goes through the image rows block by block and sums its channels over
// the orbit as it goes, so that no sum travels between the caches of two cores: when all pieces shared their sums, two threads
// were 1.2 to 1.5 times as fast as one.
type tiedGrad struct {
	*Conv
	planes    *planes
	dw, x, dz []float32
	groups    int // of channels i
	panels    int // groups of panels
	rows      int // image rows whose sums are made at a time
}

// How the weights are cut, by shape alone. A group of channels is some lines of the cache wide; its sums are made once for
// each group of panels, so wide outputs are cut only where there would be too few pieces. (Groups of 64 channels, each with
// half of the panels, were 10 % slower: they make all sums twice.)
const (
	lineLen    = 16
	groupMost  = 32
	gradPieces = 6       // at least, if there are lines enough
	groupBytes = 1 << 16 // of sums at a time, which stay in the caches while they are multiplied
)

// weightGradTied is the work of the weight gradient with shared weights: block after block of image rows, and in each all
// pieces of the weights, those of one tap, which need no sums, last.
func (c *Conv) weightGradTied(dw, x, dz []float32) []Task {
	g := &tiedGrad{Conv: c, planes: newPlanes(c.s, c.k), dw: dw, x: x, dz: dz}
	g.cut()
	all := c.s.N * c.s.H
	rows := max(1, blockPixels(c.s.Cin+c.s.Cout)/c.s.W)
	var tasks []Task
	for from := 0; from < all; from += rows {
		block := span{from, min(from+rows, all)}
		tasks = append(tasks, Task{N: len(c.k) * g.groups * g.panels, Do: func(i, _ int) {
			panels, group, orbit := i%g.panels, i/g.panels%g.groups, i/g.panels/g.groups
			g.piece(block, len(c.k)-1-orbit, g.group(group), part(c.count(), panels, g.panels))
		}})
	}
	return tasks
}

// cut chooses the groups.
func (g *tiedGrad) cut() {
	lines := (g.s.Cin + lineLen - 1) / lineLen
	g.groups = (g.s.Cin + groupMost - 1) / groupMost
	g.panels = min(g.count(), (gradPieces+len(g.k)*g.groups-1)/(len(g.k)*g.groups))
	for g.groups < lines && len(g.k)*g.groups*g.panels < gradPieces {
		g.groups++
	}
	g.rows = max(1, groupBytes/4/g.s.W/g.group(0).len())
}

// group returns the channels of group i: whole lines of the cache, as far as there are channels.
func (g *tiedGrad) group(i int) span {
	lines := (g.s.Cin + lineLen - 1) / lineLen
	s := part(lines, i, g.groups)
	return span{s.from * lineLen, min(s.to*lineLen, g.s.Cin)}
}

// part returns part i of n things cut in parts.
func part(n, i, parts int) span { return span{n * i / parts, n * (i + 1) / parts} }

// piece adds a block's products to the weights of orbit o and channels i in some panels.
func (g *tiedGrad) piece(block span, o int, i, panels span) {
	s := borrow(0, g.rows*g.s.W*i.len())
	for from := block.from; from < block.to; from += g.rows {
		n := min(g.rows, block.to-from)
		x, pixel := g.x[from*g.s.W*g.s.Cin+i.from:], g.s.Cin
		if !g.planes.centre(o) {
			g.planes.sumOrbit(s.sums, g.x, o, from, n, i)
			x, pixel = s.sums, i.len()
		}
		for p := panels.from; p < panels.to; p++ {
			g.products(o, i, p, x, pixel, from, n)
		}
	}
	s.giveBack()
}

// products adds the products of n image rows from row from on, whose sums begin at x and are at distance pixel, in a panel.
func (g *tiedGrad) products(o int, i span, panel int, x []float32, pixel, from, n int) {
	most, _, _ := asm.TileSize()
	first, cols, _ := g.panel(panel)
	blocks := (i.len() + most - 1) / most
	for b := range blocks {
		r := part(i.len(), b, blocks)
		u := gradUnit{o, span{i.from + r.from, i.from + r.to}, panel}
		if from == 0 {
			g.clearUnit(g.dw, &u)
		}
		asm.Outer(g.dw[(o*g.s.Cin+u.rows.from)*g.s.Cout+first:], x[r.from:], g.dz[from*g.s.W*g.s.Cout+first:], &asm.Sweep{
			Rows: r.len(), Cols: cols, Stride: g.s.Cout, Images: 1, Height: 1, Width: n * g.s.W,
			X: asm.Pixels{Pixel: pixel}, Y: asm.Pixels{Pixel: g.s.Cout}})
	}
}
