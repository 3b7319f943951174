package theory

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/group/isometry"
	"spdiff/sde"
)

// groups are the ones that statements are tested on, exact and not, with a chain and without.
func groups() map[string]*isometry.Group {
	return map[string]*isometry.Group{
		"flip of ℝ": isometry.SignedPermutations(1), "D1": isometry.Dihedral(1), "C4": isometry.Cyclic(4), "D4": isometry.Dihedral(4),
		"C3": isometry.Cyclic(3), "D5": isometry.Dihedral(5), "S3": isometry.Symmetric(3), "B3": isometry.SignedPermutations(3),
		"C4×C2": isometry.Product(isometry.Cyclic(4), isometry.SignedPermutations(1)), "D4 on 4×4": isometry.Grid(group.D4, 4, 4, 1),
	}
}

var processes = map[string]sde.Process{
	"cosine": sde.PaperCosine, "linear": sde.SongLinear, "sub-VP": sde.SongSubVP, "VE": sde.SongVE, "EDM": sde.EDM{},
}

// random returns a mixture without symmetry.
func random(dim int, seed uint64) *Mixture {
	r := rand.New(rand.NewPCG(seed, 7))
	var components []Component
	for range 3 {
		c := Component{0.2 + r.Float64(), nil, 0.3 + r.Float64()}
		for range dim {
			c.Mean = append(c.Mean, 1.5*r.NormFloat64())
		}
		components = append(components, c)
	}
	return NewMixture(components...)
}

// check returns a check at a few points and times: of bits for an exact group, else to within rounding.
func check(g *isometry.Group) Check {
	c := Check{Group: g, Points: Points(g.Dim(), 5, 1, 11), Times: []float64{0, 0.3, 0.9}}
	if !g.Exact() {
		c.Bound = 1e-12
	}
	return c
}

// uneven is a field with no symmetry at all.
func uneven(z, x []float64, t float64) {
	for i := range z {
		z[i] = math.Sin(float64(i+1)*x[(i+1)%len(x)]+t) + x[i]*x[i]/3 + float64(i) + 1
	}
}

// pull is the drift towards a, which no isometry but those that fix a commutes with.
func pull(a float64) Field {
	return func(z, x []float64, _ float64) {
		for i, v := range x {
			z[i] = a - v
		}
	}
}

// spin is the field of a turning plane, v = (−x₂, x₁): divergence-free, and along the circles about 0.
func spin(z, x []float64, _ float64) { z[0], z[1] = -x[1], x[0] }

func plus(f, g Field) Field {
	return func(z, x []float64, t float64) {
		other := make([]float64, len(z))
		f(z, x, t)
		g(other, x, t)
		for i, v := range other {
			z[i] += v
		}
	}
}

func constant(g float64) func(float64) float64 { return func(float64) float64 { return g } }

// mustPanic checks that f panics with an error of that text.
func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		err, _ := recover().(error)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("panics with %v, want %q", err, want)
		}
	}()
	f()
}
