package isometry

import (
	"math"
	"slices"
	"testing"

	"spdiff/group"
)

// types are representations of g of all kinds.
func types(g *Group) map[string]*Representation {
	all := map[string]*Representation{"standard": g.Standard(), "trivial": g.Trivial(), "regular": g.Regular()}
	all["1 ⊕ standard ⊕ regular ⊕ 1"] = DirectSum(g.Trivial(), g.Standard(), g.Regular(), g.Trivial())
	all["standard ⊗ (1 ⊕ standard)"] = Tensor(g.Standard(), DirectSum(g.Trivial(), g.Standard()))
	for i, s := range subgroups(g) {
		if i%3 == 0 {
			all["on cosets of "+s.Group().String()] = g.OnCosets(s)
		}
	}
	return all
}

// ρ(ab) = ρ(a)ρ(b) and ρ(e) = 1, with no error where nothing rounds; ρ(a) is orthogonal.
func TestRepresentationsAreHomomorphisms(t *testing.T) {
	all := families()
	for _, name := range []string{"{e} on ℝ³", "C3", "C4", "D2", "D3", "D4", "S3", "B2", "Q8", "D2 on 2×3"} {
		g := all[name]
		for kind, r := range types(g) {
			if r.Group() != g || r.Matrix(0).distance(identity(r.Dim())) != 0 {
				t.Errorf("%s, %s: e is not represented by 1 on ℝ^%d", name, kind, r.Dim())
			}
			for a := range g.Order() {
				if reason := r.Matrix(a).checkOrthogonal(); reason != "" {
					t.Errorf("%s, %s: %d: %s", name, kind, a, reason)
				}
				for b := range g.Order() {
					d := r.Matrix(a).mul(r.Matrix(b)).distance(r.Matrix(g.Mul(a, b)))
					if d > rounding || g.Exact() && d != 0 {
						t.Fatalf("%s, %s: ρ(%d)ρ(%d) is %g from ρ of the product", name, kind, a, b, d)
					}
				}
			}
		}
	}
}

// Act is the matrix, on every vector of a batch.
func TestRepresentationActs(t *testing.T) {
	for _, g := range []*Group{Dihedral(3), Dihedral(4), quaternions()} {
		for kind, r := range types(g) {
			x, z := make([]float64, 2*r.Dim()), make([]float64, 2*r.Dim())
			x32, z32 := make([]float32, len(x)), make([]float32, len(x))
			for i := range x {
				x[i] = float64(float32(math.Sin(float64(i * i))))
				x32[i] = float32(x[i])
			}
			for a := range g.Order() {
				r.Act64(z, x, a)
				r.Act(z32, x32, a)
				for i := range z {
					want, at := 0.0, i/r.Dim()*r.Dim()
					for j, v := range r.Matrix(a)[i-at] {
						want += float64(v * x[at+j])
					}
					if math.Abs(z[i]-want) > 1e-15*float64(r.Dim()) || math.Abs(float64(z32[i])-want) > 1e-6 {
						t.Fatalf("%v, %s: element %d: number %d is %v and %v, want %v", g, kind, a, i, z[i], z32[i], want)
					}
				}
			}
		}
	}
}

// (ρ(a)v)[b] = v[a⁻¹b] for the regular representation, and the field types between it and the trivial one are those on cosets.
func TestRegularAndTrivial(t *testing.T) {
	for name, g := range families() {
		if g.Order() > 60 {
			continue
		}
		regular, cosets := g.Regular(), g.OnCosets(g.Subgroup())
		trivial := g.OnCosets(g.Whole())
		for a := range g.Order() {
			perm, ok := regular.Permutation(a)
			for b := range g.Order() {
				if !ok || int(perm[b]) != g.Mul(g.Inverse(a), b) {
					t.Fatalf("%s: %d moves place %d to %d", name, a, perm[b], b)
				}
			}
			if p, ok := cosets.Permutation(a); !ok || !slices.Equal(p, perm) {
				t.Errorf("%s: on the cosets of {e} %d is %v, regular %v", name, a, p, perm)
			}
			if p, ok := trivial.Permutation(a); !ok || !slices.Equal(p, []int32{0}) || g.Trivial().Matrix(a)[0][0] != 1 {
				t.Errorf("%s: on the cosets of G %d is %v", name, a, p)
			}
		}
	}
	if _, ok := SignedPermutations(2).Standard().Permutation(7); ok {
		t.Error("a change of signs is taken for a permutation")
	}
}

// Characters: of the regular representation |G| at e and 0 elsewhere, of a sum the sum, of a product the product; equal on
// conjugate elements; and the mean of a permutation's is the number of orbits: one for cosets.
func TestCharacters(t *testing.T) {
	for name, g := range families() {
		if g.Order() > 60 || g.Dim() > 10 {
			continue
		}
		s, regular := g.Standard(), g.Regular()
		sum, product := DirectSum(s, regular), Tensor(s, s)
		for a := range g.Order() {
			want := 0.0
			if a == 0 {
				want = float64(g.Order())
			}
			chi := s.Character(a)
			if regular.Character(a) != want || math.Abs(sum.Character(a)-chi-want) > rounding || math.Abs(product.Character(a)-chi*chi) > 2*rounding {
				t.Errorf("%s: characters of %d: %v, %v, %v, %v", name, a, chi, regular.Character(a), sum.Character(a), product.Character(a))
			}
		}
		for _, class := range g.ConjugacyClasses() {
			for _, a := range class {
				if math.Abs(s.Character(a)-s.Character(class[0])) > rounding {
					t.Errorf("%s: conjugate elements %d and %d have traces %v and %v", name, a, class[0], s.Character(a), s.Character(class[0]))
				}
			}
		}
		fixed := 0.0
		on := g.OnCosets(g.Subgroup(g.Order() - 1))
		for a := range g.Order() {
			fixed += on.Character(a)
		}
		if fixed != float64(g.Order()) {
			t.Errorf("%s: the cosets are %v orbits", name, fixed/float64(g.Order()))
		}
	}
}

// A field on a grid moves pixels as package group does and its channels by their type.
func TestFieldsOnAGrid(t *testing.T) {
	const h, w = 4, 4
	g := Grid(group.D4, h, w, 1)
	channels := DirectSum(g.Trivial(), g.Regular())
	field, c := Tensor(g.Standard(), channels), channels.Dim()
	if c != 9 || field.Dim() != h*w*c {
		t.Fatalf("%d channels, %d numbers", c, field.Dim())
	}
	x, z, y := make([]float32, h*w*c), make([]float32, h*w*c), make([]float32, h*w*c)
	for i := range x {
		x[i] = float32(i)
	}
	for a := range g.Order() {
		field.Act(z, x, a)
		group.D4.Act(y, x, a, 1, h, w, c)
		for p := 0; p < len(y); p += c {
			want := make([]float32, c)
			channels.Act(want, y[p:p+c], a)
			if !slices.Equal(z[p:p+c], want) {
				t.Fatalf("element %d: pixel %d is %v, want %v", a, p/c, z[p:p+c], want)
			}
		}
	}
}
