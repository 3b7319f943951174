package spdiff

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// shaken returns a model of random weights, of which no branch is 0 as at the beginning of a training.
func shaken(t *testing.T, c Config) *Model {
	t.Helper()
	c = c.Resolved()
	u, err := nn.NewUNet(c.Network)
	if err != nil {
		t.Fatal(err)
	}
	u.Init(c.Seed)
	noise := make([]float32, 0)
	for i, p := range u.Params() {
		v := p.Value.Data()
		noise = slices.Grow(noise[:0], len(v))[:len(v)]
		tensor.NewStream(c.Seed, uint64(i)).Normal(noise, 0)
		for k := range v {
			v[k] += float32(0.1 * noise[k])
		}
	}
	return newModel(c, u)
}

// turnedBy returns noise of which every draw, the start too, is moved by the element a.
func turnedBy(g group.Group, a int, noise sde.Noise) sde.Noise {
	room := make([]float32, 64)
	return func(z []float32, image, draw int) {
		noise(room, image, draw)
		g.Act(z, room, a, 1, 8, 8, 1)
	}
}

// moves compares what is generated from noise with what is generated from the same noise moved by each element of g. The noise
// as it is moved is as likely, so that where all bits are equal the law of what is generated is invariant, whatever the
// number of steps.
func moves(t *testing.T, m *Model, g group.Group, method sde.Solver) group.Difference {
	t.Helper()
	process := m.Process()
	generate := func(noise sde.Noise) []float32 {
		z := make([]float32, 64)
		s := sde.Sampler{Process: process, Solver: method, Times: sde.Grid(process, method, 4), Noise: noise}
		if err := s.Generate(context.Background(), solving(m, 1), z, []int{3}); err != nil {
			t.Fatal(err)
		}
		return z
	}
	// The start is what group.Check moves; the element by which it did is that of the later draws.
	start := make([]float32, 64)
	sde.Seeded(5)(start, 3, sde.Start)
	shape := group.Images{N: 1, H: 8, W: 8, C: 1}
	return group.Check(g, func(z, x []float32) {
		for a := range g.Order() {
			y := make([]float32, 64)
			g.Act(y, start, a, 1, 8, 8, 1)
			if slices.Equal(bits(y), bits(x)) {
				copy(z, generate(turnedBy(g, a, sde.Seeded(5))))
				return
			}
		}
		t.Fatal("the start is not a moved one")
	}, start, shape, shape)
}

// quick are solvers of each kind but the adaptive one, which takes many steps where the weights are random.
var quick = []sde.Solver{sde.DDIM{}, sde.DDIM{Eta: 1}, sde.DDPM{}, sde.DPMSolver{Eta: 1}, sde.Heun{Churn: 3}, sde.EulerMaruyama{Lambda: 1},
	sde.SRA1{Lambda: 1}, sde.PredictorCorrector{}}

// Whole trajectories of generation, over methods, groups and solvers: moved noise gives the moved image, to the last bit, if
// the method is exact; and not if it is not, which shows that the test can see it.
func TestGeneratedLawIsInvariant(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	next := 0
	for _, g := range []group.Group{group.H, group.C4} {
		for _, c := range every(g) {
			solver := quick[next%len(quick)]
			next++
			if d := moves(t, shaken(t, c), g, solver); d.Exact != c.Method.Exact() {
				t.Errorf("%v %s by %#v: %v", g, c.title(), solver, d)
			}
		}
	}
}

// Broken twins: models of half of the group pass for ones of the whole. The test above must see each of them, rounding errors
// too: a 3×3 kernel that is tied over C4 is one that is tied over D4, but its sums are in C4's order.
func TestGeneratedLawTwins(t *testing.T) {
	next := 0
	for method := range Method(len(methods)) {
		for _, half := range []group.Group{group.C4, group.D2} {
			m := shaken(t, tiny(half, method))
			solver := quick[next%len(quick)]
			next++
			if d := moves(t, m, group.D4, solver); d.Exact {
				t.Errorf("%v over %v under D4, by %#v: %v", method, half, solver, d)
			}
			if d := moves(t, m, half, solver); d.Exact != method.Exact() {
				t.Errorf("%v under %v, by %#v: %v", method, half, solver, d)
			}
		}
	}
}

// relabelled returns the model with another method.
func relabelled(m *Model, method Method) *Model {
	c := m.config
	c.Method = method
	return newModel(c, m.network)
}

// A file that claims what it does not have is refused, with its path and what is wrong.
func TestFalseClaims(t *testing.T) {
	for _, c := range []struct {
		claim Method
		in    *Model
	}{
		{WT, shaken(t, tiny(group.C4, Plain))},
		{GC, shaken(t, func() Config { // of the shape of a network with planes, which are not tied
			c := tiny(group.C4, GC)
			c.Network = c.Resolved().Network.Fitted()
			c.Method = Plain
			return c
		}())},
	} {
		m := relabelled(c.in, c.claim)
		m.config.Network = tiny(group.C4, c.claim).Resolved().Network
		path := filepath.Join(t.TempDir(), "claim.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		var tie *nn.TieError
		if _, err := Load(path); !errors.As(err, &tie) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tie.Name) {
			t.Errorf("%v: %v; want a tie that the file does not have", c.claim, err)
		}
	}
}
