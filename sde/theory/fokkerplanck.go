package theory

import (
	"context"
	"math"
	"slices"

	"spdiff/sde"
)

// Evolve moves a density on a grid along the ascending times by the Fokker–Planck equation of p,
//
//	∂p/∂t = −div(f p) + g²/2 Δp,
//
// with no flow through the borders: choose the radius so that little arrives there. If trace is not nil it sees the density at
// every time, the first included, which it must not keep or change.
//
// The grid is a Markov chain. With D = g²/2 and width h, mass jumps over a face where the drift across it is f at the rates
//
//	D/h² · B(∓fh/D),   B(z) = z/(eᶻ − 1)
//
// up and down (Scharfetter and Gummel 1969), which become those of the pure drift, max(±f, 0)/h, as D → 0. Steps of time are
// Heun's, the mean of the density and of two Euler steps on from it, and as long as no more than 9/10 of a cell's mass leaves in
// the first, and no more than all of it in the second: about h²/(n·g²). So densities stay positive and keep their mass. The error
// is of order h² where diffusion rules, h where drift does.
//
// A face's flow is computed from its two cells in one way from either side, and a cell's from its opposite faces in pairs. A drift
// that commutes to the last bit with signed permutations of coordinates therefore keeps an invariant density invariant to the
// last bit: Proposition 1 as an equality. This is why the scheme is explicit; implicit ones sweep from left to right.
//
// It returns the error of sde.Stopped, a [*TimesError], or a [*NotFiniteError]. It panics with a [*DimensionError] or a
// [*GridError] if p, grid and density do not fit together.
func (p Ito) Evolve(ctx context.Context, grid Grid, density, times []float64, trace func(i int, density []float64)) error {
	mustHave("the density", len(density), grid.Len())
	mustHave("the process", p.Dim, grid.Dim)
	if err := checkTimes(times); err != nil {
		return err
	}
	c := newChain(p, grid)
	for i, t := range times {
		if trace != nil {
			trace(i, density)
		}
		if i == len(times)-1 {
			break
		}
		if err := c.now.set(c, t); err != nil {
			return err
		}
		for t < times[i+1] {
			if err := sde.Stopped(ctx); err != nil {
				return err
			}
			h, err := c.advance(density, t, times[i+1]-t)
			if err != nil {
				return err
			}
			t += h
		}
	}
	return nil
}

// A chain is the Markov chain of a process on a grid, at the start of a step and at its end.
type chain struct {
	process   Ito
	grid      Grid
	faces     [][]face // of each axis
	now, next *rates
	first     []float64 // after one Euler step, after two, and scratch
	second    []float64
	flow      []float64
}

// A face between cell c and the next along an axis, with the point in its middle.
type face struct {
	cell   int
	middle []float64
}

func newChain(p Ito, grid Grid) *chain {
	n := grid.Len()
	c := &chain{process: p, grid: grid, first: make([]float64, n), second: make([]float64, n), flow: make([]float64, n)}
	c.now, c.next = newRates(grid), newRates(grid)
	for k := range grid.Dim {
		c.faces = append(c.faces, nil)
		for cell, x := range grid.Centres() {
			if i := cell / c.stride(k) % grid.Cells; i < grid.Cells-1 {
				x[k] = grid.coordinate(i, 1)
				c.faces[k] = append(c.faces[k], face{cell, x})
			}
		}
	}
	return c
}

// stride returns how far apart in a density neighbours along axis k are.
func (c *chain) stride(k int) int {
	if k == c.grid.Dim-1 {
		return 1
	}
	return c.grid.Cells
}

// advance moves the density from t by a step, not longer than left, and returns its length. No more than 9/10 of a cell's mass leaves
// at the rates of its start, and no more than all of it at those of its end: a density never becomes negative.
func (c *chain) advance(density []float64, t, left float64) (float64, error) {
	const part = 0.9
	h := math.Min(part/c.now.fastest, left)
	for {
		if err := c.next.set(c, t+h); err != nil {
			return 0, err
		}
		if t+h == t {
			return 0, &NotFiniteError{c.now.fastest, slices.Index(c.now.leaving, c.now.fastest), t}
		}
		if h*c.next.fastest <= 1 {
			break
		}
		h = math.Min(h/2, part/c.next.fastest)
	}
	c.euler(c.first, density, c.now, h)
	c.euler(c.second, c.first, c.next, h)
	for cell, v := range c.second {
		density[cell] = (density[cell] + v) / 2
	}
	c.now, c.next = c.next, c.now
	return h, nil
}

// euler sets z to the density x after a step of length h. flow[c] is what crosses the upper face of c.
func (c *chain) euler(z, x []float64, r *rates, h float64) {
	clear(z)
	for k, faces := range c.faces {
		flow, stride := c.flow, c.stride(k)
		clear(flow)
		for _, face := range faces {
			i, j := face.cell, face.cell+stride
			flow[i] = float64(r.up[k][i]*x[i]) - float64(r.down[k][i]*x[j])
		}
		for cell := range z {
			in := 0.0
			if cell/stride%c.grid.Cells > 0 {
				in = flow[cell-stride]
			}
			z[cell] += in - flow[cell]
		}
	}
	for cell, v := range x {
		z[cell] = v + float64(h*z[cell])
	}
}
