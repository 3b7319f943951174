package sde

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"spdiff/group"
)

// Images with a symmetry of their own, in batches with others: the law holds, to the last bit, and the result has the
// symmetry too.
func TestCanonicalOfSymmetricImages(t *testing.T) {
	const n, h, w, c = 3, 6, 6, 2
	rng := rand.New(rand.NewPCG(9, 1))
	for _, g := range group.All() {
		f := wrapped["canonical"](g, h, w, c, uneven(h, w, c))
		for s := range g.Order() {
			x := make([]float32, n*h*w*(c+1))
			for i := range x {
				x[i] = float32(rng.IntN(1 << 20))
			}
			symmetrise(g, s, x[len(x)/n:2*len(x)/n], h, w, c+1)
			in, out := group.Images{N: n, H: h, W: w, C: c + 1}, group.Images{N: n, H: h, W: w, C: c}
			d := group.Check(g, func(z, x []float32) {
				if err := f(z, spatial{c, 1}.split(x), 0.5); err != nil {
					t.Fatal(err)
				}
			}, x, in, out)
			if !d.Exact {
				t.Errorf("%v, an image that %s keeps: %v", g, g.ElementName(s), d)
			}
		}
	}
}

// An equivariant denoiser is left as it is at symmetric images too: the mean is one.
func TestCanonicalMeanIsAMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 2))
	for _, g := range group.All() {
		f, _ := group.NewFrame(g, 6, 6, 1)
		for s := range g.Order() {
			x, z, want := make([]float32, 36), make([]float32, 36), make([]float32, 36)
			for i := range x {
				x[i] = float32(rng.IntN(1<<20)) / (1 << 18)
			}
			symmetrise(g, s, x, 6, 6, 1)
			if err := bent(want, x, 0.3); err != nil {
				t.Fatal(err)
			}
			if err := Canonical(f, bent)(z, x, 0.3); err != nil || !equalBits(z, want) {
				t.Errorf("%v, an image that %s keeps: other numbers (%v)", g, g.ElementName(s), err)
			}
		}
	}
}

// symmetrise makes the whole numbers of x the sum of its images under the powers of s.
func symmetrise(g group.Group, s int, x []float32, h, w, c int) {
	sum, y := make([]float32, len(x)), make([]float32, len(x))
	for a, first := 0, true; a != 0 || first; a, first = g.Mul(s, a), false {
		g.Act(y, x, a, 1, h, w, c)
		for i, v := range y {
			sum[i] += v
		}
	}
	copy(x, sum)
}

// The twin: taking the first of the frames that tie, as if there were no symmetry, is not equivariant.
func TestFirstOfTiesIsSeen(t *testing.T) {
	const h, w = 6, 6
	frame, _ := group.NewFrame(group.D4, h, w, 1)
	network := uneven(h, w, 1)
	first := func(z, x []float32) {
		kappa, _ := frame.Of(x)
		y, moved := make([]float32, len(z)), make([]float32, len(z))
		frame.Act(moved, x, group.D4.Inverse(kappa))
		network(y, [][]float32{moved}, 0.5)
		frame.Act(z, y, kappa)
	}
	x := make([]float32, h*w)
	for i := range x {
		x[i] = float32(i * i % 17)
	}
	shape := group.Images{N: 1, H: h, W: w, C: 1}
	if d := group.Check(group.D4, first, x, shape, shape); !d.Exact {
		t.Errorf("an image without symmetry: %v", d)
	}
	symmetrise(group.D4, 4, x, h, w, 1)
	if d := group.Check(group.D4, first, x, shape, shape); d.Exact {
		t.Error("an image with a symmetry: the first of its frames passes")
	}
}

// Frames that tie for no reason, because the inputs beside x do not have its symmetry, are an error that says where.
func TestTiesWithoutReason(t *testing.T) {
	f := wrapped["canonical"](group.C4, 4, 4, 1, uneven(4, 4, 1))
	x, other := make([]float32, 2*16), make([]float32, 2*16)
	Seeded(3)(x, 0, 0)
	Seeded(3)(other, 1, 0)
	clear(x[16:])
	var e *TieError
	err := f(make([]float32, 32), [][]float32{x, other}, 0.25)
	if !errors.As(err, &e) || *e != (TieError{1, 4, 1, 0.25}) || e.Error() == "" {
		t.Errorf("%v", err)
	}
	clear(other[16:])
	if err := f(make([]float32, 32), [][]float32{x, other}, 0.25); err != nil {
		t.Errorf("all inputs are symmetric: %v", err)
	}
}

