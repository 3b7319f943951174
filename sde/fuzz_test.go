package sde

import (
	"context"
	"errors"
	"testing"
)

// documented runs f and reports whether it ends, or panics as the documentation says: with an error of this package. Any other
// panic goes on.
func documented(f func()) (ended bool) {
	defer func() {
		switch p := recover().(type) {
		case nil, *ArgumentError, *SettingError:
		default:
			panic(p)
		}
	}()
	f()
	return true
}

// FuzzSolution solves with any settings, process and times: it returns a finite state or an error, and no panic that is not
// documented.
func FuzzSolution(f *testing.F) {
	for kind := range uint8(9) {
		f.Add(kind, 1.0, 0.0, 0.0, int16(1), kind%6, 0.1, 20.0, uint8(5), int16(6), 1.0, 0.0)
		f.Add(kind, nan, -1.0, inf, int16(-1), kind%6, 5e-324, 1e308, kind%6, int16(3), 5e-324, -1e300)
		f.Add(kind, 0.5, 1e308, 1e-300, int16(999), kind%6, nan, inf, kind%6, int16(-3), inf, nan)
	}
	f.Fuzz(func(t *testing.T, kind uint8, a, b, c float64, count int16, process uint8, p, q float64, grid uint8, n int16, from, to float64) {
		solvers := []Solver{DDIM{a, b}, DDPM{count > 0}, DPMSolver{a}, Heun{a, b, c, a}, EulerMaruyama{a}, SRA1{a}, DormandPrince{a},
			PredictorCorrector{SNR: a, Corrections: int(count)}, PredictorCorrector{Predictor: &Heun{Churn: b, Max: c}, Corrections: int(count), SNR: a}}
		processes := []Process{Cosine{p, q}, Linear{p, q}, SubVP{p, q}, VE{p, q}, EDM{}, PaperCosine}
		s := Sampler{Solver: solvers[int(kind)%len(solvers)], Process: processes[int(process)%len(processes)], Noise: Seeded(1)}
		steps := int(n) % 40
		if !documented(func() { s.Times = fuzzTimes(grid, s, from, to, steps) }) {
			s.Times = Uniform(1, 0, 5)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		calls := 0
		d := func(z, x []float32, t float64) error {
			if calls++; calls > 2000 {
				cancel()
			}
			return bent(z, x, t)
		}
		x := make([]float32, 6)
		err := s.Generate(ctx, d, x, []int{3, 1 << 40 >> 20})
		if err == nil && notFinite(x) >= 0 {
			t.Errorf("%#v on %#v at %v: %v", s.Solver, s.Process, s.Times, x)
		}
		if setting := CheckSolver(s.Solver); setting != nil && (err == nil || err.Error() != setting.Error() || calls > 0) {
			t.Errorf("%#v: %v after %d calls, want %v", s.Solver, err, calls, setting)
		}
		logp := make([]float64, 2)
		l := Likelihood{s.Process, s.Times, int(count) % 3, Seeded(2)}
		if err := l.LogDensity(ctx, Denoiser(d).Difference(0.01), logp, make([]float32, 6), []int{0, 1}); err != nil && errors.Is(err, context.Canceled) && calls < 2000 {
			t.Errorf("%v", err)
		}
		documented(func() { Brownian{1, from, to, int(count)}.Increment(x, nil, 1, a, b) })
		documented(func() { Brownian{1, from, to, 0}.Noise(s.Times, int(kind)%4)(x, 1, int(count)) })
	})
}

// fuzzTimes returns times of any kind.
func fuzzTimes(grid uint8, s Sampler, from, to float64, n int) []float64 {
	switch grid % 6 {
	case 0:
		return Uniform(from, to, n)
	case 1:
		return Karras(s.Process, from, to, n, 7)
	case 2:
		return LogSNR(s.Process, from, to, n)
	case 3:
		return CosineLevels(s.Process, from, to, n)
	case 4:
		return []float64{from, to}
	}
	return Grid(s.Process, s.Solver, n)
}

// FuzzTiling tiles any image by any tiles: what all tiles agree on comes out.
func FuzzTiling(f *testing.F) {
	f.Add(20, 17, 8, 8, 1)
	f.Add(5, 5, 1, 5, 2)
	f.Add(-1, 0, 3, 9, 0)
	f.Fuzz(func(t *testing.T, h, w, th, tw, c int) {
		h, w, c = h%50, w%50, c%4
		documented(func() {
			x := make([]float32, max(h*w*c, 0))
			for i := range x {
				x[i] = 0.5
			}
			z := make([]float32, len(x))
			d := NewTiling(h, w, th, tw, c).Denoiser(func(z, x []float32, _ float64) error { copy(z, x); return nil })
			err := d(z, x, 0)
			for i, v := range z {
				if err != nil || v < 0.499999 || v > 0.500001 {
					t.Fatalf("%d×%d by %d×%d: number %d is %v (%v)", h, w, th, tw, i, v, err)
				}
			}
		})
	})
}
