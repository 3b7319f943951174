package sde

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Sums over images are as near the true ones as is said, and no permutation changes a bit of them.
func TestSumsHaveNoOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 7, 784, 5000} {
		x, y := make([]float32, n), make([]float32, n)
		for range 20 {
			scale := math.Exp(40*rng.Float64() - 20)
			var product, sum, maxX, maxY float64
			for i := range x {
				x[i] = float32(scale * rng.NormFloat64() * math.Exp(3*rng.NormFloat64()))
				y[i] = float32(rng.NormFloat64() / scale)
				product += float64(x[i]) * float64(y[i])
				sum += float64(x[i])
				maxX, maxY = max(maxX, math.Abs(float64(x[i]))), max(maxY, math.Abs(float64(y[i])))
			}
			gotProduct, gotSum, gotRMS := dot(x, y), sumOf(x), rms(x)
			if math.Abs(gotProduct-product) > 0x1p-36*maxX*maxY*float64(n) || math.Abs(gotSum-sum) > 0x1p-37*maxX*float64(n) {
				t.Fatalf("n = %d: x·y = %v, want %v; Σx = %v, want %v", n, gotProduct, product, gotSum, sum)
			}
			rng.Shuffle(n, func(i, j int) { x[i], x[j], y[i], y[j] = x[j], x[i], y[j], y[i] })
			if dot(x, y) != gotProduct || sumOf(x) != gotSum || rms(x) != gotRMS {
				t.Fatalf("n = %d: the order matters", n)
			}
		}
	}
}

// The twin that has the fault: a sum of floats changes with the order.
func TestFloatSumsHaveAnOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	x := make([]float32, 784)
	squares := func() (s float64) {
		for _, v := range x {
			s += float64(v) * float64(v)
		}
		return s
	}
	changed := false
	for i := range x {
		x[i] = rng.Float32()
	}
	for range 20 {
		before := squares()
		rng.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
		changed = changed || squares() != before
	}
	if !changed {
		t.Error("twenty orders have one sum: then integers are not needed")
	}
}

func TestSumsAtTheEnds(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		x    []float32
		want float64
	}{
		{nil, 0}, {[]float32{0, 0}, 0}, {[]float32{math.MaxFloat32}, math.MaxFloat32 * float64(float32(math.MaxFloat32))},
		{[]float32{math.SmallestNonzeroFloat32}, math.SmallestNonzeroFloat32 * math.SmallestNonzeroFloat32}, {[]float32{3, -4}, 25},
	} {
		if got := dot(c.x, c.x); !near(got/max(c.want, 1e-300), c.want/max(c.want, 1e-300), 1e-9) {
			t.Errorf("%v·itself = %v, want %v", c.x, got, c.want)
		}
	}
	for _, x := range [][]float32{{inf, 1}, {1, -inf}, {float32(math.NaN())}} {
		if s := sumOf(x); !math.IsNaN(s) || !math.IsNaN(rms(x)) {
			t.Errorf("Σ%v = %v", x, s)
		}
	}
}
