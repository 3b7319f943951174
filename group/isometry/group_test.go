package isometry

import (
	"math"
	"slices"
	"testing"

	"spdiff/group"
)

// families are groups of all kinds, by name.
func families() map[string]*Group {
	return map[string]*Group{
		"{e} on ℝ³": Trivial(3), "C1": Cyclic(1), "C2": Cyclic(2), "C3": Cyclic(3), "C4": Cyclic(4), "C12": Cyclic(12), "C97": Cyclic(97),
		"D1": Dihedral(1), "D2": Dihedral(2), "D3": Dihedral(3), "D4": Dihedral(4), "D8": Dihedral(8), "D15": Dihedral(15),
		"S1": Symmetric(1), "S3": Symmetric(3), "S4": Symmetric(4), "B1": SignedPermutations(1), "B2": SignedPermutations(2),
		"B3": SignedPermutations(3), "C4×S3": Product(Cyclic(4), Symmetric(3)), "D5×C3": Product(Dihedral(5), Cyclic(3)),
		"D4 on 5×5×2": Grid(group.D4, 5, 5, 2), "D2 on 2×3": Grid(group.D2, 2, 3, 1), "A5": icosahedron(), "Q8": quaternions(),
	}
}

// icosahedron returns the 60 turns of the icosahedron whose vertices are the cyclic permutations of (0, ±1, ±φ).
func icosahedron() *Group {
	const p = math.Phi
	return mustGenerate(3,
		Matrix{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}},
		Matrix{{0.5, -p / 2, 1 / p / 2}, {p / 2, 1 / p / 2, -0.5}, {1 / p / 2, 0.5, p / 2}})
}

// quaternions returns {±1, ±i, ±j, ±k}, acting on ℝ⁴ by multiplication.
func quaternions() *Group {
	return mustGenerate(4,
		Matrix{{0, -1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, -1}, {0, 0, 1, 0}},
		Matrix{{0, 0, -1, 0}, {0, 0, 0, 1}, {1, 0, 0, 0}, {0, -1, 0, 0}})
}

// The axioms, over all triples.
func TestAxioms(t *testing.T) {
	for name, g := range families() {
		n := g.Order()
		for a := range n {
			if g.Mul(0, a) != a || g.Mul(a, 0) != a {
				t.Fatalf("%s: 0 is not the identity for %d", name, a)
			}
			if i := g.Inverse(a); g.Mul(a, i) != 0 || g.Mul(i, a) != 0 {
				t.Fatalf("%s: %d is not the inverse of %d", name, i, a)
			}
			for b := range n {
				for c := range n {
					if g.Mul(g.Mul(a, b), c) != g.Mul(a, g.Mul(b, c)) {
						t.Fatalf("%s: (%d·%d)·%d ≠ %d·(%d·%d)", name, a, b, c, a, b, c)
					}
				}
			}
		}
	}
}

// rounding is how far the matrices of a product may be from the product of the matrices: entries of both are products of short
// words, each factor within an ulp.
const rounding = 1e-14

// The table says what the matrices do: exactly where they are signed permutations.
func TestTableIsThatOfTheMatrices(t *testing.T) {
	for name, g := range families() {
		for a := range g.Order() {
			if reason := g.Matrix(a).check(g.Dim()); reason != "" {
				t.Fatalf("%s: element %d: %s", name, a, reason)
			}
			for b := range g.Order() {
				if g.Dim() > 10 && a != b { // the grids, whose products are tested by their permutations
					continue
				}
				d := g.Matrix(a).mul(g.Matrix(b)).distance(g.Matrix(g.Mul(a, b)))
				if d > rounding || g.Exact() && d != 0 {
					t.Fatalf("%s: the matrices of %d and %d multiply to that of %d with an error of %g", name, a, b, g.Mul(a, b), d)
				}
			}
		}
	}
}

