package sde

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spdiff/group"
)

// uneven is a network that respects no symmetry: every number of z is another function of its place, of the numbers around it
// in all inputs, and of time. Images do not see each other.
func uneven(h, w, c int) Network {
	return func(z []float32, inputs [][]float32, t float64) error {
		for i := range z {
			place, pixel := i%(h*w*c), i/c
			image := pixel / (h * w)
			sum := math.Sin(float64(place)) * t
			for j, x := range inputs {
				n := len(x) / (len(z) / (h * w * c)) // numbers of an image
				for k := range 5 {
					v := float64(x[image*n+(place*n/(h*w*c)+k*k*7)%n])
					sum += math.Cos(float64(place*(k+2)+j)) * v * (1 + 0.3*v)
				}
			}
			z[i] = float32(sum)
		}
		return nil
	}
}

// spatial are the channels of a network's inputs, x first.
type spatial []int

// check measures whether f commutes with g when all of its inputs move.
func (s spatial) check(t *testing.T, g group.Group, f Network, n, h, w int, time float64) group.Difference {
	t.Helper()
	all := 0
	for _, c := range s {
		all += c
	}
	rng := rand.New(rand.NewPCG(uint64(n), uint64(h)))
	in := group.Images{N: n, H: h, W: w, C: all}
	x := make([]float32, in.Len())
	for i := range x {
		x[i] = float32(rng.NormFloat64() * math.Exp(rng.NormFloat64()))
	}
	return group.Check(g, func(z, x []float32) {
		if err := f(z, s.split(x), time); err != nil {
			t.Fatal(err)
		}
	}, x, in, group.Images{N: n, H: h, W: w, C: s[0]})
}

// split takes the channels of images apart.
func (s spatial) split(x []float32) [][]float32 {
	all := 0
	for _, c := range s {
		all += c
	}
	inputs, at := make([][]float32, len(s)), 0
	for j, c := range s {
		for p := 0; p < len(x); p += all {
			inputs[j] = append(inputs[j], x[p+at:p+at+c]...)
		}
		at += c
	}
	return inputs
}

// wrapped are the two ways to make any network equivariant.
var wrapped = map[string]func(g group.Group, h, w, c int, f Network) Network{
	"average": AverageN,
	"canonical": func(g group.Group, h, w, c int, f Network) Network {
		frame, err := group.NewFrame(g, h, w, c)
		if err != nil {
			panic(err)
		}
		return CanonicalN(frame, f)
	},
}

// The law: both wrappers commute with the group to the last bit, for every group, number of images and inputs, size and time;
// the network within does not.
func TestWrappersAreEquivariant(t *testing.T) {
	for _, g := range group.All() {
		for _, size := range [][2]int{{4, 4}, {5, 5}, {8, 8}, {4, 6}, {7, 3}} {
			h, w := size[0], size[1]
			if g.Acts(h, w) != nil {
				continue
			}
			for _, inputs := range []spatial{{1}, {2}, {1, 1}, {3, 2, 1}} {
				for name, wrap := range wrapped {
					f := wrap(g, h, w, inputs[0], uneven(h, w, inputs[0]))
					for _, n := range []int{1, 3, 2} {
						if d := inputs.check(t, g, f, n, h, w, 0.4); !d.Exact {
							t.Errorf("%s over %v, %d of %d×%d, channels %v: %v", name, g, n, h, w, inputs, d)
						}
					}
				}
				if d := inputs.check(t, g, uneven(h, w, inputs[0]), 1, h, w, 0.4); d.Exact != (g == group.C1) {
					t.Errorf("%v: the network alone: %v", g, d)
				}
			}
		}
	}
}

