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
	orders [][]int
}

// task is the work of the convolution. With planes in the input, a piece is a unit for all of them, and their tree; else it is
// a unit for one plane of the result.
func (f *planeForward) task() Task {
	var units []planeUnit
	for _, u := range f.part.units(f.part.regions()) {
		units = append(units, planeUnit{u, f.inside(u.taps)})
	}
	if f.in == 1 {
		n := len(units)
		return Task{N: n * f.out, Do: func(i, _ int) {
			s := borrow(len(f.k.Taps), 0)
			f.walk(&units[i%n], i/n, s)
			s.giveBack()
		}}
	}
	rows, wide, _ := asm.TileSize()
	parts := max(partsLen, f.in*rows*wide)
	return Task{N: len(units), Do: func(i, _ int) {
		s := borrow(len(f.k.Taps), parts)
		f.walk(&units[i], 0, s)
		s.giveBack()
	}}
}

// inside returns the orders of the planes without the taps that are not among those given.
func (f *planeForward) inside(taps []int) (orders [][]int) {
	for _, order := range f.k.Orders {
		orders = append(orders, slices.DeleteFunc(slices.Clone(order), func(t int) bool { return !slices.Contains(taps, t) }))
	}
	return orders
}

// walk computes a unit, as forward.unit does; plane is that of the result if the input has but one.
func (f *planeForward) walk(u *planeUnit, plane int, s *scratch) {
	shape := &f.part.s
	r, m := u.box[u.rows].len(), u.box[u.tiles].len()
	row, next := shape.step(u.rows), shape.step(u.tiles)
	most := maxRows(&f.s, u.rows)
	pieces := (r + most - 1) / most
	for o := range u.box[u.out].len() {
		at := u.box.first(shape) + o*shape.step(u.out)
		if paired(r, m) {
			f.call(u, plane, s, at, run{rows: 2 * r, row: row, gap: next, tile: 2 * next, count: m / 2})
			if m%2 == 1 {
				f.call(u, plane, s, at+(m-1)*next, run{rows: r, row: row, gap: (r + 1) / 2 * row, count: 1})
			}
			continue
		}
		for p := range pieces {
			from, to := r*p/pieces, r*(p+1)/pieces
			f.call(u, plane, s, at+from*row, run{rows: to - from, row: row, gap: (to - from + 1) / 2 * row, tile: next, count: m})
		}
	}
}

// call computes the tiles of a run whose first pixel is number at.
func (f *planeForward) call(u *planeUnit, plane int, s *scratch, at int, r run) {
	from, cols, width := f.part.panel(u.panel)
	t := asm.Tiling{Rows: r.rows, Cols: cols, Width: width, Depth: f.part.s.Cin,
		X: asm.Strides{Row: r.row * f.s.Cin, Gap: r.gap * f.s.Cin, Tile: r.tile * f.s.Cin}}
	most := max(1, callMost/(max(1, len(u.taps))*r.rows*width*f.part.s.Cin))
	if f.in == 1 {
		t.Z = asm.Strides{Row: r.row * f.s.Cout, Gap: r.gap * f.s.Cout, Tile: r.tile * f.s.Cout}
		from += plane * f.part.s.Cout
	} else {
		t.Z = asm.Strides{Row: cols, Gap: (r.rows + 1) / 2 * cols, Tile: r.rows * cols}
		most = max(1, min(most, partsLen/(f.in*r.rows*cols)))
	}
	for done := 0; done < r.count; done += t.Count {
		t.Count = min(most, r.count-done)
		p := at + done*r.tile
		if f.in == 1 {
			f.plane(f.z[p*f.s.Cout+from:], from, u, plane, s, p, &t)
			continue
		}
		size := t.Count * r.rows * cols
		for k := range f.in {
			f.plane(s.sums[k*size:(k+1)*size], from, u, k, s, p, &t)
		}
		f.add(f.z[p*f.s.Cout+from:], s.sums, size, &t, &r)
	}
}

// plane computes the chains of one plane, of tiles t from pixel p on.
func (f *planeForward) plane(z []float32, from int, u *planeUnit, plane int, s *scratch, p int, t *asm.Tiling) {
	first := 0
	if f.in > 1 {
		first = plane * f.part.s.Cin
	}
	order, packed := u.orders[plane], f.weightsOf(f.packed, plane)
	for i, o := range order {
		tap := f.k.Taps[o]
		s.segments[i] = asm.Segment{X: f.x[(p+tap[0]*f.s.W+tap[1])*f.s.Cin+first:], W: f.part.weights(packed, u.panel, o)}
	}
	asm.Tile(z, f.start[from:], s.segments[:len(order)], t)
}

// add sums the terms of the planes, each of size numbers, by the tree.
func (f *planeForward) add(z, parts []float32, size int, t *asm.Tiling, r *run) {
	var leaves [8][]float32
	for i := range t.Count {
		at := i * t.Z.Tile
		for k := range f.in {
			leaves[foldedLeaf(k, f.in)] = parts[k*size+at:]
		}
		half := (r.rows + 1) / 2
		lines := asm.Stripes{Len: t.Cols, Count: r.rows, Z: r.row * f.s.Cout, X: t.Cols}
		if r.gap != half*r.row {
			lines.Count = half
		}
		zi := z[i*r.tile*f.s.Cout:]
		asm.TreeSum(zi, leaves[:f.in], &lines)
		if lines.Count < r.rows {
			for k := range f.in {
				leaves[k] = leaves[k][half*t.Cols:]
			}
			lines.Count = r.rows - half
			asm.TreeSum(zi[r.gap*f.s.Cout:], leaves[:f.in], &lines)
		}
	}
}
