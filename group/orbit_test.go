package group

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Orbits hold each pixel once, are closed under the group, start with their smallest pixel, ascend, and their lengths
// match the stabilisers. Their number is Burnside's: the mean number of fixed pixels over the group.
func TestPixels(t *testing.T) {
	eachAction(func(g Group, h, w int) {
		seen := make([]bool, h*w)
		last := int32(-1)
		orbits := g.Pixels(h, w)
		for _, o := range orbits {
			if o[0] != slices.Min(o) || o[0] <= last {
				t.Errorf("%v on %d×%d: orbit %v follows the one of %d", g, h, w, o, last)
			}
			last = o[0]
			if s := len(g.Stabiliser(int(o[0]), h, w)); len(o)*s != g.Order() {
				t.Errorf("%v on %d×%d: orbit %v, stabiliser of order %d", g, h, w, o, s)
			}
			for _, p := range o {
				if seen[p] {
					t.Errorf("%v on %d×%d: pixel %d twice", g, h, w, p)
				}
				seen[p] = true
				for a := range g.Order() {
					if !slices.Contains(o, g.Permutation(a, h, w)[p]) {
						t.Errorf("%v on %d×%d: %s leaves orbit %v", g, h, w, g.ElementName(a), o)
					}
				}
			}
		}
		if slices.Contains(seen, false) {
			t.Errorf("%v on %d×%d: a pixel is in no orbit", g, h, w)
		}
		fixed := 0
		for a := range g.Order() {
			for p, q := range g.Permutation(a, h, w) {
				if p == int(q) {
					fixed++
				}
			}
		}
		if len(orbits)*g.Order() != fixed {
			t.Errorf("%v on %d×%d: %d orbits, Burnside counts %d/%d", g, h, w, len(orbits), fixed, g.Order())
		}
	})
}

// The law: each orbit's tree sum over a random image has the same bits for the image moved by any element; so has the tree
// over all elements, which is |stabiliser| times it, exactly.
func TestOrbitSumsAreInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	eachAction(func(g Group, h, w int) {
		x, ax := make([]float32, h*w), make([]float32, h*w)
		for range 50 {
			draw(rng, x)
			for a := range g.Order() {
				g.Act(ax, x, a, 1, h, w, 1)
				for _, o := range g.Pixels(h, w) {
					sum, moved := orbitSum(x, o), orbitSum(ax, o)
					if math.Float32bits(sum) != math.Float32bits(moved) {
						t.Fatalf("%v on %d×%d: orbit %v sums to %x, after %s to %x", g, h, w, o, sum, g.ElementName(a), moved)
					}
					whole := sumOf(g.Tree(), x, func(b int) int { return g.move(b, int(o[0]), h, w) })
					if s := float32(g.Order() / len(o)); whole != s*sum {
						t.Fatalf("%v on %d×%d: orbit %v: the whole tree is %x, %v times the small one %x", g, h, w, o, whole, s, s*sum)
					}
				}
			}
		}
	})
}

func orbitSum(x []float32, orbit []int32) float32 {
	leaves := make([]float32, len(orbit))
	for i, p := range orbit {
		leaves[i] = x[p]
	}
	return treeSum(leaves)
}

// The twin that breaks the law: orbits listed in raster order.
func TestRasterOrbitSumsAreNotInvariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	const h, w = 5, 5
	for _, g := range []Group{C4, D4} {
		x, ax := make([]float32, h*w), make([]float32, h*w)
		changed := false
		for range 50 {
			draw(rng, x)
			g.Act(ax, x, 1, 1, h, w, 1)
			for _, o := range g.Pixels(h, w) {
				slices.Sort(o)
				changed = changed || orbitSum(x, o) != orbitSum(ax, o)
			}
		}
		if !changed {
			t.Errorf("%v: sums in raster order kept their bits", g)
		}
	}
}

func TestStabilisers(t *testing.T) {
	for _, c := range []struct {
		p    int // on 5×5
		want []string
	}{
		{0, []string{"e", "sr3"}},  // a corner: the main diagonal
		{2, []string{"e", "s"}},    // the middle of the top row
		{4, []string{"e", "sr"}},   // the other diagonal
		{1, []string{"e"}},         // no axis
		{10, []string{"e", "sr2"}}, // the middle of the left column
		{12, []string{"e", "r", "r2", "r3", "s", "sr", "sr2", "sr3"}}, // the centre
	} {
		var names []string
		for _, a := range D4.Stabiliser(c.p, 5, 5) {
			names = append(names, D4.ElementName(a))
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("pixel %d\n%s", c.p, cmp.Diff(c.want, names))
		}
	}
}