// Elements are where their words lead, have the orders of their powers, and are found by their matrices, and by what is near them,
// orthogonal or not.
func TestElements(t *testing.T) {
	for name, g := range families() {
		if g.Matrix(0).distance(identity(g.Dim())) != 0 {
			t.Errorf("%s: element 0 is not the identity", name)
		}
		for a := range g.Order() {
			product := 0
			for _, k := range slices.Backward(g.Word(a)) {
				product = g.Mul(g.Generators()[k], product)
			}
			if product != a {
				t.Errorf("%s: the word %v multiplies to %d, not %d", name, g.Word(a), product, a)
			}
			power, k := a, 1
			for ; power != 0; k++ {
				power = g.Mul(power, a)
			}
			if g.ElementOrder(a) != k || g.Order()%k != 0 {
				t.Errorf("%s: element %d has order %d, want %d, a divisor of %d", name, a, g.ElementOrder(a), k, g.Order())
			}
			if b, ok := g.Find(g.Matrix(a)); !ok || b != a {
				t.Errorf("%s: element %d is found as %d, %v", name, a, b, ok)
			}
			near := g.Matrix(a)
			near[0][0] += 1e-9
			if b, ok := g.Find(near); !ok || b != a {
				t.Errorf("%s: 10⁻⁹ from element %d is found as %d, %v", name, a, b, ok)
			}
			near[0][0] += 1e-7
			if b, ok := g.Find(near); ok {
				t.Errorf("%s: 10⁻⁷ from element %d is found as %d", name, a, b)
			}
		}
	}
	if _, ok := Cyclic(4).Find(Rotation(1, 8)); ok {
		t.Error("an eighth of a turn is found in C4")
	}
	if _, ok := Cyclic(4).Find(identity(3)); ok {
		t.Error("a matrix of ℝ³ is found in C4")
	}
	if _, ok := Cyclic(4).Find(Matrix{{1, 0}, {0, math.NaN()}}); ok {
		t.Error("a NaN is found in C4")
	}
}

// Known numbers: elements, conjugacy classes, elements of the centre.
func TestKnownGroups(t *testing.T) {
	all := families()
	for name, want := range map[string]struct{ order, classes, centre int }{
		"{e} on ℝ³": {1, 1, 1}, "C12": {12, 12, 12}, "D1": {2, 2, 2}, "D3": {6, 3, 1}, "D4": {8, 5, 2}, "D8": {16, 7, 2}, "D15": {30, 9, 1},
		"S3": {6, 3, 1}, "S4": {24, 5, 1}, "B2": {8, 5, 2}, "B3": {48, 10, 2}, "C4×S3": {24, 12, 4}, "D5×C3": {30, 12, 3},
		"D4 on 5×5×2": {8, 5, 2}, "A5": {60, 5, 1}, "Q8": {8, 5, 2},
	} {
		g := all[name]
		classes := g.ConjugacyClasses()
		if g.Order() != want.order || len(classes) != want.classes || g.Centre().Order() != want.centre {
			t.Errorf("%s has %d elements in %d classes, %d in its centre; want %v", name, g.Order(), len(classes), g.Centre().Order(), want)
		}
		if g.Commutative() != (len(classes) == g.Order()) {
			t.Errorf("%s: commutative: %v", name, g.Commutative())
		}
	}
	for n, order := range map[int]int{5: 120, 6: 720, 7: 5040} {
		if testing.Short() && n > 6 {
			continue
		}
		if got := Symmetric(n).Order(); got != order {
			t.Errorf("S%d has %d elements", n, got)
		}
	}
	if got := SignedPermutations(4).Order(); got != 384 {
		t.Errorf("B4 has %d elements", got)
	}
}

