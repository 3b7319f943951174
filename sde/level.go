package sde

// The noise level of a process is ς = σ/α; it grows with t. In the variables x/α and ς every linear process is the one of
// [EDM], and in x/σ and 1/ς its probability flow is an integral of D:
//
//	d(x/α)/dς = (x/α − D)/ς,    d(x/σ)/d(α/σ) = D

// level returns ς(t).
func level(p Process, t float64) float64 {
	alpha, sigma := p.Marginal(t)
	return sigma / alpha
}

// timeAt returns the time in [lo, hi] at which σ/α = sigma/alpha, by bisection to the last bit; the nearer end where there
// is none.
func timeAt(p Process, alpha, sigma, lo, hi float64) float64 {
	return bisect(lo, hi, func(t float64) bool {
		a, s := p.Marginal(t)
		return s*alpha >= a*sigma
	})
}

// bisect returns the first t of [lo, hi] from which on a condition holds, hi if it does nowhere.
func bisect(lo, hi float64, holds func(t float64) bool) float64 {
	if holds(lo) {
		return lo
	}
	for {
		mid := (lo + hi) / 2
		switch {
		case !(mid > lo && mid < hi): // nor is it a NaN
			return hi
		case holds(mid):
			hi = mid
		default:
			lo = mid
		}
	}
}
