package sde

import (
	"math"
	"slices"
	"testing"
)

// On EDM, whose time is its noise level, the grid is eq. 5 as it is written; on others the levels are.
func TestKarras(t *testing.T) {
	formula := func(from, to float64, i, n int, rho float64) float64 {
		a, b := math.Pow(from, 1/rho), math.Pow(to, 1/rho)
		return math.Pow(a+float64(i)/float64(n)*(b-a), rho)
	}
	anyProcess(t, func(t *testing.T, p Process) {
		for _, rho := range []float64{1, 3, 7} {
			const n = 17
			times := Karras(p, 0.95, 0.05, n, rho)
			if len(times) != n+1 || times[0] != 0.95 || times[n] != 0.05 || CheckTimes(p, times) != nil {
				t.Fatalf("ρ = %v: %v", rho, times)
			}
			for i, now := range times {
				if want := formula(level(p, 0.95), level(p, 0.05), i, n, rho); !near(level(p, now)/want, 1, 1e-12) {
					t.Errorf("ρ = %v, time %d: σ/α = %v, want %v", rho, i, level(p, now), want)
				}
			}
		}
	})
	if times := Karras(SongLinear, 1, 0, 9, 7); times[9] != 0 || CheckTimes(SongLinear, times) != nil {
		t.Errorf("to σ = 0: %v", times)
	}
}

// ln(α/σ) and the angle of the level go down evenly; on the cosine process the latter are uniform times.
func TestEvenGrids(t *testing.T) {
	const n = 12
	anyProcess(t, func(t *testing.T, p Process) {
		for name, c := range map[string]struct {
			times []float64
			f     func(l float64) float64
		}{
			"LogSNR":       {LogSNR(p, 0.95, 0.05, n), math.Log},
			"CosineLevels": {CosineLevels(p, 0.95, 0.05, n), math.Atan},
		} {
			a, b := c.f(level(p, 0.95)), c.f(level(p, 0.05))
			for i, now := range c.times {
				if got, want := c.f(level(p, now)), a+float64(i)/n*(b-a); !near(got, want, 1e-12) {
					t.Errorf("%s, time %d: %v, want %v", name, i, got, want)
				}
			}
			if err := CheckTimes(p, c.times); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	for i, now := range CosineLevels(PaperCosine, 1, 0, n) {
		if !near(now, 1-float64(i)/n, 1e-12) {
			t.Errorf("cosine levels of the cosine process: time %d is %v", i, now)
		}
	}
}

func TestGridArguments(t *testing.T) {
	for name, f := range map[string]func(){
		"no step":        func() { Karras(EDM{}, 1, 0.1, 0, 7) },
		"ρ":              func() { Karras(EDM{}, 1, 0.1, 5, 0) },
		"infinite level": func() { Karras(flat{}, 1, 0.1, 5, 7) },
		"no noise":       func() { LogSNR(SongLinear, 1, 0, 5) },
		"all noise":      func() { LogSNR(flat{}, 1, 0.1, 5) },
		"no steps":       func() { CosineLevels(EDM{}, 1, 0.1, -1) },
		"no evaluations": func() { Grid(EDM{}, DDIM{}, 0) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*ArgumentError); !ok {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// Each solver's own grid on each process is one along which it can go, to the process's last time, with about as many evaluations
// as were asked for.
func TestGrid(t *testing.T) {
	anyProcess(t, func(t *testing.T, p Process) {
		for _, m := range solvers {
			for _, n := range []int{1, 2, 7, 50} {
				times := Grid(p, m, n)
				if err := CheckTimes(p, times); err != nil {
					t.Errorf("%#v, %d evaluations: %v", m, n, err)
				}
				if _, last, _ := Span(p); times[len(times)-1] != last {
					t.Errorf("%#v, %d evaluations: the last time is %v, want %v", m, n, times[len(times)-1], last)
				}
				calls := 0
				solve(t, Sampler{Process: p, Solver: m, Times: times, Noise: Seeded(1)}, func(z, x []float32, t float64) error {
					calls++
					return bent(z, x, t)
				}, []float32{0.1, 0.2})
				if _, adaptive := m.(DormandPrince); !adaptive && n > 10 && (calls < n*2/3 || calls > n+4) {
					t.Errorf("%#v: %d evaluations were asked for, and %d made", m, n, calls)
				}
			}
		}
	})
	if got := Grid(PaperCosine, DDIM{}, 50); !slices.Equal(got, Uniform(1, 0, 50)) {
		t.Errorf("DDIM: %v", got)
	}
	if got := Grid(PaperCosine, EulerMaruyama{1}, 50); len(got) != 51 || got[50] != 0 || !near(got[24], math.Pow(26./51, 1.5), 1e-15) {
		t.Errorf("Euler–Maruyama: %v", got)
	}
	if got := Grid(EDM{}, Heun{}, 35); !slices.Equal(got, Karras(EDM{}, 80, 0.002, 18, 7)) {
		t.Errorf("Heun on EDM: %v", got)
	}
}
