package asm

// Stripes is the shape of the work of one call of TreeSum: Count stretches of Len numbers, those of z at distance Z and those
// of every summand at distance X.
type Stripes struct{ Len, Count, Z, X int }

// TreeSum sums n = len(x) vectors by the balanced tree over neighbours, in each of some stretches s of numbers i:
//
//	z[s,i] = ((x₀[s,i] + x₁[s,i]) + (x₂[s,i] + x₃[s,i])) + ((x₄[s,i] + x₅[s,i]) + (x₆[s,i] + x₇[s,i]))
//
// n is 1, 2, 4 or 8. A summand that is nil is +0 everywhere. z must not overlap the summands. It panics with a *LengthError
// where a stretch would reach outside its slice.
func TreeSum(z []float32, x [][]float32, s *Stripes) {
	if n := len(x); n != 1 && n != 2 && n != 4 && n != 8 {
		panicLength("TreeSum", n)
	}
	if s.Len < 0 || s.Count < 0 || s.Z < 0 || s.X < 0 {
		panicLength("TreeSum", s.Len, s.Count, s.Z, s.X)
	}
	if s.Len == 0 || s.Count == 0 {
		return
	}
	nz, nx := (s.Count-1)*s.Z+s.Len, (s.Count-1)*s.X+s.Len
	if nz > len(z) {
		panicLength("TreeSum", nz, len(z))
	}
	for _, v := range x {
		if v != nil && nx > len(v) {
			panicLength("TreeSum", nx, len(v))
		}
	}
	treeSum(z, x, s)
}
