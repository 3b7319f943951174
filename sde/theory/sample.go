package theory

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

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
	cos, sin := make([]float64, len(x)/n), make([]float64, len(x)/n)
	for a := range c.Group.Order() {
		c.Group.Act64(ax, x, a)
		for _, w := range c.Points {
			mustHave("a point", len(w), n)
			for k := range cos {
				sa, ca := math.Sincos(floats.Dot(w, ax[k*n:(k+1)*n]))
				s, c := math.Sincos(floats.Dot(w, x[k*n:(k+1)*n]))
				cos[k], sin[k] = ca-c, sa-s
			}
			z := math.Max(score(cos), score(sin))
			r.Exact = r.Exact && z == 0
			r.see(z, place{point: w, element: a})
		}
	}
	return r
}

// score returns |mean| in the standard errors of a mean that should be 0; and 0 where the mean is of rounding errors only.
func score(differences []float64) float64 {
	sum := floats.Sum(differences)
	if math.Abs(sum) <= 1e-9*float64(len(differences)) {
		return 0
	}
	return math.Abs(sum) / floats.Norm(differences, 2)
}
