package tensor

// A tiedGrad is a weight gradient with shared weights, bound to its data. It goes through the image rows block by block. The
// sums of a block are shared by all pieces of the weights, so that each is computed once; there are two buffers of them, and
// those of the next block are filled while this one's are used, which saves every second fork and join.
type tiedGrad struct {
	*Conv
	planes    *planes
	units     []gradUnit
	dw, x, dz []float32
	sums      [2][]float32
	rows      int // image rows of a block
}

// weightGradTied is the work of the weight gradient with shared weights.
func (c *Conv) weightGradTied(dw, x, dz []float32) []Task {
	p := newPlanes(c.s, c.k)
	all := c.s.N * c.s.H
	g := &tiedGrad{Conv: c, planes: p, units: c.gradUnits(), dw: dw, x: x, dz: dz}
	g.rows = min(all, max(1, blockPixels(c.s.Cin*(1+p.count)+c.s.Cout)/c.s.W))
	for i := range min(2, (all+g.rows-1)/g.rows) {
		g.sums[i] = make([]float32, p.count*g.rows*p.rowLen())
	}
	sum, pieces := g.sumPieces(0)
	tasks := []Task{{N: pieces, Do: sum}}
	for b := 0; b*g.rows < all; b++ {
		products, n := g.productPieces(b)
		sum, pieces := g.sumPieces(b + 1)
		tasks = append(tasks, Task{N: n + pieces, Do: func(i, worker int) {
			if i < n {
				products(i)
			} else {
				sum(i-n, worker)
			}
		}})
	}
	return tasks
}

// block returns the first image row of a block and the number of its rows, 0 after the last.
func (g *tiedGrad) block(b int) (from, n int) {
	from = b * g.rows
	return from, max(0, min(g.rows, g.s.N*g.s.H-from))
}

// sumPieces are the pieces of summing a block over the orbits: some image rows each.
func (g *tiedGrad) sumPieces(b int) (do func(i, worker int), pieces int) {
	const numbers = 1 << 13
	from, n := g.block(b)
	per := max(1, numbers/g.planes.rowLen())
	return func(i, _ int) {
		g.planes.sumPart(g.sums[b%2], g.x, from, n, i*per, min((i+1)*per, n))
	}, (n + per - 1) / per
}

// productPieces are the pieces of adding a block's products: some units of the weights each.
func (g *tiedGrad) productPieces(b int) (do func(i int), pieces int) {
	from, n := g.block(b)
	per := perPiece(g.units, n*g.s.W)
	return func(i int) {
		for u := i * per; u < min((i+1)*per, len(g.units)); u++ {
			if b == 0 {
				g.clearUnit(g.dw, &g.units[u])
			}
			g.product(&g.units[u], g.sums[b%2], from, n)
		}
	}, (len(g.units) + per - 1) / per
}

// product adds the products over n image rows from row from on to a unit's weights.
func (g *tiedGrad) product(u *gradUnit, sums []float32, from, n int) {
	b := box{{0, n * g.s.W}, {0, 1}, {0, 1}}
	g.outer(g.dw, g.planes.plane(u.orbit, g.x, sums, from, n), g.dz[from*g.s.W*g.s.Cout:], u, &b)
}
