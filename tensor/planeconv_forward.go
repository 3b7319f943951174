package tensor

import (
	"slices"

	"spdiff/asm"
)

// A planeForward is a convolution of planes bound to its data. start is what its chains begin with.
type planeForward struct {
	*PlaneConv
	z, x, packed, start []float32
}

// A planeUnit is a unit of the convolution of one plane, and for each plane the taps inside, in its order.
type planeUnit struct {
	unit
	orders [][]tapAt
}

// task is the work of the convolution. With planes in the input, a piece is a unit for all of them, and their tree; else it is
// a unit for one plane of the result.
func (f *planeForward) task() Task {
	var units []planeUnit
	for _, u := range f.one.units(f.s.Cin) {
		units = append(units, planeUnit{u, f.inside(u.taps)})
	}
	if f.in == 1 {
		n := len(units)
		return Task{N: n * f.out, Do: func(i, _ int) {
			s := borrow(len(f.k.Taps), 0)
			f.unit(&units[i%n], i/n, s)
			s.giveBack()
		}}
	}
	rows, wide, _ := asm.TileSize()
	terms := max(termsLen, f.in*rows*wide)
	return Task{N: len(units), Do: func(i, _ int) {
		s := borrow(len(f.k.Taps), terms)
		f.unit(&units[i], 0, s)
		s.giveBack()
	}}
}

// inside returns the orders of the planes without the taps that are not among those given.
func (f *planeForward) inside(taps []tapAt) (orders [][]tapAt) {
	for _, order := range f.k.Orders {
		var inside []tapAt
		for _, t := range order {
			if i := slices.IndexFunc(taps, func(a tapAt) bool { return a.orbit == t }); i >= 0 {
				inside = append(inside, taps[i])
			}
		}
		orders = append(orders, inside)
	}
	return orders
}

// unit computes a unit; plane is that of the result if the input has but one.
func (f *planeForward) unit(u *planeUnit, plane int, s *scratch) {
	l := layout{f.one.m.panel(u.panel), f.one.s.Cin, f.s.Cin, f.s.Cout, f.one.m.tile, Float32}
	most := l.most(len(u.taps))
	if f.in > 1 {
		most = min(most, termsLen/(f.in*l.cols))
	}
	u.eachRun(most, func(r run) {
		t := l.tiling(&r)
		if f.in == 1 {
			from := plane*f.one.s.Cout + l.from
			f.term(f.z[r.z.first*l.z+from:], from, u, plane, s, &r, &t)
			return
		}
		t.Z = asm.Strides{Row: l.cols, Gap: (r.rows + 1) / 2 * l.cols, Tile: r.rows * l.cols}
		size := r.count * r.rows * l.cols
		for k := range f.in {
			f.term(s.sums[k*size:(k+1)*size], l.from, u, k, s, &r, &t)
		}
		f.add(f.z[r.z.first*l.z+l.from:], s.sums, size, &t, &r)
	})
}

// term computes the chains of one plane, of a run of tiles.
func (f *planeForward) term(z []float32, from int, u *planeUnit, plane int, s *scratch, r *run, t *asm.Tiling) {
	first, p := 0, f.one.m.panel(u.panel)
	if f.in > 1 {
		first = plane * f.one.s.Cin
	}
	order, packed := u.orders[plane], f.weights(f.packed, plane)
	for i, o := range order {
		s.segments[i] = asm.Segment{X: f.x[(r.x.first+o.at)*f.s.Cin+first:], W: f.one.weights(packed, p, o.orbit)}
	}
	asm.Tile(z, f.start[from:], s.segments[:len(order)], t)
}

// add sums the terms of the planes, each of size numbers, by the tree.
func (f *planeForward) add(z, terms []float32, size int, t *asm.Tiling, r *run) {
	at := r.z.in(f.s.Cout)
	first := (r.rows + 1) / 2
	if at.Gap == first*at.Row {
		first = r.rows
	}
	for i := range r.count {
		f.addRows(z[i*at.Tile:], terms[i*t.Z.Tile:], size, first, t.Cols, at.Row)
		if first < r.rows {
			f.addRows(z[i*at.Tile+at.Gap:], terms[i*t.Z.Tile+t.Z.Gap:], size, r.rows-first, t.Cols, at.Row)
		}
	}
}

// addRows sums the terms of some rows of a tile, which are row numbers apart in z.
func (f *planeForward) addRows(z, terms []float32, size, rows, cols, row int) {
	var leaves [8][]float32
	for k := range f.in {
		leaves[foldedLeaf(k, f.in)] = terms[k*size:]
	}
	asm.TreeSum(z, leaves[:f.in], &asm.Stripes{Len: cols, Count: rows, Z: row, X: cols})
}
