package sde

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// Tiles stand symmetrically, the outer ones at the ends, without gaps, and not more of them than needed; each pixel has at
// most four along an axis, the largest for which there are trees.
func TestStarts(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for m := n; m <= 6*n; m++ {
			s := starts(m, n)
			if s[0] != 0 || s[len(s)-1] != m-n || !slices.IsSorted(s) || m == n && len(s) != 1 {
				t.Fatalf("tiles of %d on %d start at %v", n, m, s)
			}
			for k := range s {
				if s[k]+s[len(s)-1-k] != m-n {
					t.Fatalf("tiles of %d on %d start at %v: not symmetric", n, m, s)
				}
				if k > 0 && s[k]-s[k-1] > n {
					t.Fatalf("tiles of %d on %d start at %v: a gap", n, m, s)
				}
				if n >= 8 && k > 0 && s[k]-s[k-1] > 3*n/4+2 {
					t.Fatalf("tiles of %d on %d start at %v: too little in common", n, m, s)
				}
			}
			if len(s) > 3+4*(m-n)/(3*n) {
				t.Fatalf("tiles of %d on %d: %d of them", n, m, len(s))
			}
			for p, w := range newAxis(m, n).weight {
				if len(w) < 1 || len(w) > 4 {
					t.Fatalf("tiles of %d on %d start at %v: pixel %d is in %d", n, m, s, p, len(w))
				}
				sum := 0.0
				for _, v := range w {
					sum += float64(v)
				}
				if math.Abs(sum-1) > 1e-6 {
					t.Fatalf("tiles of %d on %d: the weights of pixel %d sum to %v", n, m, p, sum)
				}
			}
		}
	}
}

// wild is a denoiser of tiles that commutes with what moves pixels, but is another function in each step of the value.
func wild(z, x []float32, _ float64) error {
	for i, v := range x {
		z[i] = float32(math.Sin(float64(v) * 50))
	}
	return nil
}

// bump is a denoiser of tiles of h×w that is not pointwise: it commutes with D4 and knows the place in the tile.
func bump(h, w, c int) Denoiser {
	weight := make([]float32, h*w)
	for i, orbit := range group.D2.Pixels(h, w) {
		for _, p := range orbit {
			weight[p] = float32(i%7) - 3
		}
	}
	if h == w {
		for i, orbit := range group.D4.Pixels(h, w) {
			for _, p := range orbit {
				weight[p] = float32(i%7) - 3
			}
		}
	}
	return func(z, x []float32, _ float64) error {
		for i, v := range x {
			z[i] = float32(math.Sin(float64(v*weight[i/c%(h*w)]))) + weight[i/c%(h*w)]
		}
		return nil
	}
}

// The law: the tiled denoiser commutes to the last bit with every group that acts on image and tile, for tiles that know where
// a pixel is in them, however the sizes fall.
func TestTilingIsEquivariant(t *testing.T) {
	for _, c := range []struct{ h, w, th, tw, c int }{
		{8, 8, 8, 8, 1}, {9, 9, 8, 8, 1}, {12, 12, 8, 8, 2}, {15, 15, 8, 8, 1}, {17, 17, 8, 8, 1}, {23, 23, 8, 8, 3}, {31, 31, 8, 8, 1},
		{9, 23, 8, 8, 1}, {15, 22, 8, 8, 1}, {16, 31, 8, 8, 2}, {11, 14, 8, 6, 1},
	} {
		til := NewTiling(c.h, c.w, c.th, c.tw, c.c)
		shape := group.Images{N: 1, H: c.h, W: c.w, C: c.c}
		x := make([]float32, shape.Len())
		tensor.NewStream(3, uint64(c.h)).Normal(x, 0)
		whole := make([]float32, len(x))
		for k, d := range map[string]Denoiser{"pointwise": wild, "by place": bump(c.th, c.tw, c.c)} {
			one := til.Denoiser(d)
			if err := one(whole, x, 0); err != nil {
				t.Fatal(err)
			}
			for _, g := range group.All() {
				if g.Acts(c.h, c.w) != nil || g.Acts(c.th, c.tw) != nil {
					continue
				}
				if diff := group.Check(g, func(z, x []float32) { one(z, x, 0) }, x, shape, shape); !diff.Exact {
					t.Errorf("%v %s on %d×%d by %d×%d: %v", g, k, c.h, c.w, c.th, c.tw, diff)
				}
			}
		}
	}
}

// transpose sets z, w×h, to the transposed image of x, h×w.
func transpose(z, x []float32, h, w int) {
	for y := range h {
		for k := range w {
			z[k*h+y] = x[y*w+k]
		}
	}
}

// The image of an oblong one turned by a quarter has the turned result, though no group of ours moves the one to the other.
func TestTilingTurnsOblongImages(t *testing.T) {
	x, turned := make([]float32, 9*22), make([]float32, 9*22)
	tensor.NewStream(3, 1).Normal(x, 0)
	transpose(turned, x, 9, 22)
	z, y, want := make([]float32, 9*22), make([]float32, 9*22), make([]float32, 9*22)
	for image, c := range []struct {
		z, x []float32
		h, w int
	}{{z, x, 9, 22}, {y, turned, 22, 9}} {
		til := NewTiling(c.h, c.w, 8, 8, 1)
		if err := til.Denoiser(bump(8, 8, 1))(c.z, c.x, 0); err != nil {
			t.Fatal(image, err)
		}
	}
	if transpose(want, z, 9, 22); !equalBits(y, want) {
		t.Error("the transposed image has another result")
	}
}

