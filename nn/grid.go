package nn

import (
	"fmt"
	"sync"

	"spdiff/group"
	"spdiff/tensor"
)

// A Grid is H×W pixels with a group acting on them about their centre. It keeps the tables that layers need, made when
// they are first asked for, so that the layers of one level of a network share them.
type Grid struct {
	group  group.Group
	h, w   int
	pixels func() [][]int32
	domain func() domain
}

// A domain is a fundamental domain of a grid and its images, see group.Group.Domain.
type domain struct {
	keys   [][]int32
	weight []float32
}

// NewGrid returns a grid of h×w pixels on which g acts. It returns a *group.ActionError if g does not: a quarter turn of
// an oblong grid.
func NewGrid(g group.Group, h, w int) (*Grid, error) {
	if err := g.Acts(h, w); err != nil {
		return nil, err
	}
	return &Grid{
		group:  g,
		h:      h,
		w:      w,
		pixels: sync.OnceValue(func() [][]int32 { return g.Pixels(h, w) }),
		domain: sync.OnceValue(func() domain { k, wt := g.Domain(h, w); return domain{k, wt} }),
	}, nil
}

// Group returns the group that acts on the grid.
func (g *Grid) Group() group.Group { return g.group }

// Size returns the numbers of rows and of columns.
func (g *Grid) Size() (h, w int) { return g.h, g.w }

// String returns the grid as 28×28 under C4.
func (g *Grid) String() string { return fmt.Sprintf("%d×%d under %v", g.h, g.w, g.group) }

// same reports whether two grids have the same size and group.
func (g *Grid) same(o *Grid) bool { return g.group == o.group && g.h == o.h && g.w == o.w }

// doubles reports whether g has twice the rows and columns of o, and its group.
func (g *Grid) doubles(o *Grid) bool { return g.group == o.group && g.h == 2*o.h && g.w == 2*o.w }

// taps returns the kernel of size×size taps tied over the grid's group: one weight for each orbit.
func (g *Grid) taps(size int) tensor.Kernel { return g.group.Taps(size, size) }
