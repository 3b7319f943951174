package metrics

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
)

// normal returns n vectors of dim numbers that are correlated and of different sizes.
func normal(seed uint64, n, dim int) *tensor.Tensor {
	x := tensor.New(n, dim)
	tensor.NewStream(seed, 0).Normal(x.Data(), 0)
	for i := range n {
		row := x.Data()[i*dim : (i+1)*dim]
		for j := range row {
			row[j] = float32(row[j]*float32(1+j%7)) + 0.3
			if j > 0 {
				row[j] += float32(0.5 * row[j-1])
			}
		}
	}
	return x
}

// chosen returns the rows of x of those numbers.
func chosen(x *tensor.Tensor, numbers []int) *tensor.Tensor {
	dim := x.Shape()[1]
	y := tensor.New(len(numbers), dim)
	for i, n := range numbers {
		copy(y.Data()[i*dim:(i+1)*dim], x.Data()[n*dim:(n+1)*dim])
	}
	return y
}

// momentsOf returns the moments of x, added so many rows at a time.
func momentsOf(t testing.TB, x *tensor.Tensor, batch int) *Moments {
	t.Helper()
	n, dim := x.Shape()[0], x.Shape()[1]
	m := NewMoments("test", dim, 0, 0, 1)
	for i := 0; i < n; i += batch {
		k := min(batch, n-i)
		if err := m.Add(tensor.From(x.Data()[i*dim:(i+k)*dim], k, dim)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func statisticsOf(t testing.TB, m *Moments) *Statistics {
	t.Helper()
	s, err := m.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sameBits(a, b *Statistics) bool {
	equal := func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }
	return slices.EqualFunc(a.Mean, b.Mean, equal) && slices.EqualFunc(a.Covariance, b.Covariance, equal)
}

// Order, batch, parts and workers change no bit. The same in float64 sums, in order of arrival, changes many, so the test can see.
func TestOrderChangesNoBit(t *testing.T) {
	defer tensor.SetWorkers(0)
	x := normal(1, 2500, 37)
	want := statisticsOf(t, momentsOf(t, x, 2500))
	for i, batch := range []int{1, 64, 1000, 1024, 2500} {
		tensor.SetWorkers(1 + i%3)
		y := chosen(x, tensor.NewStream(uint64(i), 9).Perm(2500))
		if !sameBits(want, statisticsOf(t, momentsOf(t, y, batch))) {
			t.Errorf("batches of %d in another order have other bits", batch)
		}
	}
	sum := func(order []int) (s float64) {
		for _, i := range order {
			v := float64(x.Data()[i*37])
			s += float64(v * v)
		}
		return s
	}
	if p := tensor.NewStream(1, 9).Perm(2500); sum(p) == sum(slices.Sorted(slices.Values(p))) {
		t.Error("sums in float64 do not depend on the order: the numbers are too simple")
	}
}

// Parts, merged in any order, have the bits of one run.
func TestMergedPartsAreTheWhole(t *testing.T) {
	x := normal(2, 3000, 11)
	want := statisticsOf(t, momentsOf(t, x, 500))
	var parts []*Moments
	for p := range 3 {
		m := NewMoments("test", 11, 0, p, 3)
		from, to := []int{0, 7, 2100, 3000}[p]*11, []int{0, 7, 2100, 3000}[p+1]*11
		if err := m.Add(tensor.From(x.Data()[from:to], (to-from)/11, 11)); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, m)
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}} {
		two, err := Merge(parts[order[0]], parts[order[1]])
		if err != nil {
			t.Fatal(err)
		}
		var missing *PartError
		if _, err := two.Statistics(); !errors.As(err, &missing) {
			t.Errorf("two parts of three have statistics: %v", err)
		}
		all, err := Merge(two, parts[order[2]])
		if err != nil {
			t.Fatal(err)
		}
		if !sameBits(want, statisticsOf(t, all)) {
			t.Errorf("parts in order %v have other bits", order)
		}
	}
	for what, ms := range map[string][]*Moments{
		"a part that comes twice": {parts[0], parts[0]},
		"another cut":             {parts[0], NewMoments("test", 11, 0, 1, 2)},
		"another feature":         {parts[0], NewMoments("other", 11, 0, 1, 3)},
		"another length":          {parts[0], NewMoments("test", 12, 0, 1, 3)},
		"another grid":            {parts[0], NewMoments("test", 11, 1, 1, 3)},
		"nothing":                 {},
	} {
		var e *PartError
		if _, err := Merge(ms...); !errors.As(err, &e) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var e *PartError
	if _, err := Pool(parts[0]); !errors.As(err, &e) {
		t.Errorf("a part is pooled: %v", err)
	}
}

// The statistics are those of the features on the grid in exact arithmetic, but for two roundings: extreme values of both
// signs, every digit, and more vectors than one block.
func TestMomentsAgainstFractions(t *testing.T) {
	const n, dim = 1500, 5
	x := normal(3, n, dim)
	for i := range n {
		x.Data()[i*dim+1] = float32(127 * (1 - 2*(i%2)))
		x.Data()[i*dim+2] *= 1e-6
		x.Data()[i*dim+3] = 127
	}
	got := statisticsOf(t, momentsOf(t, x, 700))
	for i := range dim {
		for j := range dim {
			si, sj, p := new(big.Int), new(big.Int), new(big.Int)
			for k := range n {
				a, b := big.NewInt(Grid(0).round(x.Data()[k*dim+i])), big.NewInt(Grid(0).round(x.Data()[k*dim+j]))
				si.Add(si, a)
				sj.Add(sj, b)
				p.Add(p, a.Mul(a, b))
			}
			top := p.Mul(p, big.NewInt(n))
			top.Sub(top, si.Mul(si, sj))
			want, _ := new(big.Rat).SetFrac(top, new(big.Int).Lsh(big.NewInt(n*(n-1)), 48)).Float64()
			if v := got.Covariance[i*dim+j]; math.Abs(v-want) > 4e-16*math.Abs(want) {
				t.Errorf("covariance (%d, %d) is %v, want %v", i, j, v, want)
			}
		}
	}
}

func TestWide(t *testing.T) {
	asBig := func(w wide) *big.Int {
		return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(w.hi), 64), new(big.Int).SetUint64(w.lo))
	}
	for _, w := range []wide{{1<<62 | 1<<9, 1}, {1<<62 | 1<<9, 0}, {1<<62 | 3<<9, 0}, {-(1<<62 | 1<<9), math.MaxUint64}, {-1 << 62, 1}} { // ties, and nearly
		if want, _ := new(big.Float).SetInt(asBig(w)).Float64(); w.float() != want {
			t.Errorf("%v in float64 is %v, want %v", asBig(w), w.float(), want)
		}
	}
	values := []int64{0, 1, -1, 3, 1 << 53, 1<<53 + 1, -(1<<54 + 2), 1<<62 + 1, math.MaxInt64, -math.MaxInt64, 1234567891234567}
	for _, a := range values {
		for _, b := range values {
			p := product(a, b)
			if want := new(big.Int).Mul(big.NewInt(a), big.NewInt(b)); asBig(p).Cmp(want) != 0 {
				t.Errorf("%d·%d is %v, want %v", a, b, asBig(p), want)
			} else if f, _ := new(big.Float).SetInt(want).Float64(); p.float() != f {
				t.Errorf("%v in float64 is %v, want %v", want, p.float(), f)
			}
			for _, s := range []uint{0, 8, 48} {
				got := shifted(a, s).plus(shifted(b, 8)).minus(shifted(1, s))
				want := new(big.Int).Lsh(big.NewInt(a), s)
				want.Add(want, new(big.Int).Lsh(big.NewInt(b), 8)).Sub(want, new(big.Int).Lsh(big.NewInt(1), s))
				if asBig(got).Cmp(want) != 0 {
					t.Errorf("%d·2^%d + %d·2⁸ is %v, want %v", a, s, b, asBig(got), want)
				}
			}
		}
		if got, want := shifted(a, 20).times(1<<31-1), new(big.Int).Mul(new(big.Int).Lsh(big.NewInt(a), 20), big.NewInt(1<<31-1)); asBig(got).Cmp(want) != 0 {
			t.Errorf("%d·2²⁰·(2³¹−1) is %v, want %v", a, asBig(got), want)
		}
	}
}

