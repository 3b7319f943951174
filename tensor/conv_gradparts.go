package tensor

import "spdiff/asm"

// A weight gradient's pixels are cut into parts, each of which is summed by itself. That decides the order of the sums, so the cut
// depends on shapes alone.
const (
	partsMost   = 16
	partNumbers = 1 << 21 // of the sums of all parts
)

// A gradParts is a weight gradient whose pixels are cut into parts. A part goes through its pixels box by box, and through all of
// its sums for each, so that what it reads and writes stays in its core's caches. In the end the parts are added. When pieces were
// some weights each, and all went through all pixels, both cores read everything, and waited for each other after each megabyte.
type gradParts struct {
	dw   []float32
	n    int
	rest *scratch // the sums of all parts but the first
}

// cutParts cuts n pixels into 1, 2, 4, 8 or 16 parts: as many as have least pixels each, and partNumbers sums together.
func cutParts(dw []float32, n, least int) gradParts {
	parts := 1
	for 2*parts <= min(partsMost, n/least) && 2*parts*len(dw) <= partNumbers {
		parts *= 2
	}
	return gradParts{dw: dw, n: parts}
}

// tasks returns the work, which is to leave the sums of part i in sums(i), and the addition of the parts.
func (g *gradParts) tasks(work Task) []Task {
	if g.n == 1 {
		return []Task{work}
	}
	const per = 1 << 12
	return []Task{
		{N: 1, Do: func(_, _ int) { g.rest = partSums.borrow(0, (g.n-1)*len(g.dw)) }},
		work,
		{N: (len(g.dw) + per - 1) / per, Do: func(i, _ int) { g.add(i*per, min((i+1)*per, len(g.dw))) }},
		{N: 1, Do: func(_, _ int) { g.rest.giveBack() }},
	}
}

// sums returns where the sums of a part go.
func (g *gradParts) sums(part int) []float32 {
	if part == 0 {
		return g.dw
	}
	return g.rest.sums[(part-1)*len(g.dw) : part*len(g.dw)]
}

// add adds numbers from…to−1 of all parts.
func (g *gradParts) add(from, to int) {
	for i := 1; i < g.n; i++ {
		asm.Add(g.dw[from:to], g.dw[from:to], g.sums(i)[from:to])
	}
}