// C4, D4 and the grids have the elements, products and trees of package group.
func TestGroupsOfTheGrid(t *testing.T) {
	equal := func(name string, g *Group, want group.Group) {
		for a := range g.Order() {
			for b := range g.Order() {
				if g.Mul(a, b) != want.Mul(a, b) {
					t.Fatalf("%s: %d·%d = %d, in package group %d", name, a, b, g.Mul(a, b), want.Mul(a, b))
				}
			}
		}
	}
	equal("C4", Cyclic(4), group.C4)
	equal("D4", Dihedral(4), group.D4)
	for _, want := range group.All() {
		g := Grid(want, 4, 4, 3)
		equal(want.Name(), g, want)
		if !slices.Equal(g.Tree(), want.Tree()) || len(g.Chain()) != len(want.Chain()) {
			t.Errorf("%v on a grid has the tree %v", want, g.Tree())
		}
		x, z, y := make([]float32, 2*48), make([]float32, 2*48), make([]float32, 2*48)
		for i := range x {
			x[i] = float32(i)
		}
		for a := range want.Order() {
			g.Act(z, x, a)
			want.Act(y, x, a, 2, 4, 4, 3)
			if !slices.Equal(z, y) {
				t.Errorf("%v: element %d moves pixels otherwise than in package group", want, a)
			}
		}
	}
	for a := range 8 { // as matrices on (y, x): where the pixel above the centre of a 3×3 grid goes
		m, p := Dihedral(4).Matrix(a), group.D4.Permutation(group.D4.Inverse(a), 3, 3)
		if y, x := -int(m[0][0]), -int(m[1][0]); int(p[1]) != (y+1)*3+x+1 {
			t.Errorf("element %d of D4 moves (−1, 0) to (%d, %d), in package group to pixel %d", a, y, x, p[1])
		}
	}
}

// What a method returns is the caller's.
func TestResultsAreCopies(t *testing.T) {
	g := Dihedral(4)
	g.Matrix(1)[0][0] = 9
	g.Matrix(0)[0][0] = 9
	g.Tree()[0] = 9
	g.Generators()[0] = 9
	g.Chain()[0].Elements()[0] = 9
	g.Whole().Elements()[0] = 9
	m := Rotation(1, 3)
	h := mustGenerate(2, m)
	m[0][0] = 9
	if g.Matrix(0)[0][0] != 1 || g.Tree()[0] != 0 || g.Generators()[0] != 1 || g.Chain()[0].Elements()[0] != 0 || h.Matrix(1)[0][0] == 9 {
		t.Error("a caller can change a group")
	}
	h.Matrix(1)[0][0] = 9
	if h.Matrix(1)[0][0] == 9 {
		t.Error("a caller can change a matrix")
	}
}

// Vectors move without rounding under signed permutations, whatever they hold, and by float64 sums under others.
func TestAct(t *testing.T) {
	g := SignedPermutations(3)
	special := []float32{float32(math.Inf(1)), -0x1p-149, float32(math.Copysign(0, -1)), math.MaxFloat32, 1e-40, 3}
	for a := range g.Order() {
		z := make([]float32, 6)
		g.Act(z, special, a)
		for i, row := range g.Matrix(a) {
			for j, v := range row {
				for at := 0; at < 6; at += 3 {
					if v != 0 && math.Float32bits(z[at+i]) != math.Float32bits(float32(v)*special[at+j]) {
						t.Fatalf("element %d: number %d is %v, want %v·%v", a, at+i, z[at+i], v, special[at+j])
					}
				}
			}
		}
	}
	c, x := Cyclic(5), []float64{0.3, -2, 7, 1e-3}
	z, back := make([]float64, 4), make([]float64, 4)
	for a := range 5 {
		c.Act64(z, x, a)
		c.Act64(back, z, c.Inverse(a))
		m := c.Matrix(a)
		for i := range z {
			if want := float64(m[i%2][0]*x[i/2*2]) + float64(m[i%2][1]*x[i/2*2+1]); z[i] != want {
				t.Errorf("C5, element %d: number %d is %v, want %v", a, i, z[i], want)
			}
			if math.Abs(back[i]-x[i]) > 1e-14 {
				t.Errorf("C5: element %d there and back takes %v to %v", a, x[i], back[i])
			}
		}
	}
}

func TestExact(t *testing.T) {
	for name, g := range families() {
		want := !slices.Contains([]string{"C3", "C12", "C97", "D3", "D8", "D15", "D5×C3", "A5"}, name)
		if g.Exact() != want {
			t.Errorf("%s: Exact is %v", name, g.Exact())
		}
	}
}