// Twins that each break one thing, which the law must see: tiles that start at equal distances from the left, and sums over
// tiles in raster order.
func TestBrokenTilingsAreSeen(t *testing.T) {
	shape := group.Images{N: 1, H: 15, W: 15, C: 1}
	x := make([]float32, shape.Len())
	tensor.NewStream(3, 2).Normal(x, 0)
	check := func(til *Tiling) group.Difference {
		d := til.Denoiser(bump(8, 8, 1))
		return group.Check(group.D4, func(z, x []float32) { d(z, x, 0) }, x, shape, shape)
	}
	good := NewTiling(15, 15, 8, 8, 1)
	if d := check(good); !d.Exact {
		t.Fatal(d)
	}
	skewed := NewTiling(15, 15, 8, 8, 1)
	for i := range skewed.x.start[1 : len(skewed.x.start)-1] {
		skewed.x.start[i+1]--
	}
	for p := range skewed.x.first { // what covers a pixel, anew
		var w []float32
		skewed.x.first[p] = -1
		for k, s := range skewed.x.start {
			if p >= s && p < s+8 {
				if skewed.x.first[p] < 0 {
					skewed.x.first[p] = k
				}
				w = append(w, 0.5)
			}
		}
		skewed.x.weight[p] = w
		for _, wy := range skewed.y.weight {
			skewed.plans[[2]int{len(wy), len(w)}] = plan(len(wy), len(w))
		}
	}
	if d := check(skewed); d.Exact {
		t.Error("tiles that are not symmetric pass")
	}
	raster := NewTiling(15, 15, 8, 8, 1)
	for k := range raster.plans {
		raster.plans[k] = group.C1.Pixels(k[0], k[1])
	}
	if d := check(raster); d.Exact || d.Max > 1e-5 {
		t.Errorf("sums in raster order: %v; want a difference in the last bits", d)
	}
}

// What all tiles agree on is what comes out, up to rounding: the weights are those of a mean.
func TestTilingOfOneMind(t *testing.T) {
	for _, s := range [][2]int{{8, 8}, {9, 9}, {15, 22}, {40, 17}} {
		til := NewTiling(s[0], s[1], 8, 8, 2)
		x, z := make([]float32, s[0]*s[1]*2), make([]float32, s[0]*s[1]*2)
		tensor.NewStream(3, 3).Normal(x, 0)
		same := func(z, x []float32, _ float64) error { copy(z, x); return nil }
		if err := til.Denoiser(same)(z, x, 0); err != nil {
			t.Fatal(err)
		}
		for i := range x {
			if math.Abs(float64(z[i]-x[i])) > 1e-6*math.Abs(float64(x[i])) {
				t.Fatalf("%v: number %d is %v, all its tiles say %v", s, i, z[i], x[i])
			}
		}
	}
}

func TestTilingAllocatesNothing(t *testing.T) {
	til := NewTiling(20, 20, 8, 8, 1)
	d := til.Denoiser(func(z, x []float32, _ float64) error { return nil })
	x, z := make([]float32, 400), make([]float32, 400)
	if n := testing.AllocsPerRun(10, func() { d(z, x, 0) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A context that is done stops a tiling between two runs of a network that asks, and the solution says at which step.
func TestTilingStopsBetweenRuns(t *testing.T) {
	til := NewTiling(20, 20, 8, 8, 1)
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	tile := Denoiser(func(z, x []float32, _ float64) error {
		if calls++; calls == 2 {
			cancel()
		}
		copy(z, x)
		return nil
	}).Until(ctx)
	tiles := func(z, x []float32, time float64) error {
		for at := 0; at < len(x); at += 64 {
			if err := tile(z[at:at+64], x[at:at+64], time); err != nil {
				return err
			}
		}
		return nil
	}
	s := Sampler{Process: PaperCosine, Solver: DDIM{}, Times: Uniform(1, 0, 5)}
	err := s.Solve(ctx, til.Denoiser(tiles), make([]float32, 400), []int{0})
	if calls != 2 || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "step 1 of 5") {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// What cannot be tiled is said when the tiling is made, or when its denoiser is called.
func TestTilingArguments(t *testing.T) {
	nothing := Denoiser(func(z, x []float32, _ float64) error { return nil })
	for name, f := range map[string]func(){
		"tile too large": func() { NewTiling(7, 20, 8, 8, 1) },
		"no tile":        func() { NewTiling(8, 8, 0, 8, 1) },
		"no channel":     func() { NewTiling(8, 8, 8, 8, 0) },
		"short image":    func() { NewTiling(20, 20, 8, 8, 1).Denoiser(nothing)(make([]float32, 400), make([]float32, 399), 0) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*ArgumentError); !ok {
					t.Errorf("%s: %v", name, e)
				}
			}()
			f()
			t.Errorf("%s: no panic", name)
		}()
	}
}
