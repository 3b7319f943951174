package sde

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
		if sin, cos := sincos(v); ulps(sin, wantSin) > 4 || ulps(cos, wantCos) > 4 {
			t.Fatalf("sincos(%v) = %v, %v, want %v, %v", v, sin, cos, wantSin, wantCos)
		}
		x := -math.Exp(24*rng.Float64() - 20)
		if got, want := expm1(x), math.Expm1(x); ulps(got, want) > 4 {
			t.Fatalf("expm1(%v) = %v, want %v", x, got, want)
		}
	}
	if sin, cos := sincos(0); sin != 0 || cos != 1 || expm1(0) != 0 {
		t.Errorf("at 0: sin %v, cos %v, expm1 %v", sin, cos, expm1(0))
	}
}

// Bits that every architecture must print: the compiler may not have fused anything.
func TestElementaryBits(t *testing.T) {
	sum := uint64(14695981039346656037)
	hash := func(v float64) { sum = (sum ^ math.Float64bits(v)) * 1099511628211 }
	for i := range 1000 {
		now := float64(i) / 1000
		for _, p := range []Process{PaperCosine, SongLinear} {
			alpha, sigma := p.Marginal(now)
			hash(alpha)
			hash(sigma)
			for _, f := range []func(Process) (a, b, c float64){
				func(p Process) (a, b, c float64) { return EulerMaruyama{0.5}.coefficients(p, now+0.001, 0.001) },
				func(p Process) (a, b, c float64) { return DDIM{Eta: 0.5}.coefficients(p, now+0.001, now) },
			} {
				a, b, c := f(p)
				hash(a)
				hash(b)
				hash(c)
			}
		}
	}
	if want := uint64(0x15ea227c3a684053); sum != want {
		t.Errorf("the coefficients hash to %#x, want %#x", sum, want)
	}
}
