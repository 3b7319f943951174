package isometry

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Turns by 2π/n close, whatever n and the space they are in.
func TestTurnsClose(t *testing.T) {
	sizes := []int{1, 2, 3, 5, 6, 7, 12, 64, 97, 100, 299, 360, 361, 499, 720}
	for _, n := range sizes {
		for name, g := range map[string]*Group{
			"a turn":              mustGenerate(2, Rotation(1, n)),
			"a turn back":         mustGenerate(2, Rotation(-1, n)),
			"math.Cos":            mustGenerate(2, turn(2*math.Pi/float64(n))),
			"a turn about z":      mustGenerate(3, Blocks(Rotation(1, n), Matrix{{1}})),
			"about another axis":  mustGenerate(3, conjugate(Blocks(Rotation(1, n), Matrix{{1}}), uint64(n))),
			"two planes at once":  mustGenerate(4, Blocks(Rotation(1, n), Rotation(2, n))),
			"turned against each": mustGenerate(4, conjugate(Blocks(Rotation(1, n), Rotation(-1, n)), uint64(n))),
		} {
			if g.Order() != n || !g.Commutative() {
				t.Errorf("n = %d, %s: %v", n, name, g)
			}
		}
		c, g := Cyclic(n), mustGenerate(2, Rotation(1, n))
		for k := range n {
			if d := c.Matrix(k).distance(g.Matrix(k)); d > float64(n+1)*0x1p-52 {
				t.Errorf("n = %d: power %d has an error of %g", n, k, d)
			}
		}
		if d := mustGenerate(2, mirror(0), mirror(math.Pi/float64(n))); d.Order() != 2*n {
			t.Errorf("two mirrors at π/%d: %v", n, d)
		}
	}
	if g := mustGenerate(2, Rotation(1, MaxOrder)); !testing.Short() && g.Order() != MaxOrder {
		t.Errorf("turns by a %dth: %v", MaxOrder, g)
	}
}

func turn(angle float64) Matrix {
	sin, cos := math.Sincos(angle)
	return Matrix{{cos, -sin}, {sin, cos}}
}

func mirror(angle float64) Matrix {
	sin, cos := math.Sincos(2 * angle)
	return Matrix{{cos, sin}, {sin, -cos}}
}

// conjugate returns QMQᵀ for a random orthogonal Q.
func conjugate(m Matrix, seed uint64) Matrix {
	r, q := rand.New(rand.NewPCG(seed, 1)), identity(len(m))
	for range 2 * len(m) { // Q is a product of mirrors 1 − 2vvᵀ
		v, norm := make([]float64, len(m)), 0.0
		for i := range v {
			v[i] = r.NormFloat64()
			norm += v[i] * v[i]
		}
		h := identity(len(m))
		for i := range v {
			for j := range v {
				h[i][j] -= 2 * v[i] * v[j] / norm
			}
		}
		q = h.mul(q)
	}
	transposed := zeros(len(m))
	for i, row := range q {
		for j, v := range row {
			transposed[j][i] = v
		}
	}
	return q.mul(m).mul(transposed)
}

// The same group in another frame has the same classes: nothing depends on exactness.
func TestConjugatesAreIsomorphic(t *testing.T) {
	for seed := range uint64(5) {
		b3 := mustGenerate(3, conjugate(cycle(3), seed), conjugate(exchange(3), seed), conjugate(Blocks(Matrix{{-1}}, identity(2)), seed))
		if b3.Order() != 48 || len(b3.ConjugacyClasses()) != 10 || b3.Exact() {
			t.Errorf("the cube in another frame has %d symmetries in %d classes", b3.Order(), len(b3.ConjugacyClasses()))
		}
	}
}

// Random elements of large groups generate, by their matrices and in any frame, what they generate by the table; and sums over it are
// invariant.
func TestRandomGroups(t *testing.T) {
	large := []*Group{SignedPermutations(4), Symmetric(5), icosahedron(), Product(Dihedral(12), SignedPermutations(2))}
	r, trials := rand.New(rand.NewPCG(9, 9)), 60
	if testing.Short() {
		trials = 10
	}
	for seed := range uint64(trials) {
		g := large[r.IntN(len(large))]
		var elements []int
		var matrices, turned []Matrix
		for range 1 + r.IntN(3) {
			a := r.IntN(g.Order())
			elements = append(elements, a)
			matrices, turned = append(matrices, g.Matrix(a)), append(turned, conjugate(g.Matrix(a), seed))
		}
		s, h, other := g.Subgroup(elements...), mustGenerate(g.Dim(), matrices...), mustGenerate(g.Dim(), turned...)
		if h.Order() != s.Order() || other.Order() != s.Order() {
			t.Fatalf("elements %v of %v: a subgroup of %d, generated %v, in another frame %v", elements, g, s.Order(), h, other)
		}
		for a, row := range h.product { // found in the same order of words: the same tables
			if !slices.Equal(row, other.product[a]) {
				t.Fatalf("elements %v of %v: in another frame the products of %d are %v, not %v", elements, g, a, other.product[a], row)
			}
			b, ok := g.Find(h.Matrix(a))
			if !ok || !s.Contains(b) {
				t.Fatalf("elements %v of %v: generated element %d is none of the subgroup", elements, g, a)
			}
		}
		if left, right := moved(other, seed, 20, bySum(other)); left+right > 0 {
			t.Errorf("elements %v of %v: %d and %d of 20 sums change", elements, g, left, right)
		}
	}
}

