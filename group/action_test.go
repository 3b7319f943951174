package group

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// grids on which something acts: odd, even, oblong, thin.
var grids = [][2]int{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {7, 7}, {8, 8}, {2, 4}, {3, 5}, {4, 3}, {1, 6}, {7, 1}}

// eachAction calls do for every group and every grid it acts on.
func eachAction(do func(g Group, h, w int)) {
	for _, g := range All() {
		for _, s := range grids {
			if g.Acts(s[0], s[1]) == nil {
				do(g, s[0], s[1])
			}
		}
	}
}

// The pictures: how each element moves 3×3 and 2×3 pixels.
func TestPermutationPictures(t *testing.T) {
	for _, c := range []struct {
		g       Group
		element string
		h, w    int
		want    []int32
	}{
		{C4, "r", 3, 3, []int32{2, 5, 8, 1, 4, 7, 0, 3, 6}}, // counter-clockwise: the right column becomes the top row
		{C4, "r2", 3, 3, []int32{8, 7, 6, 5, 4, 3, 2, 1, 0}},
		{C4, "r3", 3, 3, []int32{6, 3, 0, 7, 4, 1, 8, 5, 2}},
		{D4, "s", 3, 3, []int32{2, 1, 0, 5, 4, 3, 8, 7, 6}},
		{D4, "sr", 3, 3, []int32{8, 5, 2, 7, 4, 1, 6, 3, 0}}, // turned, then mirrored: along the anti-diagonal
		{D4, "sr3", 3, 3, []int32{0, 3, 6, 1, 4, 7, 2, 5, 8}},
		{C4, "r", 2, 2, []int32{1, 3, 0, 2}},
		{H, "h", 2, 3, []int32{2, 1, 0, 5, 4, 3}},
		{V, "v", 2, 3, []int32{3, 4, 5, 0, 1, 2}},
		{C2, "r2", 2, 3, []int32{5, 4, 3, 2, 1, 0}},
		{D2, "h", 2, 3, []int32{2, 1, 0, 5, 4, 3}},
		{D2, "v", 2, 3, []int32{3, 4, 5, 0, 1, 2}},
	} {
		for a := range c.g.Order() {
			if c.g.ElementName(a) == c.element {
				if got := c.g.Permutation(a, c.h, c.w); !slices.Equal(got, c.want) {
					t.Errorf("%v: %s on %d×%d\n%s", c.g, c.element, c.h, c.w, cmp.Diff(c.want, got))
				}
			}
		}
	}
}

// perm of ab is p ↦ perm_b[perm_a[p]]; that of e the identity. (Inverses follow: a⁻¹a = e.)
func TestPermutationsCompose(t *testing.T) {
	eachAction(func(g Group, h, w int) {
		for p, q := range g.Permutation(0, h, w) {
			if p != int(q) {
				t.Errorf("%v on %d×%d: the identity moves pixel %d", g, h, w, p)
			}
		}
		for a := range g.Order() {
			for b := range g.Order() {
				pa, pb, pab := g.Permutation(a, h, w), g.Permutation(b, h, w), g.Permutation(g.Mul(a, b), h, w)
				for p := range pab {
					if pab[p] != pb[pa[p]] {
						t.Fatalf("%v on %d×%d: %d·%d at pixel %d", g, h, w, a, b, p)
					}
				}
			}
		}
	})
}

// Distinct elements act differently wherever there is room: the action is faithful from 3×3 on.
func TestActionIsFaithful(t *testing.T) {
	for _, g := range All() {
		for a := range g.Order() {
			for b := range a {
				if slices.Equal(g.Permutation(a, 3, 3), g.Permutation(b, 3, 3)) {
					t.Errorf("%v: %s and %s act alike", g, g.ElementName(a), g.ElementName(b))
				}
			}
		}
	}
}

func TestActs(t *testing.T) {
	for _, g := range All() {
		oblong := g != C4 && g != D4
		for _, c := range []struct {
			h, w int
			ok   bool
		}{{4, 4, true}, {28, 30, oblong}, {3, 1, oblong}, {0, 0, false}, {-2, -2, false}, {0, 3, false}, {1 << 20, 1 << 20, false}} {
			err := g.Acts(c.h, c.w)
			if (err == nil) != c.ok {
				t.Errorf("%v on %d×%d: %v", g, c.h, c.w, err)
			}
		}
	}
	var e *ActionError
	err := C4.Acts(28, 30)
	if !errors.As(err, &e) || *e != (ActionError{"C4", 28, 30}) {
		t.Errorf("C4 on 28×30: %#v", err)
	}
	if s := err.Error(); !strings.Contains(s, "C4") || !strings.Contains(s, "28×30") {
		t.Errorf("the error names neither group nor size: %s", s)
	}
}

func TestPanicsNameGroupAndSize(t *testing.T) {
	for name, call := range map[string]func(){
		"Permutation": func() { D4.Permutation(1, 2, 3) },
		"Pixels":      func() { D4.Pixels(2, 3) },
		"Stabiliser":  func() { D4.Stabiliser(0, 2, 3) },
		"Taps":        func() { D4.Taps(2, 3) },
		"Domain":      func() { D4.Domain(2, 3) },
		"Act":         func() { D4.Act(make([]float32, 6), make([]float32, 6), 0, 1, 2, 3, 1) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*ActionError); !ok || *e != (ActionError{"D4", 2, 3}) {
					t.Errorf("%s: %v", name, e)
				}
			}()
			call()
		}()
	}
}

// Act moves every channel of every image as Permutation says.
func TestAct(t *testing.T) {
	const n, c = 3, 2
	rng := rand.New(rand.NewPCG(2, 1))
	eachAction(func(g Group, h, w int) {
		x, z := make([]float32, n*h*w*c), make([]float32, n*h*w*c)
		draw(rng, x)
		for a := range g.Order() {
			g.Act(z, x, a, n, h, w, c)
			for p, q := range g.Permutation(a, h, w) {
				for i := range n {
					for k := range c {
						if z[(i*h*w+p)*c+k] != x[(i*h*w+int(q))*c+k] {
							t.Fatalf("%v: %s on %d×%d: image %d, pixel %d, channel %d", g, g.ElementName(a), h, w, i, p, k)
						}
					}
				}
			}
		}
	})
}

func TestActChecksLengths(t *testing.T) {
	for _, c := range []struct {
		what string
		z, x int
	}{{"z", 17, 18}, {"x", 18, 19}} {
		func() {
			defer func() {
				if e, ok := recover().(*LengthError); !ok || e.What != c.what || !strings.Contains(e.Error(), "3×3") {
					t.Errorf("z of %d, x of %d: %v", c.z, c.x, e)
				}
			}()
			C4.Act(make([]float32, c.z), make([]float32, c.x), 1, 1, 3, 3, 2)
		}()
	}
}

func TestActAllocatesNothing(t *testing.T) {
	z, x := make([]float32, 2*8*8*3), make([]float32, 2*8*8*3)
	if n := testing.AllocsPerRun(10, func() { D4.Act(z, x, 5, 2, 8, 8, 3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
