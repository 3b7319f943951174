package tensor

import "spdiff/asm"

// packRounded is pack of bf16: the weights of a plane stand in a panel in the order in which the plane reads them.
func (c *GroupConv) packRounded(packed []float32, row func(z []float32, tap, i, from int, sign float32)) Task {
	panels, planes, plane := c.m.count(), c.planes(), c.one.s.Cin
	return Task{N: 2 * planes * panels, Do: func(i, _ int) {
		half, k, p := i/(planes*panels), i/panels%planes, c.m.panel(i%panels)
		s := borrow(0, c.m.rows*p.cols)
		for j, tap := range c.k.Orders[k] {
			for ch := range plane {
				at := (j*plane + ch) * p.cols
				row(s.sums[at:at+p.cols], tap, k*plane+ch, p.from, float32(1-2*half))
			}
		}
		depth := asm.PaddedBF16(c.m.rows)
		asm.PackBF16(c.m.of(c.weights(packed, half, k), p, 0, depth), s.sums, &asm.Rounding{
			Lines: 1, Rows: c.m.rows, Cols: p.cols, XRow: p.cols, Fill: depth, Width: p.width})
		s.giveBack()
	}}
}

// roundSums rounds S, or D, of some pixels: a pixel's row has plane after plane, each with its taps in the plane's order.
func (f *groupForward) roundSums(operand, sums []float32, pixels int) {
	plane, depth, last := f.one.s.Cin, asm.PaddedBF16(f.m.rows), len(f.GroupConv.k.Taps)-1
	for k, order := range f.GroupConv.k.Orders {
		for j, t := range order {
			r := asm.Rounding{Lines: 1, Rows: pixels, Cols: plane, XRow: f.half(), Fill: plane, ZRow: f.planes() * depth}
			if j == last {
				r.Fill = depth - j*plane
			}
			asm.RoundBF16(operand, k*depth+j*plane, sums[t*pixels*f.half()+k*plane:], &r)
		}
	}
}

// roundedTerm is term of bf16.
func (f *groupForward) roundedTerm(z []float32, r *groupRoom, l *layout, step, half, plane int, run *run) {
	depth := asm.PaddedBF16(f.m.rows)
	r.rounded[0] = asm.SegmentBF16{X: r.operand, At: run.x.first*l.x + plane*depth, W: f.m.of(f.weights(f.packed, half, plane), l.panel, 0, depth)}
	t := l.tiling(run)
	t.Z = run.z.in(step)
	asm.TileBF16(z, f.start[half*f.one.s.Cout+l.from:], r.rounded, &t)
}

// roundedProduct is the products of a box in bf16: of dα, for h = 0, or dβ.
func (g *groupGrad) roundedProduct(dw []float32, f *foldedBox, o *Outer, h, pixels int) {
	in, row := g.outer.s.Cin, g.s.Cout
	z := dw[f.i.from*row+h*g.outer.s.Cout+f.j.from:]
	lines := asm.Rounding{Lines: len(g.k.Taps), Rows: pixels, Cols: f.half(), XLine: pixels * f.half(), XRow: f.half()}
	o.add(z, in*row, row, f.sums[h], lines, f.dab[h], f.j.len())
}