// Powers that come near to integers become exact: a quarter turn is one, however it was reached.
func TestSnapping(t *testing.T) {
	g := mustGenerate(2, Rotation(1, 360))
	for k := range 360 {
		if exact := g.elements[k].exact(); exact != (k%90 == 0) {
			t.Errorf("the turn by %d degrees: exact is %v", k, exact)
		}
	}
}

// A matrix is found from the other side of a cell's border too.
func TestIndexFindsAcrossBorders(t *testing.T) {
	across := 0
	for k := range 2000 {
		x, a := newByShadow(2), linear{dense: turn(float64(k) * 1e-3)}
		x.add(a, 0)
		for _, d := range []float64{-gap / 10, gap / 10} {
			b := linear{dense: turn(float64(k)*1e-3 + d)}
			if x.cell(a) != x.cell(b) {
				across++
			}
			if number, distance := x.find(b, []linear{a}); number != 0 || math.Abs(distance-gap/10*math.Sqrt2) > 1e-9 {
				t.Fatalf("a turn by %v more than %v is found as %d, at a distance of %v", d, float64(k)*1e-3, number, distance)
			}
		}
	}
	if across == 0 {
		t.Error("no border was crossed")
	}
}

// The order of a signed permutation from its cycles is that from its powers.
func TestCycles(t *testing.T) {
	for _, g := range []*Group{SignedPermutations(3), SignedPermutations(4), Symmetric(5), quaternions()} {
		for a, e := range g.elements {
			if e.cycles() != g.ElementOrder(a) {
				t.Errorf("%v: element %d is of order %d, by its cycles %d", g, a, g.ElementOrder(a), e.cycles())
			}
		}
	}
}