// broken are twins that forget one thing each: the test above must see it.
var broken = map[string]func(g group.Group, h, w, c int, f Network) Network{
	"average in raster order": func(g group.Group, h, w, c int, f Network) Network {
		return func(z []float32, inputs [][]float32, t float64) error {
			y, back := make([]float32, len(z)), make([]float32, len(z))
			clear(z)
			for a := range g.Order() {
				if err := f(y, turnAll(g, a, len(z)/(h*w*c), h, w, inputs), t); err != nil {
					return err
				}
				g.Act(back, y, g.Inverse(a), len(z)/(h*w*c), h, w, c)
				for i, v := range back {
					z[i] += v / float32(g.Order())
				}
			}
			return nil
		}
	},
	"average with the other inputs as they are": func(g group.Group, h, w, c int, f Network) Network {
		return forgetful(g, h, w, c, f, AverageN)
	},
	"canonical with the other inputs as they are": func(g group.Group, h, w, c int, f Network) Network {
		return forgetful(g, h, w, c, f, wrapped["canonical"])
	},
	"canonical by a symmetric template": func(g group.Group, h, w, c int, f Network) Network {
		return f // all elements tie in every image, and the first is the identity: the network as it is
	},
}

// forgetful wraps a network whose other inputs stay as they are.
func forgetful(g group.Group, h, w, c int, f Network, wrap func(group.Group, int, int, int, Network) Network) Network {
	var fixed [][]float32
	inner := wrap(g, h, w, c, func(z []float32, inputs [][]float32, t float64) error {
		for j := range fixed {
			for i := range inputs[j+1] {
				inputs[j+1][i] = fixed[j][i%len(fixed[j])]
			}
		}
		return f(z, inputs, t)
	})
	return func(z []float32, inputs [][]float32, t float64) error {
		fixed = inputs[1:]
		return inner(z, inputs, t)
	}
}

// turnAll returns a·x for every input.
func turnAll(g group.Group, a, n, h, w int, inputs [][]float32) (moved [][]float32) {
	for _, x := range inputs {
		y := make([]float32, len(x))
		g.Act(y, x, a, n, h, w, len(x)/(n*h*w))
		moved = append(moved, y)
	}
	return moved
}

func TestBrokenWrappersAreSeen(t *testing.T) {
	for _, g := range []group.Group{group.C4, group.D4} {
		for name, wrap := range broken {
			if d := (spatial{2, 1}).check(t, g, wrap(g, 5, 5, 2, uneven(5, 5, 2)), 2, 5, 5, 0.4); d.Exact {
				t.Errorf("%s over %v passes", name, g)
			}
		}
	}
}

// The average is eq. 12: against a slow sum in float64.
func TestAverageIsTheMean(t *testing.T) {
	const n, h, w, c = 2, 5, 5, 2
	f := uneven(h, w, c)
	inputs := [][]float32{make([]float32, n*h*w*c), make([]float32, n*h*w)}
	for j := range inputs {
		Seeded(4)(inputs[j], j, 0)
	}
	for _, g := range group.All() {
		want := make([]float64, n*h*w*c)
		y, back, z := make([]float32, len(want)), make([]float32, len(want)), make([]float32, len(want))
		for a := range g.Order() {
			f(y, turnAll(g, a, n, h, w, inputs), 0.7)
			g.Act(back, y, g.Inverse(a), n, h, w, c)
			for i, v := range back {
				want[i] += float64(v) / float64(g.Order())
			}
		}
		if err := AverageN(g, h, w, c, f)(z, inputs, 0.7); err != nil {
			t.Fatal(err)
		}
		for i := range z {
			if math.Abs(float64(z[i])-want[i]) > 1e-5 {
				t.Fatalf("%v: number %d is %v, want %v", g, i, z[i], want[i])
			}
		}
	}
}

