package asm

// Stripes is the shape of the work of one call of TreeSum or AddSub: Count stripes of Len numbers each. Those of z are Z numbers
// apart, those of every summand X.
type Stripes struct{ Len, Count, Z, X int }

// TreeSum sums n = len(x) vectors by the balanced tree over neighbours, in each stripe s, for each of its numbers i:
//
//	z[s,i] = ((x₀[s,i] + x₁[s,i]) + (x₂[s,i] + x₃[s,i])) + ((x₄[s,i] + x₅[s,i]) + (x₆[s,i] + x₇[s,i]))
//
// n is 1, 2, 4 or 8. A summand that is nil is +0 everywhere. z must not overlap the summands. It panics with a *LengthError
// where a stripe would reach outside its slice.
func TreeSum(z []float32, x [][]float32, s *Stripes) {
	if !isTree(len(x)) {
		panicLength("TreeSum", len(x))
	}
	nz, nx, some := s.reach("TreeSum")
	if !some {
		return
	}
	reach("TreeSum", nz, z)
	for _, v := range x {
		if v != nil {
			reach("TreeSum", nx, v)
		}
	}
	treeSum(z, x, s)
}

// reach returns how long z and the summands must be, and whether there is any number; it panics if a size is negative.
func (s *Stripes) reach(kernel string) (z, x int, some bool) {
	notNegative(kernel, s.Len, s.Count, s.Z, s.X)
	return plus(times(s.Count-1, s.Z), s.Len), plus(times(s.Count-1, s.X), s.Len), s.Len > 0 && s.Count > 0
}
