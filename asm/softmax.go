package asm

// ExpSum replaces x, one or 2, 4 or 8 lists of len(w) numbers one after another, by e = exp(x − max x), the maximum taken over
// all of it, and returns Σ_d w[d]·tree_l e[l, d]: the lists' numbers at d added by the balanced tree over neighbours, then the
// sum by Dot. It is a row of a softmax whose keys a group permutes by lists. Of one list it is what Max, Shift, Exp and Dot
// give, bit for bit; with w all ones, Sum. It panics with a *LengthError if x is not 1, 2, 4 or 8 lists.
func ExpSum(x, w []float32) float32 {
	switch len(x) {
	case len(w), 2 * len(w), 4 * len(w), 8 * len(w):
	default:
		panicLength("ExpSum", len(x), len(w))
	}
	if len(x) == 0 {
		return 0
	}
	return expSum(x, w)
}

// SoftmaxSlope sets p to p·a and z to (z − Σ p·z)·p: what Scale, Dot, Shift and Mul give, bit for bit. It is a row of the
// gradient of a softmax, for p·a the probabilities and z the gradient by them. z and p must not overlap; it panics with a
// *LengthError if they are not of one length.
func SoftmaxSlope(z, p []float32, a float32) {
	same("SoftmaxSlope", z, p)
	if len(z) > 0 {
		softmaxSlope(z, p, a)
	}
}
