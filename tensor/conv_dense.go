package tensor

import "spdiff/asm"

// forwardDense is the work of a convolution whose orbits are single taps.
func (c *Conv) forwardDense(z, x, packed, bias []float32) []Task {
	units := c.units(c.regions())
	f := &forward{Conv: c, z: z, x: x, packed: packed, bias: bias}
	return []Task{{N: len(units), Do: func(i, _ int) {
		s := borrow(len(c.k), 0)
		f.unit(&units[i], s.segments)
		s.giveBack()
	}}}
}

// A forward is a convolution bound to its data.
type forward struct {
	*Conv
	z, x, packed, bias []float32
}

// unit computes a unit: for each index of the outer axis, each run of rows, all its tiles.
func (f *forward) unit(u *unit, segments []asm.Segment) {
	r, m := u.box[u.rows].len(), u.box[u.tiles].len()
	row, next := f.s.step(u.rows), f.s.step(u.tiles)
	most := maxRows(&f.s, u.rows)
	pieces := (r + most - 1) / most
	for o := range u.box[u.out].len() {
		at := u.box.first(&f.s) + o*f.s.step(u.out)
		if paired(r, m) {
			f.call(u, segments, at, run{rows: 2 * r, row: row, gap: next, tile: 2 * next, count: m / 2})
			if m%2 == 1 {
				f.call(u, segments, at+(m-1)*next, run{rows: r, row: row, gap: (r + 1) / 2 * row, count: 1})
			}
			continue
		}
		for p := range pieces {
			from, to := r*p/pieces, r*(p+1)/pieces
			f.call(u, segments, at+from*row, run{rows: to - from, row: row, gap: (to - from + 1) / 2 * row, tile: next, count: m})
		}
	}
}

// A run is the shape of a tiling, its distances counted in pixels.
type run struct{ rows, row, gap, tile, count int }

// call computes the tiles of a run whose first pixel is number at.
func (f *forward) call(u *unit, segments []asm.Segment, at int, r run) {
	from, cols, width := f.panel(u.panel)
	t := asm.Tiling{Rows: r.rows, Cols: cols, Width: width, Depth: f.s.Cin,
		X: asm.Strides{Row: r.row * f.s.Cin, Gap: r.gap * f.s.Cin, Tile: r.tile * f.s.Cin},
		Z: asm.Strides{Row: r.row * f.s.Cout, Gap: r.gap * f.s.Cout, Tile: r.tile * f.s.Cout}}
	most := max(1, callMost/(max(1, len(u.taps))*r.rows*width*f.s.Cin))
	for done := 0; done < r.count; done += t.Count {
		t.Count = min(most, r.count-done)
		p := at + done*r.tile
		for i, o := range u.taps {
			tap := f.k[o][0]
			segments[i] = asm.Segment{X: f.x[(p+tap[0]*f.s.W+tap[1])*f.s.Cin:], W: f.weights(f.packed, u.panel, o)}
		}
		asm.Tile(f.z[p*f.s.Cout+from:], f.bias[from:], segments[:len(u.taps)], &t)
	}
}
