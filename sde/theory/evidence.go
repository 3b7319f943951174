package theory

import (
	"fmt"
	"math"
	"slices"
)

// report returns a report in which nothing was seen yet: with the number of different points that can show a violation, and the
// reason why there is no evidence. shows says whether a point can; nil stands for all points.
func (c Check) report(shows func(x []float64) bool) Report {
	r := Report{Bound: c.Bound}
	r.Evidence, r.Why = c.evidence(shows)
	return r
}

func (c Check) evidence(shows func(x []float64) bool) (n int, why string) {
	points := c.points()
	if shows != nil {
		points = slices.DeleteFunc(points, func(x []float64) bool { return !shows(x) })
	}
	slices.SortFunc(points, slices.Compare)
	n = len(slices.CompactFunc(points, slices.Equal))
	for k, x := range c.Points {
		if i := slices.IndexFunc(x, notFinite); i >= 0 {
			return n, fmt.Sprintf("point %d has the coordinate %v", k, x[i])
		}
	}
	if i := slices.IndexFunc(c.times(), notFinite); i >= 0 {
		return n, fmt.Sprintf("time %d is %v", i, c.Times[i])
	}
	switch {
	case len(c.times()) == 0:
		return n, "there are no times (nil stands for time 0)"
	case n < 2:
		return n, fmt.Sprintf("of %d points %d can show a violation, copies left out; there must be two or more", len(c.Points), n)
	}
	return n, ""
}

func notFinite(v float64) bool { return v-v != 0 }

// points returns those whose coordinates are finite. It panics with a [*DimensionError] if a point is not of ℝⁿ.
func (c Check) points() (points [][]float64) {
	for _, x := range c.Points {
		mustHave("a point", len(x), c.Group.Dim())
		if !slices.ContainsFunc(x, notFinite) {
			points = append(points, x)
		}
	}
	return points
}

// moves reports whether an element moves x, or there is only the identity: at a point that stays, f(Ax) = f(x) says nothing.
func (c Check) moves(x []float64) bool {
	ax := make([]float64, len(x))
	for a := range c.Group.Order() {
		if c.Group.Act64(ax, x, a); !slices.Equal(ax, x) {
			return true
		}
	}
	return c.Group.Order() == 1
}

// typical returns for each time the median, over the points, of the size of f: the largest of its finite numbers.
func (c Check) typical(n int, f Field) []float64 {
	points, z := c.points(), make([]float64, n)
	all := make([]float64, 0, len(c.times()))
	for _, t := range c.times() {
		var sizes []float64
		for _, x := range points {
			f(z, x, t)
			sizes = append(sizes, size(z))
		}
		all = append(all, median(sizes))
	}
	return all
}

// size returns the largest |number| of those that are finite.
func size(z []float64) (largest float64) {
	for _, v := range z {
		if !notFinite(v) {
			largest = math.Max(largest, math.Abs(v))
		}
	}
	return largest
}

// median returns the middle of the numbers, the upper of two, and 0 where there are none. It sorts them.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return x[len(x)/2]
}
