package theory

import "math"

// Sample checks whether a sample, independent points of ℝⁿ one after another in x, can come from an invariant distribution. The
// check's points serve as frequencies w: for the functions cos w·x and sin w·x, whose means determine a distribution, the mean of
// the differences φ(Ax) − φ(x) over the sample must be 0.
//
// Violations are in standard errors, so the bound should be about 5 (a normal number exceeds that with probability 6·10⁻⁷; there
// are 2·|G| of them for each point). Report.Point is the frequency. Choose frequencies of the order of 1/(the size of what may
// differ).
func (c Check) Sample(x []float64) Report {
	n := c.Group.Dim()
	mustHave("the sample", len(x), len(x)/n*n)
	r, ax := c.report(), make([]float64, len(x))
	for a := range c.Group.Order() {
		c.Group.Act64(ax, x, a)
		for _, w := range c.Points {
			mustHave("a point", len(w), n)
			var cos, sin tally
			for at := 0; at < len(x); at += n {
				sa, ca := math.Sincos(dot(w, ax[at:]))
				s, c := math.Sincos(dot(w, x[at:]))
				cos.add(ca - c)
				sin.add(sa - s)
			}
			z := math.Max(cos.score(), sin.score())
			r.Exact = r.Exact && z == 0
			r.see(z, place{point: w, element: a})
		}
	}
	return r
}

func dot(w, x []float64) (sum float64) {
	for i, v := range w {
		sum += float64(v * x[i])
	}
	return sum
}

// A tally is a mean under way.
type tally struct{ n, sum, squares float64 }

func (t *tally) add(d float64) {
	t.n++
	t.sum += d
	t.squares += float64(d * d)
}

// score returns |mean| in the standard errors of a mean that should be 0; and 0 where the mean is of rounding errors only.
func (t *tally) score() float64 {
	if math.Abs(t.sum) <= 1e-9*t.n {
		return 0
	}
	return math.Abs(t.sum) / math.Sqrt(t.squares)
}