// An equivariant denoiser is left as it is: to the last bit by the frame, and by the average of equal numbers.
func TestWrappersKeepEquivariantDenoisers(t *testing.T) {
	x, z, want := make([]float32, 2*36), make([]float32, 2*36), make([]float32, 2*36)
	Seeded(4)(x, 0, 0)
	if err := bent(want, x, 0.3); err != nil {
		t.Fatal(err)
	}
	for _, g := range group.All() {
		frame, _ := group.NewFrame(g, 6, 6, 1)
		for name, d := range map[string]Denoiser{"average": Average(g, 6, 6, 1, bent), "canonical": Canonical(frame, bent)} {
			if err := d(z, x, 0.3); err != nil || !equalBits(z, want) {
				t.Errorf("%s over %v changes a denoiser that is equivariant (%v)", name, g, err)
			}
		}
	}
}

// One call of the network: |G|·n images for the average, n for the frame; errors come through.
func TestWrappersCallOnce(t *testing.T) {
	broken := errors.New("no network")
	for _, g := range group.All() {
		frame, _ := group.NewFrame(g, 4, 4, 1)
		var calls []int
		d := func(z, x []float32, _ float64) error {
			calls = append(calls, len(x), len(z))
			return broken
		}
		x, z := make([]float32, 3*16), make([]float32, 3*16)
		Seeded(4)(x, 0, 0)
		if err := Average(g, 4, 4, 1, d)(z, x, 0.5); err != broken {
			t.Errorf("%v: %v", g, err)
		}
		if err := Canonical(frame, d)(z, x, 0.5); err != broken {
			t.Errorf("%v: %v", g, err)
		}
		if m := g.Order() * 48; !slices.Equal(calls, []int{m, m, 48, 48}) {
			t.Errorf("%v: calls with %v numbers", g, calls)
		}
	}
}

// The images that the network sees are those of the first element of the tree, then those of the second, and so on.
func TestAverageOrdersImages(t *testing.T) {
	g, x := group.D4, make([]float32, 2*16)
	Seeded(4)(x, 0, 0)
	d := func(z, y []float32, _ float64) error {
		want := make([]float32, len(x))
		for k, a := range g.Tree() {
			g.Act(want, x, a, 2, 4, 4, 1)
			if !equalBits(y[k*32:(k+1)*32], want) {
				t.Errorf("images %d are not those of %s", k, g.ElementName(a))
			}
		}
		clear(z)
		return nil
	}
	Average(g, 4, 4, 1, d)(make([]float32, 32), x, 0.5)
}

func TestWrappersAllocateNothing(t *testing.T) {
	f := func(z []float32, inputs [][]float32, t float64) error { copy(z, inputs[0]); return nil }
	inputs := [][]float32{make([]float32, 2*16), make([]float32, 2*16)}
	Seeded(4)(inputs[0], 0, 0)
	z := make([]float32, 2*16)
	for name, wrap := range wrapped {
		g := wrap(group.D4, 4, 4, 1, f)
		g(z, inputs, 0.1)
		if n := testing.AllocsPerRun(10, func() { g(z, inputs, 0.1) }); n != 0 {
			t.Errorf("%s: %v allocations a call", name, n)
		}
	}
}

func TestWrapperArguments(t *testing.T) {
	f := func(z []float32, inputs [][]float32, t float64) error { return nil }
	v := func(n int) []float32 { return make([]float32, n) }
	for name, wrap := range wrapped {
		g := wrap(group.C4, 4, 4, 2, f)
		for _, c := range []struct {
			z      int
			inputs [][]float32
		}{{32, nil}, {32, [][]float32{nil}}, {32, [][]float32{v(31)}}, {64, [][]float32{v(32)}}, {32, [][]float32{v(32), nil}}, {64, [][]float32{v(64), v(16)}}} {
			func() {
				defer func() {
					if e, ok := recover().(*ArgumentError); !ok || e.Error() == "" {
						t.Errorf("%s: z of %d, inputs of %v: no *ArgumentError", name, c.z, lengths(c.inputs))
					}
				}()
				g(v(c.z), c.inputs, 0.5)
			}()
		}
	}
	defer func() {
		if _, ok := recover().(*group.ActionError); !ok {
			t.Error("C4 averages over 4×6 images")
		}
	}()
	Average(group.C4, 4, 6, 1, bent)
}
