package tensor

import "spdiff/asm"

// dense is the work of a convolution whose orbits are single taps.
func (f forward) dense() []Task {
	units := f.units(f.s.Cin)
	return []Task{{N: len(units), Do: func(i, _ int) {
		s := borrow(len(f.k), 0)
		f.unit(&units[i], s.segments)
		s.giveBack()
	}}}
}

// unit computes a unit.
func (f *forward) unit(u *unit, segments []asm.Segment) {
	l := f.layout(u.panel)
	segments = segments[:len(u.taps)]
	u.eachRun(l.most(len(u.taps)), func(r run) {
		for i, t := range u.taps {
			segments[i] = asm.Segment{X: f.x[(r.x.first+t.at)*l.x:], W: f.weights(f.packed, l.panel, t.orbit)}
		}
		t := l.tiling(&r)
		f.tile(f.z[r.z.first*l.z+l.from:], f.bias[l.from:], segments, &t)
	})
}
