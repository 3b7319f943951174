package group

import (
	"fmt"
	"math"
	"slices"
)

// An ActionError says that a group does not act on a grid.
type ActionError struct {
	Group string // its name
	H, W  int    // the grid: rows, columns
}

// Error names the group and the grid, and says why the one cannot act on the other.
func (e *ActionError) Error() string {
	switch {
	case e.H < 1 || e.W < 1:
		return fmt.Sprintf("group: %s on a %d×%d grid: a grid has at least one row and one column", e.Group, e.H, e.W)
	case e.H > math.MaxInt32/e.W:
		return fmt.Sprintf("group: %s on a %d×%d grid: at most 2³¹−1 pixels can be numbered", e.Group, e.H, e.W)
	}
	return fmt.Sprintf("group: %s does not act on a %d×%d grid: a quarter turn makes it %d×%d; "+
		"use a square grid, or one of C1, H, V, C2, D2", e.Group, e.H, e.W, e.W, e.H)
}

// Acts returns nil if g acts on grids of h×w pixels, else an [*ActionError]: h and w must be positive, and equal where g
// has quarter turns.
func (g Group) Acts(h, w int) error {
	swaps := func(e element) bool { return e.matrix.swaps() }
	if h < 1 || w < 1 || h > math.MaxInt32/w || h != w && slices.ContainsFunc(g.table().elements, swaps) {
		return &ActionError{g.Name(), h, w}
	}
	return nil
}

// mustAct panics with an [*ActionError] if g does not act on h×w grids.
func (g Group) mustAct(h, w int) {
	if err := g.Acts(h, w); err != nil {
		panic(err)
	}
}

// move returns a·p on a grid of h×w pixels, p = y·w + x. Twice the distance to the centre, an integer for even sizes too,
// is what the matrix acts on.
func (g Group) move(a, p, h, w int) int {
	y, x := g.table().elements[a].matrix.apply(2*(p/w)-(h-1), 2*(p%w)-(w-1))
	return (y+h-1)/2*w + (x+w-1)/2
}

// Permutation returns how a acts on images of h×w pixels, p = y·w + x: (a·x)[p] = x[perm[p]], that is perm[p] = a⁻¹p.
// So the permutation of ab is p ↦ perm_b[perm_a[p]], and that of a⁻¹ the inverse one.
//
// It panics with an [*ActionError] where [Group.Acts] returns one.
func (g Group) Permutation(a, h, w int) []int32 {
	g.mustAct(h, w)
	a = g.Inverse(a)
	perm := make([]int32, h*w)
	for p := range perm {
		perm[p] = int32(g.move(a, p, h, w))
	}
	return perm
}

// A LengthError says that a slice does not hold the images it should.
type LengthError struct {
	What       string // the argument
	Len        int    // its length
	N, H, W, C int    // the images
}

// Error names the argument, its length and the one that the images need.
func (e *LengthError) Error() string {
	return fmt.Sprintf("group: %s has %d numbers; %d images of %d×%d pixels and %d channels have %d",
		e.What, e.Len, e.N, e.H, e.W, e.C, e.N*e.H*e.W*e.C)
}

// Act sets z = a·x, each of n images of h×w pixels of c channels (NHWC) turned or mirrored by the element a. Pixels move
// whole, so no number changes its bits. z and x must not overlap. Act allocates nothing.
//
// It panics with an [*ActionError] where [Group.Acts] returns one, and with a [*LengthError] if z or x is not n·h·w·c long.
func (g Group) Act(z, x []float32, a, n, h, w, c int) {
	g.mustAct(h, w)
	if len(z) != n*h*w*c {
		panic(&LengthError{"z", len(z), n, h, w, c})
	}
	if len(x) != n*h*w*c {
		panic(&LengthError{"x", len(x), n, h, w, c})
	}
	a = g.Inverse(a)
	for p := range h * w {
		q := g.move(a, p, h, w)
		for i := 0; i < n*h*w; i += h * w {
			copy(z[(i+p)*c:(i+p+1)*c], x[(i+q)*c:])
		}
	}
}
