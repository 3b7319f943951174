package elementary

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ulps is the distance of got from want in units of want's last place.
func ulps(got, want float64) float64 {
	return math.Abs(got-want) / (math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want))
}

// Within 4 units of float64's last place, where float32 keeps 29 bits fewer.
func TestElementary(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for range 20000 {
		v := math.Pi / 2 * rng.Float64()
		if rng.IntN(2) == 0 {
			v = math.Pi/2 - math.Exp(-20*rng.Float64())
		}
		v = math.Max(v, 0)
		wantSin, wantCos := math.Sincos(v)
		if sin, cos := Sincos(v); ulps(sin, wantSin) > 4 || ulps(cos, wantCos) > 4 {
			t.Fatalf("Sincos(%v) = %v, %v, want %v, %v", v, sin, cos, wantSin, wantCos)
		}
		x := -math.Exp(24*rng.Float64() - 20)
		if got, want := Expm1(x), math.Expm1(x); ulps(got, want) > 4 {
			t.Fatalf("Expm1(%v) = %v, want %v", x, got, want)
		}
	}
	for range 20000 {
		x := math.Exp(60*rng.Float64() - 30)
		if got, want := Log(x), math.Log(x); ulps(got, want) > 4 {
			t.Fatalf("Log(%v) = %v, want %v", x, got, want)
		}
		y := 1400*rng.Float64() - 700
		if got, want := Exp(y), math.Exp(y); ulps(got, want) > 4 {
			t.Fatalf("Exp(%v) = %v, want %v", y, got, want)
		}
		z := 10 * rng.Float64()
		if got, want := Pow(x, z), math.Pow(x, z); ulps(got, want) > 4+2*math.Abs(z*math.Log(x)) {
			t.Fatalf("Pow(%v, %v) = %v, want %v", x, z, got, want)
		}
	}
	if sin, cos := Sincos(0); sin != 0 || cos != 1 || Expm1(0) != 0 {
		t.Errorf("at 0: sin %v, cos %v, expm1 %v", sin, cos, Expm1(0))
	}
}

// Where there is no number between 0 and infinity.
func TestElementaryEnds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ got, want float64 }{
		{Exp(0), 1}, {Exp(-inf), 0}, {Exp(inf), inf}, {Exp(1000), inf}, {Exp(-1000), 0}, {Expm1(-inf), -1},
		{Log(1), 0}, {Log(0), -inf}, {Log(inf), inf}, {Log(5e-324), -744.4400719213812}, {Pow(0, 3), 0}, {Pow(2, 10), 1024},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if x := Log(-1); !math.IsNaN(x) {
		t.Errorf("Log(−1) = %v", x)
	}
	if x := Exp(math.NaN()); !math.IsNaN(x) {
		t.Errorf("Exp(NaN) = %v", x)
	}
}

// Integer powers are repeated products, and the cosine has its zeros, ends and signs.
func TestPowIntAndCosPi(t *testing.T) {
	for n, want := range map[int]float64{0: 1, 1: 0.999, 2: 0.998001, 3: 0.997002999, 1000: 0.36769542477096373} {
		if got := PowInt(0.999, n); ulps(got, want) > float64(2*n) {
			t.Errorf("0.999^%d = %v, want %v", n, got, want)
		}
	}
	if PowInt(0, 0) != 1 || PowInt(0, 5) != 0 || PowInt(0.9, math.MaxInt32) != 0 {
		t.Error("powers of 0 and large powers are wrong")
	}
	for i := range 1001 {
		x := float64(i) / 1000
		if got, want := CosPi(x), math.Cos(math.Pi*x); math.Abs(got-want) > 1e-15 {
			t.Errorf("cos π%v = %v, want %v", x, got, want)
		}
	}
	if CosPi(0) != 1 || CosPi(1) != -1 {
		t.Error("the ends of the cosine are not ±1")
	}
}

// Bits that every architecture must print: the compiler may not have fused anything.
func TestBits(t *testing.T) {
	sum := uint64(14695981039346656037)
	hash := func(v float64) { sum = (sum ^ math.Float64bits(v)) * 1099511628211 }
	for i := range 2000 {
		x := float64(i+1) / 2000
		sin, cos := Sincos(x)
		for _, v := range []float64{sin, cos, Exp(50 * (x - 0.5)), Expm1(-x), Log(10 * x), Pow(x, 0.3), PowInt(x, i), CosPi(x)} {
			hash(v)
		}
	}
	if want := uint64(0x44e6e046c84f3fc4); sum != want {
		t.Errorf("the functions hash to %#x, want %#x", sum, want)
	}
}
