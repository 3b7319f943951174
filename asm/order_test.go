package asm

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The order of a reduction is part of its meaning. These tests say it a second time, in another way.

func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * math.Exp(3*r.NormFloat64()))
	}
	return x
}

// inChains cuts x into its 16 chains, reduces each from start, and folds the results as the documentation has it.
func inChains(x []float32, start float32, step func(s float32, i int) float32, f func(x, y float32) float32) float32 {
	var s [16]float32
	for c := range s {
		s[c] = start
		for i := c; i < len(x); i += 16 {
			s[c] = step(s[c], i)
		}
	}
	a := func(i int) float32 { return f(s[i], s[i+8]) }
	b := func(i int) float32 { return f(a(i), a(i+4)) }
	return f(f(b(0), b(2)), f(b(1), b(3)))
}

func TestReductionsRunSixteenChains(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	add := func(x, y float32) float32 { return x + y }
	for _, n := range []int{0, 1, 7, 8, 9, 16, 33, 1000, callLen + 45} {
		x, y := randoms(r, n), randoms(r, n)
		if got, want := Sum(x), inChains(x, 0, func(s float32, i int) float32 { return s + x[i] }, add); got != want {
			t.Errorf("Sum of %d = %x, want %x", n, got, want)
		}
		if got, want := Dot(x, y), inChains(x, 0, func(s float32, i int) float32 { return FMA(x[i], y[i], s) }, add); got != want {
			t.Errorf("Dot of %d = %x, want %x", n, got, want)
		}
	}
}

func TestMaxPassesOverNaN(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		x    []float32
		want float32
	}{
		{nil, -inf}, {[]float32{nan}, -inf}, {[]float32{-3, nan, -2}, -2}, {[]float32{nan, -inf}, -inf}, {[]float32{1, inf, nan}, inf},
		{[]float32{0, negative(0)}, 0}, {[]float32{negative(0), 0}, negative(0)},
	} {
		if got := Max(c.x); math.Float32bits(got) != math.Float32bits(c.want) {
			t.Errorf("Max(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

// TestColumnsAreOneChain cuts the rows of a column sum in two calls, which must not show, and turns them round, which must.
func TestColumnsAreOneChain(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const p, c = 40, 37
	x, y := randoms(r, p*c), randoms(r, p*c)
	whole, parts := make([]float32, c), make([]float32, c)
	ColumnDot(whole, x, y)
	ColumnDot(parts, x[:7*c], y[:7*c])
	ColumnDot(parts, x[7*c:], y[7*c:])
	ColumnSum(whole, x)
	ColumnSum(parts, x[:11*c])
	ColumnSum(parts, x[11*c:])
	for j := range c {
		want := float32(0)
		for i := range p {
			want = FMA(x[i*c+j], y[i*c+j], want)
		}
		for i := range p {
			want += x[i*c+j]
		}
		if whole[j] != want || parts[j] != want {
			t.Fatalf("column %d: %x in a call, %x in two, want %x", j, whole[j], parts[j], want)
		}
	}
}

func TestOrbitsSumByTheTree(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const c = 21
	x, mu := randoms(r, 8*c), randoms(r, c)
	order := []int32{6, 0, 3, 5, 1, 7, 2, 4}
	sum, squares, gathered := make([]float32, c), make([]float32, c), make([]float32, c)
	OrbitSum(sum, x, order, 8)
	OrbitSquares(squares, x, mu, order, 8)
	GatherSum(gathered, x, order, 8)
	for j := range c {
		v := func(i int) float32 { return x[int(order[i])*c+j] }
		want := ((v(0) + v(1)) + (v(2) + v(3))) + ((v(4) + v(5)) + (v(6) + v(7)))
		if sum[j] != want || gathered[j] != want {
			t.Fatalf("column %d: OrbitSum %x, GatherSum %x, want %x", j, sum[j], gathered[j], want)
		}
		q := func(i int) float32 { d := v(i) - mu[j]; return float32(d * d) }
		want = ((q(0) + q(1)) + (q(2) + q(3))) + ((q(4) + q(5)) + (q(6) + q(7)))
		if squares[j] != want {
			t.Fatalf("column %d: OrbitSquares %x, want %x", j, squares[j], want)
		}
	}
}

func TestGatherOfNoRowIsZero(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, negative(0)}
	z := []float32{9, 9, 9, 9}
	Gather(z, x, []int32{2, -1})
	if z[0] != 5 || math.Float32bits(z[1]) != 1<<31 || math.Float32bits(z[2]) != 0 || math.Float32bits(z[3]) != 0 {
		t.Errorf("Gather of rows 2 and −1 = %v", z)
	}
	GatherSum(z, x, []int32{-1, 1, -1, -1}, 2)
	if z[0] != 3 || z[1] != 4 || z[2] != 0 || z[3] != 0 {
		t.Errorf("GatherSum of −1 + 1 and −1 + −1 = %v", z)
	}
}
