package group

import "slices"

// Pixels returns the orbits of the pixels of an h×w grid, p = y·w + x. Together they hold each pixel once.
//
// An orbit starts with its smallest pixel p₀ and lists its distinct pixels g·p₀ as g walks [Group.Tree]; orbits ascend by
// their first pixels. So a sum over an orbit by the balanced tree over neighbours, and a chain over the orbits, has the
// same bits for an image x and for every g·x.
//
// A pixel with a stabiliser of order s (the centre, pixels on axes and diagonals) has an orbit of |G|/s pixels. The tree
// over all g, s of which give the same pixel, would be s times the tree over the distinct ones: an exact power of two,
// which the caller applies where it matters (as in a mean, where it cancels).
//
// It panics with an [*ActionError] where [Group.Acts] returns one.
func (g Group) Pixels(h, w int) [][]int32 {
	g.mustAct(h, w)
	seen := make([]bool, h*w)
	var orbits [][]int32
	for p := range seen {
		if seen[p] {
			continue
		}
		var orbit []int32
		for _, a := range g.table().tree {
			if q := g.move(a, p, h, w); !seen[q] {
				seen[q] = true
				orbit = append(orbit, int32(q))
			}
		}
		orbits = append(orbits, orbit)
	}
	return orbits
}

// Stabiliser returns the elements that leave pixel p of an h×w grid where it is, ascending: a subgroup. The orbit of p
// has |G| / |stabiliser| pixels.
//
// It panics with an [*ActionError] where [Group.Acts] returns one.
func (g Group) Stabiliser(p, h, w int) []int {
	g.mustAct(h, w)
	var s []int
	for a := range g.Order() {
		if g.move(a, p, h, w) == p {
			s = append(s, a)
		}
	}
	return slices.Clip(s)
}

// Taps returns the orbits of the taps (dy, dx) of a kh×kw kernel: those that share one weight in a tied kernel. Like
// [Group.Pixels], an orbit starts with its first tap in raster order (dy, then dx, ascending) and follows [Group.Tree];
// orbits ascend by their first taps. So the centre of a 3×3 kernel is the last orbit under C4 and D4, after the corners
// and the edges.
//
// Along each axis of k taps, d runs over −(k−1)/2 … k/2 (rounded down): −m … m for an odd k = 2m+1. The group acts about
// the centre of the kernel's own grid. For odd kernels that is the tap (0, 0), and a convolution with stride 1 and such
// weights commutes with the group. For an even kernel it is the corner between the taps 0 and 1, half a pixel off: with
// stride 1 the output would be shifted. An even kernel is for stride 2 on even grids, output pixel (y, x) reading the
// input at (2y+dy, 2x+dx); the output's grid then has the input's centre, and the convolution commutes with the group.
//
// It panics with an [*ActionError] where g does not act on kh×kw grids.
func (g Group) Taps(kh, kw int) [][][2]int {
	var orbits [][][2]int
	for _, pixels := range g.Pixels(kh, kw) {
		orbit := make([][2]int, len(pixels))
		for i, p := range pixels {
			orbit[i] = [2]int{int(p)/kw - (kh-1)/2, int(p)%kw - (kw-1)/2}
		}
		orbits = append(orbits, orbit)
	}
	return orbits
}
