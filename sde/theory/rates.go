package theory

import "math"

// rates are those of the jumps of a chain at one time. up[k][c] is the rate from cell c to the next along axis k, down[k][c] that
// back; both are 0 at the border.
type rates struct {
	up, down [][]float64
	leaving  []float64 // of all jumps from a cell
	fastest  float64   // the largest of these
	axis     []float64 // scratch
}

func newRates(grid Grid) *rates {
	n := grid.Len()
	r := &rates{leaving: make([]float64, n), axis: make([]float64, n)}
	for range grid.Dim {
		r.up, r.down = append(r.up, make([]float64, n)), append(r.down, make([]float64, n))
	}
	return r
}

// set computes the rates at time t. It returns a [*NotFiniteError] if one is a NaN or an infinity.
func (r *rates) set(c *chain, t float64) error {
	g, h := c.process.Diffusion(t), c.grid.Width()
	d, f := float64(g*g)/2, make([]float64, c.grid.Dim)
	clear(r.leaving)
	for k, faces := range c.faces {
		clear(r.axis) // up and down are added first, whatever the axis
		for _, face := range faces {
			c.process.Drift(f, face.middle, t)
			up, down := jumpRates(f[k], d, h)
			r.up[k][face.cell], r.down[k][face.cell] = up, down
			r.axis[face.cell] += up
			r.axis[face.cell+c.stride(k)] += down
		}
		for cell, rate := range r.axis {
			r.leaving[cell] += rate
		}
	}
	r.fastest = 0
	for cell, rate := range r.leaving {
		if rate-rate != 0 {
			return &NotFiniteError{rate, cell, t}
		}
		r.fastest = math.Max(r.fastest, rate)
	}
	return nil
}

// jumpRates returns D/h² B(−fh/D) and D/h² B(fh/D).
func jumpRates(f, d, h float64) (up, down float64) {
	z := f * h / d
	if d == 0 || math.IsInf(z, 0) {
		return math.Max(f, 0) / h, math.Max(-f, 0) / h
	}
	return d / (h * h) * bernoulli(-z), d / (h * h) * bernoulli(z)
}

// bernoulli returns z/(eᶻ − 1).
func bernoulli(z float64) float64 {
	if z == 0 {
		return 1
	}
	return z / math.Expm1(z)
}
