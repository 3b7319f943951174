package asm

// AddSub adds and subtracts, in each of some stretches s of numbers i:
//
//	sum[s,i] = x[s,i] + y[s,i]        diff[s,i] = x[s,i] − y[s,i]
//
// Stretches of sum and diff are at distance Z, those of x and y at distance X. sum may be x, and diff may be y, where the
// distances are equal; else they must not overlap them, nor each other. It panics with a *LengthError where a stretch would
// reach outside its slice.
func AddSub(sum, diff, x, y []float32, s *Stripes) {
	if s.Len < 0 || s.Count < 0 || s.Z < 0 || s.X < 0 {
		panicLength("AddSub", s.Len, s.Count, s.Z, s.X)
	}
	if s.Len == 0 || s.Count == 0 {
		return
	}
	nz, nx := (s.Count-1)*s.Z+s.Len, (s.Count-1)*s.X+s.Len
	if nz > min(len(sum), len(diff)) || nx > min(len(x), len(y)) {
		panicLength("AddSub", nz, len(sum), len(diff), nx, len(x), len(y))
	}
	addSub(sum, diff, x, y, s)
}
