package theory

import (
	"fmt"
	"math"
)

// A Grid is the cube [−Radius, Radius]ⁿ of the line (Dim = 1) or the plane (Dim = 2), cut into Cells equal parts along each
// coordinate. A density on it is a number for each cell, the first coordinate running slowest.
//
// The grid is symmetric about 0 to the last bit: signed permutations of coordinates carry centres to centres.
type Grid struct {
	Dim    int
	Cells  int
	Radius float64
}

// A GridError says that a grid makes no sense.
type GridError struct{ Grid Grid }

// Error says what a grid must be.
func (e *GridError) Error() string {
	return fmt.Sprintf("theory: a grid of dimension %d, %d cells and radius %v: the dimension must be 1 or 2, the cells at least 2 and "+
		"at most 2^24 in all, the radius positive and finite", e.Grid.Dim, e.Grid.Cells, e.Grid.Radius)
}

// Len returns the number of cells, Cellsⁿ. It panics with a [*GridError] if the grid makes no sense.
func (g Grid) Len() int {
	if g.Dim < 1 || g.Dim > 2 || g.Cells < 2 || g.Cells > 1<<(24/g.Dim) || !(g.Radius > 0) || math.IsInf(g.Radius, 1) {
		panic(&GridError{g})
	}
	if g.Dim == 1 {
		return g.Cells
	}
	return g.Cells * g.Cells
}

// Width returns the width of a cell.
func (g Grid) Width() float64 { return 2 * g.Radius / float64(g.Cells) }

// volume returns that of a cell.
func (g Grid) volume() float64 {
	if g.Dim == 1 {
		return g.Width()
	}
	return g.Width() * g.Width()
}

// coordinate returns the place of cell i along an axis, half 0 its centre, half 1 its upper face.
func (g Grid) coordinate(i, half int) float64 {
	return float64(2*i+1+half-g.Cells) * (g.Radius / float64(g.Cells))
}

// Centres returns the centres of all cells, in order: points of a [Check].
func (g Grid) Centres() [][]float64 {
	centres := make([][]float64, g.Len())
	for c := range centres {
		if g.Dim == 1 {
			centres[c] = []float64{g.coordinate(c, 0)}
		} else {
			centres[c] = []float64{g.coordinate(c/g.Cells, 0), g.coordinate(c%g.Cells, 0)}
		}
	}
	return centres
}

// Cell returns the number of the cell that x lies in, or −1 if it is outside. It panics with a [*DimensionError] if x is shorter
// than the dimension.
func (g Grid) Cell(x []float64) int {
	if len(x) < g.Dim {
		panic(&DimensionError{"x", len(x), g.Dim})
	}
	c := 0
	for _, v := range x[:g.Dim] {
		i := math.Floor((v + g.Radius) / g.Width())
		if !(i >= 0 && i < float64(g.Cells)) {
			return -1
		}
		c = c*g.Cells + int(i)
	}
	return c
}

// Fill returns the density with the values of f at the centres, divided by their integral: NaN or infinite if that is 0.
func (g Grid) Fill(f func(x []float64) float64) []float64 {
	density := make([]float64, g.Len())
	for c, x := range g.Centres() {
		density[c] = f(x)
	}
	mass := g.Mass(density)
	for c := range density {
		density[c] /= mass
	}
	return density
}

// Mass returns the integral of a density.
func (g Grid) Mass(density []float64) float64 {
	mustHave("the density", len(density), g.Len())
	sum := 0.0
	for _, v := range density {
		sum += v
	}
	return sum * g.volume()
}

// Histogram returns the density of a sample, points one after another in x. Points outside count, but in no cell. Of no
// points it is 0 everywhere.
func (g Grid) Histogram(x []float64) []float64 {
	density := make([]float64, g.Len())
	mustHave("the sample", len(x), len(x)/g.Dim*g.Dim)
	n := len(x) / g.Dim
	for k := range n {
		if c := g.Cell(x[k*g.Dim:]); c >= 0 {
			density[c]++
		}
	}
	for c := range density {
		density[c] /= float64(max(n, 1)) * g.volume()
	}
	return density
}

// Function returns the density as a [Function], constant in each cell and 0 outside: for [Check.Invariant] at [Grid.Centres].
func (g Grid) Function(density []float64) Function {
	mustHave("the density", len(density), g.Len())
	return func(x []float64, _ float64) float64 {
		if c := g.Cell(x); c >= 0 {
			return density[c]
		}
		return 0
	}
}
