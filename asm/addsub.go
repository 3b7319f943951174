package asm

// AddSub adds and subtracts, in each stripe s, for each of its numbers i:
//
//	sum[s,i] = x[s,i] + y[s,i]        diff[s,i] = x[s,i] − y[s,i]
//
// Stripes of sum and diff are Z numbers apart, those of x and y X. sum may be x, and diff may be y, where the distances are equal;
// else they must not overlap them, nor each other. It panics with a *LengthError where a stripe would reach outside its slice.
func AddSub(sum, diff, x, y []float32, s *Stripes) {
	nz, nx, some := s.reach("AddSub")
	if !some {
		return
	}
	reach("AddSub", nz, sum, diff)
	reach("AddSub", nx, x, y)
	addSub(sum, diff, x, y, s)
}
