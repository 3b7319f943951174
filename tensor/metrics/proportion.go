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

// Proportions returns the share of each of the classes 0 … classes−1 among labels, each with Wilson's interval
//
//	(p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n),
//
// which lies within 0 … 1 and has a width also where no label is of the class. No labels, or one that is no class, are a
// *[ShapeError].
func Proportions(labels []int, classes int) ([]Proportion, error) {
	if len(labels) == 0 || classes < 1 {
		return nil, misfit("proportions", "of %d labels in %d classes", len(labels), classes)
	}
	counts := make([]int, classes)
	for i, l := range labels {
		if l < 0 || l >= classes {
			return nil, misfit("proportions", "label %d is %d; there are classes 0 to %d", i, l, classes-1)
		}
		counts[l]++
	}
	all := make([]Proportion, classes)
	for c, k := range counts {
		all[c] = wilson(k, len(labels))
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
