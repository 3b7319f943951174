package theory_test

import (
	"context"
	"fmt"
	"math"

	"spdiff/group/isometry"
	"spdiff/sde"
	"spdiff/sde/theory"
)

// A density made invariant under the square's symmetries has an equivariant score, to the last bit; any other has none.
func ExampleCheck_Lemma1() {
	g := isometry.Dihedral(4)
	c := theory.Check{Group: g, Points: theory.Points(2, 20, 1, 1)}
	some := theory.NewMixture(theory.Component{Weight: 1, Mean: []float64{2, 0.5}, Variance: 0.3})
	for _, m := range []*theory.Mixture{some, some.Orbit(g)} {
		e := theory.Evolution{Start: m, Process: sde.PaperCosine}
		l := c.Lemma1(e.LogDensity, e.Score)
		fmt.Println(l.Density.Holds(), l.Score.Holds(), l.Agree())
	}
	// Output:
	// false false true
	// true true true
}

// Why Proposition 1 needs care: a drift that turns the plane is not equivariant under a mirror, but a round density does not
// notice. One that pulls to a side is noticed.
func ExampleCheck_Proposition1() {
	c := theory.Check{Group: isometry.Dihedral(1), Points: theory.Points(2, 20, 1, 1), Bound: 1e-9}
	round := theory.NewMixture(theory.Component{Weight: 1, Mean: []float64{0, 0}, Variance: 1})
	score := func(z, x []float64, t float64) { round.Score(z, x) }

	turn := func(z, x []float64, t float64) { z[0], z[1] = -x[0]-x[1], x[0]-x[1] }
	side := func(z, x []float64, t float64) { z[0], z[1] = -x[0], 1-x[1] }
	for _, drift := range []theory.Field{turn, side} {
		p := c.Proposition1(drift, score)
		fmt.Println("equivariant:", p.Drift.Holds(), " marginals stay invariant:", p.Current.Holds())
	}
	// Output:
	// equivariant: false  marginals stay invariant: true
	// equivariant: false  marginals stay invariant: false
}

// The paper's Figure 4: p_t from a density symmetric about 0, under a drift that pushes to 1, and under that of a VP process.
func ExampleIto_Evolve() {
	g := isometry.SignedPermutations(1)
	grid := theory.Grid{Dim: 1, Cells: 120, Radius: 5}
	start := theory.NewMixture(theory.Component{Weight: 1, Mean: []float64{1.5}, Variance: 0.1}).Orbit(g)
	push := theory.Ito{
		Dim:       1,
		Drift:     func(z, x []float64, t float64) { z[0] = 3 * (1 - x[0]) },
		Diffusion: func(t float64) float64 { return 1 },
	}
	for _, p := range []theory.Ito{push, theory.Linear(sde.SongLinear, 1)} {
		density := grid.Fill(start.Density)
		err := p.Evolve(context.Background(), grid, density, sde.Uniform(0, 0.5, 2), func(i int, density []float64) {
			c := theory.Check{Group: g, Points: grid.Centres()}
			symmetric := c.Invariant(grid.Function(density))
			fmt.Print(" ", symmetric.Exact)
		})
		fmt.Println(" ", err)
	}
	// Output:
	//  true false false  <nil>
	//  true true true  <nil>
}

// The average of any function over a group is equivariant, here under the symmetries of the cube, of which there are 48.
func ExampleAverage() {
	g := isometry.SignedPermutations(3)
	c := theory.Check{Group: g, Points: theory.Points(3, 20, 1, 1)}
	f := func(z, x []float64, t float64) { z[0], z[1], z[2] = math.Exp(x[1]), x[0]*x[2], 1 }
	fmt.Println(c.Equivariant(f).Holds())
	fmt.Println(c.Equivariant(theory.Average(g, f)))
	// Output:
	// false
	// holds: equal bits
}

// A network is checked in its own float32 bits.
func ExampleNetwork() {
	g := isometry.Cyclic(4)
	var score sde.Score = func(z, x []float32, t float64) error {
		z[0], z[1] = -x[0]*x[0]*x[0], -x[1]*x[1]*x[1]
		return nil
	}
	n := theory.NewNetwork(score)
	r := theory.Check{Group: g, Points: theory.Points(2, 100, 1, 1)}.Equivariant(n.Field)
	fmt.Println(r, n.Err())
	// Output: holds: equal bits <nil>
}

// No density is invariant under scaling: of Cauchy's the middle shells have more than their share.
func ExampleScaling() {
	e := theory.Scaling(func(x float64) float64 { return 1 / (math.Pi * (1 + x*x)) }, 2, 4, 1e-9)
	fmt.Printf("%.3f\n%v\n", e.Mass, e.Equal.Holds())
	// Output:
	// [0.039 0.077 0.139 0.205 0.205 0.139 0.077 0.039]
	// false
}
