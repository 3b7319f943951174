package nn

import (
	"slices"

	"spdiff/group"
	"spdiff/tensor"
)

// A Support says which taps of its square a convolution kernel between scalar fields has. In JSON it is its name.
type Support uint8

const (
	// Square is all taps. On 3×3 taps C4 has the same orbits as D4: {corners}, {edges}, {centre}. So a
	// network of tied 3×3 kernels over C4 commutes with D4, and draws a digit's mirror image as often as the digit.
	Square Support = iota

	// Pinwheel is the inner 3×3 of 5×5 taps and one orbit of knight's moves under the quarter turns, (−2, −1), (−1, 2), (2, 1) and
	// (1, −2) as (dy, dx). Mirrors map these to the other four knight's moves, so a tied kernel tells C4 from D4. It has 4 weights,
	// the square of 5×5 taps has 7, and that of 3×3 has 3.
	Pinwheel
)

var supports = names{"support", []string{"square", "pinwheel"}}

// pinwheelSize is the taps across the square around a pinwheel.
const pinwheelSize = 5

// String returns the name of the support: square or pinwheel.
func (s Support) String() string { return supports.of(uint8(s)) }

// MarshalText returns the name. It never fails.
func (s Support) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets s to the support of that name.
func (s *Support) UnmarshalText(name []byte) error { return supports.parse(name, (*uint8)(s)) }

// has reports whether a tap is one of the support's.
func (s Support) has(t tensor.Tap) bool {
	y, x := t[0], t[1]
	return s == Square || y*y+x*x <= 2 || y*y+x*x == 5 && (y*x > 0) == (y*y > x*x)
}

// taps returns the orbits under g of size×size taps that have a tap in the support, each orbit whole.
func (s Support) taps(g group.Group, size int) (k tensor.Kernel) {
	for _, orbit := range g.Taps(size, size) {
		if slices.ContainsFunc(orbit, s.has) {
			k = append(k, orbit)
		}
	}
	return k
}

// fits reports whether g maps the support to itself.
func (s Support) fits(g group.Group, size int) bool {
	outside := func(t tensor.Tap) bool { return !s.has(t) }
	return !slices.ContainsFunc(s.taps(g, size), func(orbit []tensor.Tap) bool { return slices.ContainsFunc(orbit, outside) })
}

// Symmetry returns the largest of our groups that every network of the configuration commutes with: Group, or more than that where
// its kernels are too small to tell. Scalar features commute with any group whose orbits of taps are those of Group, as D4 has the
// orbits of C4 on 3×3 taps; regular ones with a larger group only if kernels have 1×1 taps. The configuration must be valid.
func (c UNetConfig) Symmetry() group.Group {
	most := c.Group
	for _, g := range group.All() {
		if g.Order() > most.Order() && g.Acts(c.ImageHeight, c.ImageWidth) == nil && g.Acts(c.Kernel, c.Kernel) == nil && c.tiesAs(g) {
			most = g
		}
	}
	return most
}

// tiesAs reports whether the kernels would be the same under g.
func (c UNetConfig) tiesAs(g group.Group) bool {
	if c.planes() > 1 {
		return c.Kernel == 1
	}
	return c.Taps.fits(g, c.Kernel) && sameOrbits(c.Taps.taps(c.Group, c.Kernel), c.Taps.taps(g, c.Kernel))
}

// sameOrbits reports whether two kernels have the same orbits, in whatever order.
func sameOrbits(a, b tensor.Kernel) bool {
	names := func(k tensor.Kernel) map[tensor.Tap]tensor.Tap { // of each tap, the first of its orbit in raster order
		of := map[tensor.Tap]tensor.Tap{}
		for _, orbit := range k {
			first := slices.MinFunc(orbit, func(s, t tensor.Tap) int { return slices.Compare(s[:], t[:]) })
			for _, t := range orbit {
				of[t] = first
			}
		}
		return of
	}
	x, y := names(a), names(b)
	for t, first := range x {
		if other, ok := y[t]; !ok || other != first {
			return false
		}
	}
	return len(x) == len(y)
}