// What the frame costs: D° jumps between two images that are as near as float32 has them, where their frames differ; the
// average does not.
func TestCanonicalJumps(t *testing.T) {
	const h, w = 4, 4
	frame, _ := group.NewFrame(group.H, h, w, 1)
	x := make([]float32, h*w)
	Seeded(3)(x, 5, 0)
	mirrored := make([]float32, h*w)
	frame.Act(mirrored, x, 1)
	at := func(s float32) []float32 { // from x to its mirror image
		y := make([]float32, h*w)
		for i := range y {
			y[i] = (1-s)*x[i] + s*mirrored[i]
		}
		return y
	}
	jump := func(d Denoiser) (largest float32) {
		a, b := make([]float32, h*w), make([]float32, h*w)
		for _, y := range []struct {
			z []float32
			s float32
		}{{a, 0.5 - 1e-6}, {b, 0.5 + 1e-6}} {
			if err := d(y.z, at(y.s), 0.5); err != nil {
				t.Fatal(err)
			}
		}
		for i := range a {
			largest = max(largest, a[i]-b[i], b[i]-a[i])
		}
		return largest
	}
	network := uneven(h, w, 1)
	d := Denoiser(func(z, x []float32, t float64) error { return network(z, [][]float32{x}, t) })
	canonical, average := jump(Canonical(frame, d)), jump(Average(group.H, h, w, 1, d))
	t.Logf("jumps: canonical %v, average %v", canonical, average)
	if canonical < 0.1 || average > 1e-3 {
		t.Errorf("jumps: canonical %v, average %v", canonical, average)
	}
}

// What is not finite is no tie, in any input, for any group: the solution stops with the image and the place, and images beside it
// are what they are without it.
func TestCanonicalOfNotFinite(t *testing.T) {
	for _, g := range group.All() {
		f := wrapped["canonical"](g, 4, 4, 1, uneven(4, 4, 1))
		for _, bad := range []float64{nan, inf, -inf} {
			x, last := make([]float32, 3*16), make([]float32, 3*16)
			for k := range 3 {
				Seeded(3)(x[k*16:(k+1)*16], k, 0)
				clear(x[16:32]) // the middle one ties
			}
			want, z := make([]float32, 48), make([]float32, 48)
			if err := f(want, [][]float32{x, last}, 0.3); err != nil {
				t.Fatal(err)
			}
			for name, y := range map[string][]float32{"x": x, "the other input": last} {
				y[16+5] = float32(bad)
				if err := f(z, [][]float32{x, last}, 0.3); err != nil || notFinite(z[16:32]) < 0 {
					t.Errorf("%v, %v in %s: %v, %v", g, bad, name, z[16:32], err)
				}
				if name == "x" && g != group.C1 && notFinite(z[16:32]) != 5 {
					t.Errorf("%v, %v in %s: %v", g, bad, name, z[16:32])
				}
				if !equalBits(z[:16], want[:16]) || !equalBits(z[32:], want[32:]) {
					t.Errorf("%v, %v in %s: other images are other ones", g, bad, name)
				}
				y[16+5] = 0
			}
		}
	}
}

// A solution from images that are not finite says so, and which; frames do not call them ties.
func TestNotFiniteStart(t *testing.T) {
	frame, _ := group.NewFrame(group.C4, 4, 4, 1)
	x := make([]float32, 32)
	Seeded(3)(x, 0, 0)
	x[16+5] = float32(nan)
	noise, ties := Framed(Seeded(1), frame, x, []int{4, 7})
	if len(ties) != 0 {
		t.Errorf("ties %v", ties)
	}
	calls := 0
	d := Canonical(frame, func(z, x []float32, now float64) error { calls++; return bent(z, x, now) })
	s := Sampler{Process: PaperCosine, Solver: DDIM{Eta: 1}, Times: Uniform(0.5, 0, 3), Noise: noise}
	var e *NotFiniteError
	err := s.Solve(context.Background(), d, x, []int{4, 7})
	if !errors.As(err, &e) || e.What != "the start" || e.Image != 7 || e.Index != 5 || calls > 0 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
