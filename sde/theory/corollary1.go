package theory

// Corollary1 is what [Check.Corollary1] finds.
type Corollary1 struct {
	Linear Report // f(x, t) = u(t)·x: the corollary's premise, which says nothing of the group
	Drift  Report // f(Ax, t) = A·f(x, t): its consequence, for the check's group
}

// Corollary1 checks Corollary 1 on a drift: if f(x, t) = u(t)·x for a scalar function u, then f is equivariant under every group
// of linear isometries, and diffusion keeps every invariance of its start. u(t) is the least-squares fit over the points, so the
// premise has the error of its rounding.
//
// The drift of a process of package sde is [Linear](p, n).Drift. Under an exact group its equivariance is one of bits.
func (c Check) Corollary1(f Field) Corollary1 {
	linear := c.report()
	n := c.Group.Dim()
	values, ux := make([]float64, n*len(c.Points)), make([]float64, n)
	for _, t := range c.times() {
		var fx, xx float64
		for k, x := range c.Points {
			mustHave("a point", len(x), n)
			z := values[k*n : (k+1)*n]
			f(z, x, t)
			for i := range z {
				fx += float64(z[i] * x[i])
				xx += float64(x[i] * x[i])
			}
		}
		for k, x := range c.Points {
			for i := range ux {
				ux[i] = fx / xx * x[i]
			}
			linear.compare(values[k*n:(k+1)*n], ux, place{point: x, time: t})
		}
	}
	return Corollary1{linear, c.Equivariant(f)}
}
