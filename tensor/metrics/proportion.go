package metrics

import "math"

// A Proportion is the share of a class, with an interval.
type Proportion struct {
	Count int     `json:"count"`
	Of    int     `json:"of"`
	Share float64 `json:"share"` // Count/Of
	Low   float64 `json:"low"`   // 95 % by Wilson's score
	High  float64 `json:"high"`
}

// z95 is the normal quantile of 0.975.
const z95 = 1.959963984540054

// Proportions returns the share of each class, of how many there are of each, with Wilson's interval
//
//	(p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n),
//
// which lies within 0 … 1 and has a width also where nothing is of the class. No class, nothing in any, or a negative count is a
// *[ShapeError].
func Proportions(counts []int64) ([]Proportion, error) {
	n := 0
	for c, k := range counts {
		if k < 0 {
			return nil, misfit("proportions", "%d of class %d", k, c)
		}
		n += int(k)
	}
	if n < 1 {
		return nil, misfit("proportions", "of %d in %d classes", n, len(counts))
	}
	all := make([]Proportion, len(counts))
	for c, k := range counts {
		all[c] = wilson(int(k), n)
	}
	return all, nil
}

// wilson returns k of n with its interval.
func wilson(k, n int) Proportion {
	const z2 = z95 * z95
	p, f := float64(k)/float64(n), float64(n)
	centre := p + z2/float64(2*f)
	half := float64(z95 * math.Sqrt(float64(p*(1-p))/f+z2/float64(4*float64(f*f))))
	all := 1 + z2/f
	low, high := (centre-half)/all, (centre+half)/all
	if k == 0 {
		low = 0 // not a rounding error more or less
	}
	if k == n {
		high = 1
	}
	return Proportion{k, n, p, low, high}
}
