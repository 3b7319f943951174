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
}

// How a convolution is cut into pieces, by shape alone: some 48 units, so that two workers or sixteen end together, but none
// below a quarter of a million multiply-adds, ten microseconds, where handing it out would show.
const (
	unitsWanted = 48
	unitLeast   = 1 << 18
	callMost    = 1 << 21 // multiply-adds of one call of asm, which cannot be preempted: well below 200 µs
)

// units cuts regions into units, the large ones first so that the small ones even out the end.
func (c *Conv) units(regions []region) []unit {
	total := 0
	for i := range regions {
		total += regions[i].box.volume() * len(regions[i].taps)
	}
	perTap := c.s.Cin * c.panels.wide
	limit := max(total*c.count()/unitsWanted, unitLeast/perTap)
	var us []unit
	for _, r := range regions {
		u := unit{region: r}
		u.orient(&c.s)
		for _, b := range u.cut(nil, limit) {
			for p := range c.count() {
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
// cache.
func (u *unit) orient(s *ConvShape) {
	best := 0.0
	for _, a := range [][3]int{{axisX, axisY, axisN}, {axisX, axisN, axisY}, {axisY, axisX, axisN}, {axisY, axisN, axisX},
		{axisN, axisX, axisY}, {axisN, axisY, axisX}} {
		cost := tileCost(u.box[a[0]].len(), u.box[a[1]].len(), maxRows(s, a[0])) * float64(u.box[a[2]].len())
		if a[0] == axisN {
			cost *= 1.1
		}
		if best == 0 || cost < 0.98*best {
			best, u.rows, u.tiles, u.out = cost, a[0], a[1], a[2]
		}
	}
}

// tileCost is the cost of n·m pixels in tiles of rows along n.
func tileCost(n, m, most int) float64 {
	const perTile = 2
	pieces := (n + most - 1) / most
	if paired(n, m) {
		return float64(m*n + perTile*(m+1)/2)
	}
	return float64(m * (n + perTile*pieces))
}

// paired reports whether runs of n rows, m of them, are so short that a tile takes two.
func paired(n, m int) bool {
	rows, _, _ := asm.TileSize()
	return n <= rows/2 && m > 1
}

// maxRows is the most rows of a tile along an axis. Rows whose distance is a multiple of a large power of two fall into few
// sets of the first cache, which holds 8 lines a set (12 on newer machines).
func maxRows(s *ConvShape, axis int) int {
	rows, _, _ := asm.TileSize()
	sets := 1
	for bytes := 4 * s.Cin * s.step(axis); bytes%4096 != 0; bytes *= 2 {
		sets *= 2
	}
	return min(rows, 8*sets)
}

// cut cuts the unit's box until no piece has more than limit pixels times taps, along images first, then along rows; a run
// of rows of tiles is cut last, and not below its longest.
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
