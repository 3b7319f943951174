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
	for range 20000 {
		x := math.Exp(60*rng.Float64() - 30)
		if got, want := log(x), math.Log(x); ulps(got, want) > 4 {
			t.Fatalf("log(%v) = %v, want %v", x, got, want)
		}
		y := 1400*rng.Float64() - 700
		if got, want := exp(y), math.Exp(y); ulps(got, want) > 4 {
			t.Fatalf("exp(%v) = %v, want %v", y, got, want)
		}
		z := 10 * rng.Float64()
		if got, want := pow(x, z), math.Pow(x, z); ulps(got, want) > 4+2*math.Abs(z*math.Log(x)) {
			t.Fatalf("pow(%v, %v) = %v, want %v", x, z, got, want)
		}
	}
	if sin, cos := sincos(0); sin != 0 || cos != 1 || expm1(0) != 0 {
		t.Errorf("at 0: sin %v, cos %v, expm1 %v", sin, cos, expm1(0))
	}
}

// Where there is no number between 0 and infinity.
func TestElementaryEnds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ got, want float64 }{
		{exp(0), 1}, {exp(-inf), 0}, {exp(inf), inf}, {exp(1000), inf}, {exp(-1000), 0}, {expm1(-inf), -1},
		{log(1), 0}, {log(0), -inf}, {log(inf), inf}, {log(5e-324), -744.4400719213812}, {pow(0, 3), 0}, {pow(2, 10), 1024},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if x := log(-1); !math.IsNaN(x) {
		t.Errorf("log(−1) = %v", x)
	}
	if x := exp(math.NaN()); !math.IsNaN(x) {
		t.Errorf("exp(NaN) = %v", x)
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

// The same for the other processes, solvers, grids and preconditionings.
func TestCoefficientBits(t *testing.T) {
	sum := uint64(14695981039346656037)
	hash := func(v ...float64) {
		for _, v := range v {
			sum = (sum ^ math.Float64bits(v)) * 1099511628211
		}
	}
	hash3 := func(a, b, c float64) { hash(a, b, c) }
	for _, p := range []Process{PaperCosine, SongLinear, SongSubVP, SongVE, EDM{}} {
		for _, times := range [][]float64{Uniform(0.95, 0.05, 50), Karras(p, 0.95, 0.05, 50, 7), LogSNR(p, 0.95, 0.05, 50),
			CosineLevels(p, 0.95, 0.05, 50)} {
			hash(times...)
			for i := range times[2:] {
				t, s := times[i+1], times[i+2]
				hash(p.Drift(t), p.Diffusion(t), extrapolation(p, times, i+1))
				hash3(DDPM{}.coefficients(p, t, s))
				hash3(DPMSolver{0.7}.coefficients(p, t, s))
				hash3(heun(p, t, s))
				for _, as := range []Preconditioning{PredictVelocity{}, PredictEDM{}} {
					c := as.At(p, t)
					hash(c.A, c.B, c.Skip, c.Out, c.In, c.Noise, c.Loss(MinSNR(5)(p, t)))
				}
				a, b := reversal(p, 0.5, t)
				hash(a, b)
			}
		}
	}
	if want := uint64(0x55088ae7835f17f3); sum != want {
		t.Errorf("the coefficients hash to %#x, want %#x", sum, want)
	}
}
