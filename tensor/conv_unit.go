package tensor

import (
	"cmp"
	"slices"

	"spdiff/asm"
)

// A unit is one piece of a convolution's work: a box of pixels of a region in one panel of columns. Rows of a tile run along
// one axis of the box, tiles along another, and a loop goes over the last.
type unit struct {
	region
	panel            int
	rows, tiles, out int // the three axes
	full, longest    int // rows of a tile, and how many may be equally far apart
}

// How a convolution is cut into pieces, by shape alone: some 48 units, so that two workers or sixteen end together, but none
// below a quarter of a million multiply-adds, ten microseconds, where handing it out would show.
const (
	unitsWanted = 48
	unitLeast   = 1 << 18
)

// units cuts the output into units, the large ones first so that the small ones even out the end. pixel is the distance of neighbouring
// pixels of the input, in numbers.
func (c *Conv) units(pixel int) []unit {
	regions := c.regions()
	total := 0
	for i := range regions {
		total += regions[i].box.volume() * len(regions[i].taps)
	}
	perTap := c.s.Cin * c.m.wide
	limit := max(total*c.m.count()/unitsWanted, unitLeast/perTap)
	var us []unit
	for _, r := range regions {
		u := unit{region: r, full: c.m.tile}
		u.orient(4 * pixel)
		for _, b := range u.cut(nil, limit) {
			for p := range c.m.count() {
				v := u
				v.box, v.panel = b, p
				us = append(us, v)
			}
		}
	}
	slices.SortStableFunc(us, func(a, b unit) int { return cmp.Compare(b.work(), a.work()) })
	return us
}

// work is the unit's number of pixels times taps.
func (u *unit) work() int { return u.box.volume() * max(1, len(u.taps)) }

// orient chooses the axes that need the least time. A tile costs its rows and about two more, for the weights that it loads
// and the accumulators it fills and spills. Neighbours in an image row are preferred where that is near: they share lines of
// cache. pixel is the distance of neighbouring pixels, in bytes.
func (u *unit) orient(pixel int) {
	best := 0.0
	for _, a := range [][3]int{{axisX, axisY, axisN}, {axisX, axisN, axisY}, {axisY, axisX, axisN}, {axisY, axisN, axisX},
		{axisN, axisX, axisY}, {axisN, axisY, axisX}} {
		longest := longestTile(pixel*u.x.step[a[0]], u.full)
		cost := u.cost(u.box[a[0]].len(), u.box[a[1]].len(), longest) * float64(u.box[a[2]].len())
		if a[0] == axisN {
			cost *= 1.1
		}
		if best == 0 || cost < 0.98*best {
			best, u.rows, u.tiles, u.out, u.longest = cost, a[0], a[1], a[2], longest
		}
	}
}

// cost is that of n·m pixels in tiles of at most so many rows along n.
func (u *unit) cost(n, m, most int) float64 {
	const perTile = 2
	pieces := (n + most - 1) / most
	if u.paired(n, m) {
		return float64(m*n + perTile*(m+1)/2)
	}
	return float64(m * (n + perTile*pieces))
}

// paired reports whether runs of n rows, m of them, are so short that a tile takes two.
func (u *unit) paired(n, m int) bool { return n <= u.full/2 && m > 1 }

// longestTile is the most rows of a tile that are distance bytes apart. Rows whose distance is a multiple of a large power of two fall into
// few sets of the first cache, which holds 8 lines a set (12 on newer machines).
func longestTile(distance, rows int) int {
	sets := 1
	for ; distance%4096 != 0; distance *= 2 {
		sets *= 2
	}
	return min(rows, 8*sets)
}

// eachRun cuts a unit into runs, for each index of the outer axis, and calls do for at most that many pixels at a time.
func (u *unit) eachRun(most int, do func(r run)) {
	n, m := u.box[u.rows].len(), u.box[u.tiles].len()
	pieces := (n + u.longest - 1) / u.longest
	x, z := u.x.first(&u.box), u.z.first(&u.box)
	for o := range u.box[u.out].len() {
		x, z := x+o*u.x.step[u.out], z+o*u.z.step[u.out]
		if u.paired(n, m) {
			run{2 * n, m / 2, u.pairs(&u.x, x), u.pairs(&u.z, z)}.each(most, do)
			if m%2 == 1 {
				u.single(x, z, span{0, n}, span{m - 1, m}).each(most, do)
			}
			continue
		}
		for p := range pieces {
			u.single(x, z, evenSpan(n, p, pieces), span{0, m}).each(most, do)
		}
	}
}

// single returns the run of some rows and tiles of the layer of the box that begins at pixels x and z.
func (u *unit) single(x, z int, rows, tiles span) run {
	at := func(g *grid, first int) places {
		row, tile := g.step[u.rows], g.step[u.tiles]
		return oneRow(first+rows.from*row+tiles.from*tile, rows.len(), row, tile)
	}
	return run{rows.len(), tiles.len(), at(&u.x, x), at(&u.z, z)}
}

// pairs returns the places of tiles that take two rows of the box each.
func (u *unit) pairs(g *grid, first int) places {
	row, tile := g.step[u.rows], g.step[u.tiles]
	return places{first, asm.Strides{Row: row, Gap: tile, Tile: 2 * tile}}
}

// cut cuts the unit's box until no piece has more than limit pixels times taps: along images first, then rows, then columns. The axis
// along which the rows of a tile run is cut only where it has more than 16 pixels.
func (u *unit) cut(boxes []box, limit int) []box {
	if u.work() > limit {
		for _, axis := range []int{axisN, axisY, axisX} {
			if n := u.box[axis].len(); n > 1 && (axis != u.rows || n > 16) {
				half, rest := *u, *u
				at := u.box[axis].from + (n+1)/2
				if n > 2 && axis == u.tiles && n/2%2 == 1 {
					at = u.box[axis].from + n/2 + 1 // pairs stay together
				}
				half.box[axis].to, rest.box[axis].from = at, at
				return rest.cut(half.cut(boxes, limit), limit)
			}
		}
	}
	return append(boxes, u.box)
}
