package tensor

import "spdiff/asm"

// An orbitSums computes, for a range of image rows, the sums of some channels of the input over the orbits of a kernel. An orbit
// that is the tap (0, 0) alone needs none: the input itself is its sums.
type orbitSums struct {
	s              ConvShape
	k              Kernel
	i              span      // the channels
	columns, rows  []section // that see the same taps
	inner          span      // the most columns that do
	count          int       // orbits whose sums are computed
	edges, corners int       // the orbits that asm.RingSums computes, or −1
}

func (c *Conv) orbitSums(i span) *orbitSums {
	p := &orbitSums{s: c.s, k: c.k, i: i, columns: c.sections(axisX), rows: c.sections(axisY), edges: -1, corners: -1}
	for o, orbit := range c.k {
		if !p.centre(o) {
			p.count++
		}
		switch {
		case sameTree(orbit, Tap{-1, 0}, Tap{1, 0}, Tap{0, -1}, Tap{0, 1}):
			p.edges = o
		case sameTree(orbit, Tap{-1, -1}, Tap{1, 1}, Tap{-1, 1}, Tap{1, -1}):
			p.corners = o
		}
	}
	for _, s := range p.columns {
		if s.len() > p.inner.len() {
			p.inner = s.span
		}
	}
	return p
}

// sameTree reports whether the tree over an orbit is (a+b)+(c+d), up to swaps.
func sameTree(orbit []Tap, a, b, c, d Tap) bool {
	pair := func(x []Tap, a, b Tap) bool { return x[0] == a && x[1] == b || x[0] == b && x[1] == a }
	return len(orbit) == 4 && (pair(orbit, a, b) && pair(orbit[2:], c, d) || pair(orbit, c, d) && pair(orbit[2:], a, b))
}

// centre reports whether orbit o is the tap (0, 0) alone.
func (p *orbitSums) centre(o int) bool { return len(p.k[o]) == 1 && p.k[o][0] == Tap{} }

// rowLen is the length of an image row.
func (p *orbitSums) rowLen() int { return p.s.W * p.s.Cin }

// of returns where the sums over orbit o for the image rows from… on are, in the input or in the sums of n image rows, and the
// distance of two pixels.
func (p *orbitSums) of(o int, x, sums []float32, from, n int) (z []float32, pixel int) {
	if p.centre(o) {
		return x[from*p.rowLen()+p.i.from:], p.s.Cin
	}
	at := 0
	for i := range o {
		if !p.centre(i) {
			at++
		}
	}
	at = at*p.distance(n) + orbitGap
	return sums[at : at+n*p.sumsLen()], p.i.len()
}

// sumsLen is the length of an image row of sums.
func (p *orbitSums) sumsLen() int { return p.s.W * p.i.len() }

// orbitGap keeps the places of a pixel in the sums over two orbits, and in the input where its size is a power of two, apart in
// the first cache: with all at multiples of 4 KiB the sums took 10 to 25 % longer.
const orbitGap = 368

// distance is that of the sums over two orbits, for n image rows.
func (p *orbitSums) distance(n int) int { return (n*p.sumsLen()+1023)/1024*1024 + orbitGap }

// room is the length of all sums for n image rows.
func (p *orbitSums) room(n int) int { return p.count*p.distance(n) + orbitGap }

// sum computes the sums for image rows from…from+n−1, counted through all images.
func (p *orbitSums) sum(sums, x []float32, from, n int) {
	ring := p.edges >= 0 && p.corners >= 0
	if ring {
		edges, _ := p.of(p.edges, x, sums, from, n)
		corners, _ := p.of(p.corners, x, sums, from, n)
		p.ring(edges, corners, x, from, n)
	}
	for o := range p.k {
		if p.centre(o) || ring && (o == p.edges || o == p.corners) {
			continue
		}
		z, _ := p.of(o, x, sums, from, n)
		switch o {
		case p.edges:
			p.ring(z, nil, x, from, n)
		case p.corners:
			p.ring(nil, z, x, from, n)
		default:
			p.trees(z, x, p.k[o], from, n)
		}
	}
}

// ring sums by asm.RingSums: all rows of an image that see the same taps at once.
func (p *orbitSums) ring(edges, corners, x []float32, from, n int) {
	row, zRow := p.rowLen(), p.sumsLen()
	for r := 0; r < n; {
		y, at := (from+r)%p.s.H, (from+r)*row+p.i.from
		var above, below []float32
		if y > 0 {
			above = x[at-row:]
		}
		if y < p.s.H-1 {
			below = x[at+row:]
		}
		same := p.sameRows(y, n-r)
		asm.RingSums(after(edges, r*zRow), after(corners, r*zRow), above, x[at:], below, &asm.Ring{
			Channels: p.i.len(), Width: p.s.W, Height: same, XPixel: p.s.Cin, XRow: row, ZPixel: p.i.len(), ZRow: zRow})
		r += same
	}
}

// after returns z from number at on, or nil for nil.
func after(z []float32, at int) []float32 {
	if z == nil {
		return nil
	}
	return z[at:]
}

// trees sums by asm.TreeSum. It takes all columns of rows that see the same taps as one long run and then does those anew
// whose taps fall off the image: few calls, where a call a row would take as long as its sums.
func (p *orbitSums) trees(z, x []float32, orbit []Tap, from, n int) {
	w, ch, i := p.s.W, p.s.Cin, p.i
	for r := 0; r < n; {
		same := p.sameRows((from+r)%p.s.H, n-r)
		run := asm.Stripes{Len: i.len(), Count: (same-1)*w + p.inner.len(), Z: i.len(), X: ch}
		if i.len() == ch {
			run = asm.Stripes{Len: run.Count * ch, Count: 1}
		}
		p.tree(z[(r*w+p.inner.from)*i.len():], x, orbit, from+r, p.inner.from, i.from, &run)
		column := asm.Stripes{Len: i.len(), Count: same, Z: w * i.len(), X: w * ch}
		for at := 0; at < w; at++ {
			if at < p.inner.from || at >= p.inner.to {
				p.tree(z[(r*w+at)*i.len():], x, orbit, from+r, at, i.from, &column)
			}
		}
		r += same
	}
}

// tree sums stripes over an orbit, the first of which begins at channel i of the pixel in column at of image row from.
func (p *orbitSums) tree(z, x []float32, orbit []Tap, from, at, i int, stripes *asm.Stripes) {
	var leaves [8][]float32
	for j, t := range orbit {
		if inside(t[0], from%p.s.H, p.s.H) && inside(t[1], at, p.s.W) {
			leaves[j] = x[((from+t[0])*p.s.W+at+t[1])*p.s.Cin+i:]
		}
	}
	asm.TreeSum(z, leaves[:len(orbit)], stripes)
}

// sameRows returns how many image rows from row y on see the same taps, n at most.
func (p *orbitSums) sameRows(y, n int) int {
	for _, s := range p.rows {
		if y < s.to {
			return min(n, s.to-y)
		}
	}
	return n
}

// inside reports whether a tap at a place of an axis is on the image.
func inside(tap, at, size int) bool { return at+tap >= 0 && at+tap < size }