// Every number within the limit has four digits, and they make it.
func TestDigits(t *testing.T) {
	for _, v := range []float32{0, 127, -127, 0.5, -0.50000006, 1.0 / 3, 126.99999, -1e-8, 3e-8, 63.498} {
		q, sum := Grid(0).round(v), int64(0)
		for k, d := range digitsOf(q) {
			if d < -128 || d > 127 {
				t.Errorf("digit %d of %v is %v", k, v, d)
			}
			sum += int64(d) << (8 * k)
		}
		if sum != q || math.Abs(float64(q)/whole-float64(v)) > math.Ldexp(1, -25) {
			t.Errorf("%v is %d on the grid, its digits make %d", v, q, sum)
		}
	}
}

func TestMomentsRefuse(t *testing.T) {
	m := NewMoments("test", 2, 0, 0, 1)
	var shape *ShapeError
	if err := m.Add(tensor.New(3, 4)); !errors.As(err, &shape) {
		t.Error(err)
	}
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(-1)), 127.5, -1e30} {
		var value *ValueError
		if err := m.Add(tensor.From([]float32{1, 2, 3, v}, 2, 2)); !errors.As(err, &value) || value.Row != 1 || value.Column != 1 {
			t.Fatal(err)
		}
		if large := v-v == 0; strings.Contains(value.Error(), "Grid") != large || strings.Contains(value.Error(), "finite") == large {
			t.Error(value)
		}
	}
	if m.Images() != 0 || len(m.pending) != 0 {
		t.Error("what was refused is in")
	}
	if _, err := m.Statistics(); !errors.As(err, &shape) {
		t.Error(err)
	}
	wide := NewMoments("test", 1, 10, 0, 1)
	if err := wide.Add(tensor.From([]float32{1e5, 1e5 + 1}, 2, 1)); err != nil || statisticsOf(t, wide).Covariance[0] != 0.5 {
		t.Error("a coarser grid holds larger numbers", err)
	}
}

// What there cannot be is a panic that says so.
func TestNewMomentsRefuses(t *testing.T) {
	for _, c := range [][4]int{{0, 0, 0, 1}, {maxDim + 1, 0, 0, 1}, {2, 65, 0, 1}, {2, -65, 0, 1}, {2, 0, -1, 1}, {2, 0, 2, 2}} {
		func() {
			defer func() {
				if e, ok := recover().(*ShapeError); !ok {
					t.Errorf("%d numbers on grid %d, part %d of %d: %v", c[0], c[1], c[2], c[3], e)
				}
			}()
			NewMoments("test", c[0], Grid(c[1]), c[2], c[3])
		}()
	}
}

func BenchmarkMoments2048(b *testing.B) {
	x := normal(1, 10000, 2048)
	for i := range x.Data() {
		x.Data()[i] = max(min(x.Data()[i], 100), -100)
	}
	for b.Loop() {
		statisticsOf(b, momentsOf(b, x, 10000))
	}
}

func BenchmarkMoments256(b *testing.B) {
	x := normal(1, 10000, 256)
	for b.Loop() {
		statisticsOf(b, momentsOf(b, x, 10000))
	}
}
