package tensor

import "spdiff/asm"

// A planes computes, for a range of image rows, the sums of the input over the orbits of a kernel, one plane of pixels an
// orbit. An orbit that is the tap (0, 0) alone needs none: the input itself is its plane.
type planes struct {
	s     ConvShape
	k     Kernel
	spans []span // columns that see the same taps
	count int    // planes that are computed
}

func newPlanes(s ConvShape, k Kernel) *planes {
	p := &planes{s: s, k: k, spans: sameTaps(k, axisX, s.W)}
	for o := range k {
		if !p.centre(o) {
			p.count++
		}
	}
	return p
}

func (p *planes) centre(o int) bool { return len(p.k[o]) == 1 && p.k[o][0] == Tap{} }

// rowLen is the length of an image row.
func (p *planes) rowLen() int { return p.s.W * p.s.Cin }

// plane returns where orbit o of the image rows from… on is: in the input, or in the sums of n image rows.
func (p *planes) plane(o int, x, sums []float32, from, n int) []float32 {
	if p.centre(o) {
		return x[from*p.rowLen():]
	}
	at := 0
	for i := range o {
		if !p.centre(i) {
			at++
		}
	}
	size := n * p.rowLen()
	return sums[at*size : (at+1)*size]
}

// sum computes the planes of image rows from…from+n−1, counted through all images.
func (p *planes) sum(sums, x []float32, from, n int) { p.sumPart(sums, x, from, n, 0, n) }

// sumPart computes rows lo…hi−1 of the planes of n image rows from row from on.
func (p *planes) sumPart(sums, x []float32, from, n, lo, hi int) {
	for o := range p.k {
		if p.centre(o) {
			continue
		}
		plane := p.plane(o, x, sums, from, n)
		for i := lo; i < hi; {
			same := p.sameRows((from+i)%p.s.H, hi-i)
			p.sumRows(plane[i*p.rowLen():], x, p.k[o], from+i, same)
			i += same
		}
	}
}

// sameRows returns how many image rows from row y on see the same taps, n at most.
func (p *planes) sameRows(y, n int) int {
	same := 1
	for same < n && y+same < p.s.H && !tapsChange(p.k, axisY, y+same, p.s.H) {
		same++
	}
	return same
}

// sumRows sums n image rows that see the same taps of an orbit.
func (p *planes) sumRows(z, x []float32, orbit []Tap, from, n int) {
	var leaves [8][]float32
	for _, s := range p.spans {
		for i, t := range orbit {
			leaves[i] = nil
			if inside(t[0], from%p.s.H, p.s.H) && inside(t[1], s.from, p.s.W) {
				leaves[i] = x[((from+t[0])*p.s.W+s.from+t[1])*p.s.Cin:]
			}
		}
		asm.TreeSum(z[s.from*p.s.Cin:], leaves[:len(orbit)], &asm.Stripes{
			Len: s.len() * p.s.Cin, Count: n, Z: p.rowLen(), X: p.rowLen()})
	}
}