// The numbers of free weights of tied kernels.
func TestTapCounts(t *testing.T) {
	for _, c := range []struct {
		k    int
		want map[Group]int
	}{
		{1, map[Group]int{C1: 1, H: 1, V: 1, C2: 1, D2: 1, C4: 1, D4: 1}},
		{2, map[Group]int{C1: 4, H: 2, V: 2, C2: 2, D2: 1, C4: 1, D4: 1}},
		{3, map[Group]int{C1: 9, H: 6, V: 6, C2: 5, D2: 4, C4: 3, D4: 3}},
		{4, map[Group]int{C1: 16, H: 8, V: 8, C2: 8, D2: 4, C4: 4, D4: 3}},
		{5, map[Group]int{C1: 25, H: 15, V: 15, C2: 13, D2: 9, C4: 7, D4: 6}},
		{7, map[Group]int{C1: 49, H: 28, V: 28, C2: 25, D2: 16, C4: 13, D4: 10}},
	} {
		for g, want := range c.want {
			if got := len(g.Taps(c.k, c.k)); got != want {
				t.Errorf("%v: a %d×%d kernel has %d orbits, want %d", g, c.k, c.k, got, want)
			}
		}
	}
}

// The 5×5 patterns as drawn in the literature: a letter an orbit.
func TestTapPatterns(t *testing.T) {
	for g, want := range map[Group]string{
		C4: "abcda" + "defeb" + "cfgfc" + "befed" + "adcba",
		D4: "abcba" + "bdedb" + "cefec" + "bdedb" + "abcba",
		H:  "abcba" + "defed" + "ghihg" + "jklkj" + "mnonm",
	} {
		got := make([]byte, 25)
		for i, orbit := range g.Taps(5, 5) {
			for _, tap := range orbit {
				got[(tap[0]+2)*5+tap[1]+2] = byte('a' + i)
			}
		}
		// Letters go by first appearance, as orbits do.
		if string(got) != want {
			t.Errorf("%v: %s, want %s", g, got, want)
		}
	}
}

// Along each axis taps run over −(k−1)/2 … k/2, and the first orbits' order is raster order.
func TestTapRange(t *testing.T) {
	for _, s := range grids {
		kh, kw := s[0], s[1]
		i := 0
		for dy := -(kh - 1) / 2; dy <= kh/2; dy++ {
			for dx := -(kw - 1) / 2; dx <= kw/2; dx++ {
				if got := C1.Taps(kh, kw)[i]; !slices.Equal(got, [][2]int{{dy, dx}}) {
					t.Fatalf("%d×%d: orbit %d is %v, want (%d, %d)", kh, kw, i, got, dy, dx)
				}
				i++
			}
		}
		if i != len(C1.Taps(kh, kw)) {
			t.Errorf("%d×%d: %d taps, want %d", kh, kw, len(C1.Taps(kh, kw)), i)
		}
	}
}

// convolve is a tied convolution in float32: zero padding, a tree per orbit, orbits in their order.
func convolve(z, x []float32, orbits [][][2]int, weight []float32, h, w, stride int) {
	for p := range z {
		y0, x0 := p/(w/stride)*stride, p%(w/stride)*stride
		z[p] = 0
		for i, orbit := range orbits {
			leaves := make([]float32, len(orbit))
			for j, tap := range orbit {
				if y, x1 := y0+tap[0], x0+tap[1]; 0 <= y && y < h && 0 <= x1 && x1 < w {
					leaves[j] = x[y*w+x1]
				}
			}
			z[p] += float32(weight[i] * treeSum(leaves))
		}
	}
}

// What the orbits of taps are for: odd kernels with stride 1 and even kernels with stride 2 commute with the group in bits.
func TestTiedConvolutionIsEquivariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const h, w = 8, 8
	for _, g := range All() {
		for _, c := range []struct{ k, stride int }{{1, 1}, {3, 1}, {5, 1}, {7, 1}, {2, 2}, {4, 2}, {6, 2}} {
			orbits := g.Taps(c.k, c.k)
			weight, x := make([]float32, len(orbits)), make([]float32, h*w)
			draw(rng, weight)
			draw(rng, x)
			f := func(z, x []float32) { convolve(z, x, orbits, weight, h, w, c.stride) }
			if d := Check(g, f, x, Images{1, h, w, 1}, Images{1, h / c.stride, w / c.stride, 1}); !d.Exact {
				t.Errorf("%v: a %d×%d kernel with stride %d: %v", g, c.k, c.k, c.stride, d)
			}
		}
	}
}

// The twins that break it: an even kernel with stride 1, an odd one with stride 2.
func TestConvolutionOffCentreIsNotEquivariant(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const h, w = 8, 8
	for _, c := range []struct{ k, stride int }{{2, 1}, {3, 2}} {
		orbits := C4.Taps(c.k, c.k)
		weight, x := make([]float32, len(orbits)), make([]float32, h*w)
		draw(rng, weight)
		draw(rng, x)
		f := func(z, x []float32) { convolve(z, x, orbits, weight, h, w, c.stride) }
		if d := Check(C4, f, x, Images{1, h, w, 1}, Images{1, h / c.stride, w / c.stride, 1}); d.Exact || d.Max < 1e-3 {
			t.Errorf("a %d×%d kernel with stride %d: %v", c.k, c.k, c.stride, d)
		}
	}
}