// What is no finite group is refused, by the number of the generator and the reason, at once.
func TestGenerateErrors(t *testing.T) {
	one := identity(2)
	third := mustGenerate(3, Blocks(Rotation(1, 3), Matrix{{1}}))
	for name, c := range map[string]struct {
		generators []Matrix
		at         []int
		reason     string
	}{
		"an irrational angle":       {[]Matrix{one, turn(1)}, []int{1}, "its power 710 differs from the identity"},
		"√2 of a turn":              {[]Matrix{turn(2 * math.Pi * math.Sqrt2)}, []int{0}, "infinite group"},
		"the golden angle":          {[]Matrix{turn(2 * math.Pi * math.Phi)}, []int{0}, "none of its powers up to 5040"},
		"two irrational angles":     {[]Matrix{Blocks(turn(1), turn(math.Sqrt2))}, []int{0}, "infinite group"},
		"not quite a 300th":         {[]Matrix{turn(2*math.Pi/300 + 1e-6)}, []int{0}, "its power 300 differs"},
		"a fine fraction of a turn": {[]Matrix{Rotation(1, MaxOrder+1)}, []int{0}, "infinite group, or too large a one"},
		"mirrors at an odd angle":   {[]Matrix{one, mirror(0), mirror(1)}, []int{1, 2}, "two of their products differ"},
		"turns about two axes":      {[]Matrix{identity(3), third.Matrix(1), conjugate(third.Matrix(1), 3)}, []int{1, 2}, "two of their products differ"},
		"S8":                        {[]Matrix{cycle(8), exchange(8)}, []int{0, 1}, "more than 5040"},
		"a long permutation":        {[]Matrix{identity(40), Blocks(cycle(5), cycle(7), cycle(8), cycle(9), cycle(11))}, []int{1}, "its order is 27720 or a multiple"},
		"a stretch":                 {[]Matrix{one, {{2, 0}, {0, 0.5}}}, []int{1}, "no isometry: the product of its rows 0 and 0 is 4, not 1"},
		"a shear":                   {[]Matrix{{{1, 0}, {1, 1}}}, []int{0}, "rows 0 and 1 is 1, not 0"},
		"a projection":              {[]Matrix{{{1, 0}, {0, 0}}}, []int{0}, "rows 1 and 1 is 0, not 1"},
		"six digits":                {[]Matrix{{{0.5, -0.866025}, {0.866025, 0.5}}}, []int{0}, "no isometry"},
		"NaN":                       {[]Matrix{{{1, 0}, {0, math.NaN()}}}, []int{0}, "entry 1, 1 is NaN"},
		"infinity":                  {[]Matrix{{{math.Inf(-1), 0}, {0, 1}}}, []int{0}, "entry 0, 0 is -Inf"},
		"not square":                {[]Matrix{one, {{1, 0, 0}, {0, 1, 0}}}, []int{1}, "row 0 has 3 numbers"},
		"ragged":                    {[]Matrix{{{1, 0}, {0}}}, []int{0}, "row 1 has 1 numbers"},
		"of another dimension":      {[]Matrix{one, identity(3)}, []int{1}, "it has 3 rows; the space has dimension 2"},
		"empty":                     {[]Matrix{one, {}}, []int{1}, "it has 0 rows"},
		"nil":                       {[]Matrix{nil}, []int{0}, "it has 0 rows"},
	} {
		dim := len(c.generators[0])
		if dim < 2 {
			dim = 2
		}
		began := time.Now()
		_, err := Generate(dim, c.generators...)
		var e *GeneratorError
		if !errors.As(err, &e) || !slices.Equal(e.Generators, c.at) || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if d := time.Since(began); d > time.Minute {
			t.Errorf("%s: found in %v", name, d)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	_, err := Generate(2, Matrix{{1, 0}, {1, 1}})
	want := "isometry: generator 0: it is no isometry: the product of its rows 0 and 1 is 1, not 0 to within 1e-12"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	_, err = Generate(8, cycle(8), exchange(8))
	if err == nil || err.Error() != "isometry: generators [0 1]: they generate more than 5040 elements" {
		t.Error(err)
	}
	for want, f := range map[string]func(){
		"isometry: Cyclic of 0: the number must be at least 1, and the group may have at most 5040 elements": func() { Cyclic(0) },
		"isometry: Dihedral of 2521: the number must be at least 1":                                          func() { Dihedral(2521) },
		"isometry: Symmetric of 8: ":                               func() { Symmetric(8) },
		"isometry: Dihedral of 1073741824: ":                       func() { Dihedral(1 << 30) }, // 2n is no int of 32 bits
		"isometry: SignedPermutations of 6: ":                      func() { SignedPermutations(6) },
		"isometry: SignedPermutations of -1: ":                     func() { SignedPermutations(-1) },
		"isometry: Generate: dim of 0: ":                           func() { Generate(0) },
		"isometry: Trivial of 0: ":                                 func() { Trivial(0) },
		"isometry: Rotation of 0: ":                                func() { Rotation(1, 0) },
		"isometry: Product of 14400: ":                             func() { Product(Symmetric(5), Symmetric(5)) },
		"isometry: Blocks: a row of a block has 2 numbers, want 1": func() { Blocks(Matrix{{1, 0}}) },
		"isometry: Act: x has 3 numbers, want 2":                   func() { Cyclic(3).Act64(make([]float64, 3), make([]float64, 3), 1) },
		"isometry: Act: z has 4 numbers, want 2":                   func() { Cyclic(3).Act(make([]float32, 4), make([]float32, 2), 1) },
		"isometry: Sum: v has 2 numbers, want 3":                   func() { Cyclic(3).Sum(nil, make([][]float32, 2)) },
		"isometry: Tensor of representations of different groups: 3 isometries of ℝ^2, and the identity of ℝ^2": func() { Tensor(Cyclic(3).Trivial(), Trivial(2).Trivial()) },
	} {
		if got := message(f); !strings.HasPrefix(got, want) {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

// message returns the text of the error that f panics with.
func message(f func()) (text string) {
	defer func() {
		if err, ok := recover().(error); ok {
			text = err.Error()
		}
	}()
	f()
	return ""
}

// The cosine and sine of k/n of a turn are correctly rounded, and those of symmetric angles are the same numbers.
func TestRotation(t *testing.T) {
	for _, c := range []struct {
		k, n     int
		cos, sin float64
	}{
		{0, 7, 1, 0}, {1, 4, 0, 1}, {2, 4, -1, 0}, {-1, 4, 0, -1}, {1, 12, 0.8660254037844386467637231707529361834714, 0.5},
		{1, 8, 0.7071067811865475244008443621048490392848, 0.7071067811865475244008443621048490392848},
		{1, 5, 0.3090169943749474241022934171828190588602, 0.9510565162951535721164393333793821434057},
		{1, 3, -0.5, 0.8660254037844386467637231707529361834714},
		{1, 360, 0.9998476951563912391570115588139148516927, 0.01745240643728351281941897851631619247225},
		{401, 360, 0.7547095802227719979429842195610281450326, 0.6560590289905072847824949640234082665312},
	} {
		if m := Rotation(c.k, c.n); m[0][0] != c.cos || m[1][0] != c.sin || m[0][1] != -c.sin || m[1][1] != c.cos {
			t.Errorf("%d/%d of a turn: %v, want cosine %v and sine %v", c.k, c.n, m, c.cos, c.sin)
		}
	}
	for _, n := range []int{3, 7, 16, 23, 100, 255, 5040} {
		for k := range n {
			m, sin := Rotation(k, n), math.Sin(2*math.Pi*float64(k)/float64(n))
			if math.Abs(m[1][0]-sin) > 1e-15 {
				t.Errorf("the sine of %d/%d of a turn is %v, math.Sin says %v", k, n, m[1][0], sin)
			}
			if back, half := Rotation(-k, n), Rotation(2*k+n, 2*n); back[0][0] != m[0][0] || back[1][0] != -m[1][0] || half[0][0] != -m[0][0] {
				t.Errorf("%d/%d of a turn: %v, back %v, with half a turn more %v", k, n, m, back, half)
			}
		}
	}
}
