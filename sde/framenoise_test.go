package sde

import (
	"context"
	"slices"
	"testing"

	"spdiff/group"
)

// trajectory solves from y with noise that moves with it.
func trajectory(t *testing.T, m Solver, f *group.Frame, d Denoiser, y []float32, images []int) []float32 {
	t.Helper()
	noise, ties := Framed(Seeded(5), f, y, images)
	if len(ties) > 0 {
		t.Fatal(ties)
	}
	s := Sampler{Process: PaperCosine, Solver: m, Times: Uniform(0.8, 0, 6), Noise: noise}
	x := slices.Clone(y)
	if err := s.Solve(context.Background(), d, x, images); err != nil {
		t.Fatal(err)
	}
	return x
}

// The law of section 5.2: with an equivariant denoiser and framed noise the whole trajectory commutes with the group, for
// every solver, and whichever way the denoiser came to be equivariant. With the same noise for all it does not.
func TestFramedTrajectories(t *testing.T) {
	const h, w, c, n = 5, 5, 2, 3
	shape := group.Images{N: n, H: h, W: w, C: c}
	images := []int{4, 0, 9}
	y := make([]float32, shape.Len())
	Seeded(2)(y, 0, 7)
	network := uneven(h, w, c)
	raw := Denoiser(func(z, x []float32, t float64) error { return network(z, [][]float32{x}, t) }).Clamp(-1, 1)
	groups := group.All()
	if testing.Short() {
		groups = []group.Group{group.D4}
	}
	for _, g := range groups {
		f, err := group.NewFrame(g, h, w, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range solvers {
			for name, d := range map[string]Denoiser{"pointwise": bent, "average": Average(g, h, w, c, raw), "canonical": Canonical(f, raw)} {
				if d := group.Check(g, func(z, x []float32) { copy(z, trajectory(t, m, f, d, x, images)) }, y, shape, shape); !d.Exact {
					t.Errorf("%#v over %v, %s: %v", m, g, name, d)
				}
			}
		}
		fixed := func(z, x []float32) {
			s := Sampler{Process: PaperCosine, Solver: DDIM{Eta: 1}, Times: Uniform(0.8, 0, 6), Noise: Seeded(5)}
			copy(z, x)
			if err := s.Solve(context.Background(), bent, z, images); err != nil {
				t.Fatal(err)
			}
		}
		if d := group.Check(g, fixed, y, shape, shape); d.Exact != (g == group.C1) {
			t.Errorf("%v with fixed noise: %v", g, d)
		}
	}
}

// An image's trajectory does not depend on its batch, whose noise is drawn by several goroutines.
func TestFramedBatchesDoNotMatter(t *testing.T) {
	const n = 9
	f, _ := group.NewFrame(group.D4, 4, 4, 1)
	y, images := make([]float32, n*16), make([]int, n)
	for k := range images {
		images[k] = 7 + k
		Seeded(2)(y[k*16:(k+1)*16], k, 7)
	}
	whole := trajectory(t, DDIM{Eta: 1}, f, bent, y, images)
	for k := range images {
		if one := trajectory(t, DDIM{Eta: 1}, f, bent, y[k*16:(k+1)*16], images[k:k+1]); !equalBits(one, whole[k*16:(k+1)*16]) {
			t.Errorf("image %d alone is another", images[k])
		}
	}
}

// Generation: what comes of the start h·ε is h times what comes of ε.
func TestFramedGeneration(t *testing.T) {
	const h, w, c = 6, 6, 1
	shape := group.Images{N: 2, H: h, W: w, C: c}
	images := []int{3, 4}
	start := make([]float32, shape.Len())
	for k, image := range images {
		Seeded(1)(start[k*36:(k+1)*36], image, Start)
	}
	for _, g := range group.All() {
		f, _ := group.NewFrame(g, h, w, c)
		for _, m := range solvers {
			d := group.Check(g, func(z, x []float32) {
				n := func(z []float32, image, draw int) { // the seed's, with x as its start
					if draw == Start {
						copy(z, x[slices.Index(images, image)*36:])
						return
					}
					Seeded(1)(z, image, draw)
				}
				noise, ties := FramedGeneration(n, f, images)
				s := Sampler{Process: PaperCosine, Solver: m, Times: Uniform(1, 0, 6)[1:], Noise: noise}
				if err := s.Generate(context.Background(), bent, z, images); err != nil || ties != nil {
					t.Fatal(err, ties)
				}
			}, start, shape, shape)
			if !d.Exact {
				t.Errorf("%#v over %v: %v", m, g, d)
			}
		}
	}
}

// Images with a symmetry are reported with their numbers, others not.
func TestTiesAreReported(t *testing.T) {
	f, _ := group.NewFrame(group.C4, 4, 4, 1)
	x := make([]float32, 3*16)
	Seeded(2)(x, 0, 7)
	clear(x[16:32])
	noise, ties := Framed(Seeded(5), f, x, []int{10, 20, 30})
	if !slices.Equal(ties, []Tie{{20, 4}}) || ties[0].String() == "" {
		t.Errorf("ties %v", ties)
	}
	z := make([]float32, 16)
	if noise(z, 20, 0); equalBits(z, make([]float32, 16)) {
		t.Error("an image that ties has no noise")
	}
	none := func(z []float32, image, draw int) { clear(z) }
	if _, ties := FramedGeneration(none, f, []int{6}); !slices.Equal(ties, []Tie{{6, 4}}) {
		t.Errorf("a start of zeros: ties %v", ties)
	}
}

func TestFramedArguments(t *testing.T) {
	f, _ := group.NewFrame(group.C4, 4, 4, 1)
	twice := make([]float32, 32) // an image, and the same turned
	Seeded(2)(twice[:16], 0, 7)
	f.Act(twice[16:], twice[:16], 1)
	for name, call := range map[string]func(){
		"turned": func() { Framed(Seeded(1), f, twice, []int{3, 3}) },
		"length": func() { Framed(Seeded(1), f, make([]float32, 15), []int{0}) },
		"number": func() {
			noise, _ := Framed(Seeded(1), f, make([]float32, 16), []int{0})
			noise(make([]float32, 16), 1, 0)
		},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*ArgumentError); !ok {
					t.Errorf("%s: no *ArgumentError", name)
				}
			}()
			call()
		}()
	}
	copy(twice[16:], twice)
	Framed(Seeded(1), f, twice, []int{3, 3}) // an image may come twice
}

func TestFramedNoiseAllocatesNothing(t *testing.T) {
	f, _ := group.NewFrame(group.D4, 8, 8, 1)
	x := make([]float32, 64)
	Seeded(2)(x, 0, 7)
	noise, _ := Framed(Seeded(5), f, x, []int{0})
	if n := testing.AllocsPerRun(20, func() { noise(x, 0, 1) }); n != 0 {
		t.Errorf("%v allocations a draw", n)
	}
}
