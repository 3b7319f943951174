package sde

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// checkOrder measures the order of error(n), n the number of steps, by regression.
func checkOrder(t *testing.T, name string, want float64, steps []int, errorOf func(n int) float64) {
	t.Helper()
	var errs []float64
	for _, n := range steps {
		errs = append(errs, errorOf(n))
	}
	o := slope(steps, errs)
	t.Logf("%s: order %.3f, errors %.2g", name, o, errs)
	if math.Abs(o-want) > 0.15 {
		t.Errorf("%s: order %.3f, want %v; errors %.2g", name, o, want, errs)
	}
}

// The flow's error of the solvers of order 2. DPMSolver's on the linear process changes its sign on the way, so that its
// regression would say nothing; the sub-VP process stands in.
func TestSecondOrderFlow(t *testing.T) {
	for _, c := range []struct {
		p Process
		m Solver
	}{
		{PaperCosine, Heun{}}, {PaperCosine, DPMSolver{}},
		{SongLinear, Heun{}}, {SongSubVP, Heun{}}, {SongSubVP, DPMSolver{}}, {SongSubVP, SRA1{}},
	} {
		checkOrder(t, fmt.Sprintf("%T %#v", c.p, c.m), 2, []int{20, 40, 80, 160}, func(n int) float64 {
			x := []float32{1.2}
			solve(t, Sampler{Process: c.p, Solver: c.m, Times: Uniform(early, late, n)}, cell.denoiser(c.p), x)
			return math.Abs(float64(x[0]) - cell.flow(c.p, 1.2, early, late))
		})
	}
}

// On the processes whose noise explodes the same holds along their own grid.
func TestSecondOrderOnKarrasTimes(t *testing.T) {
	for _, p := range []Process{EDM{}, VE{0.02, 5}} {
		from, to := 0.95, 0.3
		for _, m := range []Solver{Heun{}, DPMSolver{}} {
			checkOrder(t, fmt.Sprintf("%T %#v", p, m), 2, []int{20, 40, 80, 160}, func(n int) float64 {
				x := []float32{1.2}
				solve(t, Sampler{Process: p, Solver: m, Times: Karras(p, from, to, n, 7)}, cell.denoiser(p), x)
				return math.Abs(float64(x[0]) - cell.flow(p, 1.2, from, to))
			})
		}
	}
}

// The law of the result: SRA1, DPMSolver and a churned Heun are of weak order 2 here, DDPM of 1.
func TestWeakOrders(t *testing.T) {
	eachProcess(t, func(t *testing.T, p Process) {
		m0, v0 := cell.marginal(p, early)
		m1, v1 := cell.marginal(p, late)
		for _, c := range []struct {
			m     Solver
			order float64
		}{
			{DDPM{}, 1}, {DDPM{Large: true}, 1}, {DPMSolver{Eta: 1}, 2}, {SRA1{0.5}, 2}, {SRA1{1}, 2}, {Heun{Churn: 5}, 2},
		} {
			if c.m == Solver(DDPM{Large: true}) && p == Process(PaperCosine) {
				continue // its error is 5·10⁻⁵ from 64 steps on: there two errors cancel
			}
			steps := []int{32, 64, 128, 256}
			if c.order == 1 {
				steps = []int{64, 128, 256, 512}
			}
			checkOrder(t, fmt.Sprintf("%#v", c.m), c.order, steps, func(n int) float64 {
				mean, v := law(t, Sampler{Process: p, Solver: c.m, Times: Uniform(early, late, n)}, cell.denoiser(p), m0, v0)
				return math.Abs(mean-m1) + math.Abs(v-v1)
			})
		}
	})
}

// DDPM with small variance is DDIM with η = 1, another way of writing the same.
func TestDDPMIsDDIM(t *testing.T) {
	eachProcess(t, func(t *testing.T, p Process) {
		for now := 0.98; now > 0.05; now -= 0.07 {
			a, b, c := DDPM{}.coefficients(p, now, now-0.04)
			k, l, m := DDIM{Eta: 1}.coefficients(p, now, now-0.04)
			if !near(a, k, 1e-12) || !near(b, l, 1e-12) || !near(c, m, 1e-12) {
				t.Errorf("t = %.2f: %v %v %v, DDIM has %v %v %v", now, a, b, c, k, l, m)
			}
		}
	})
}

// DPMSolver's first step is DDIM's, with any process.
func TestDPMSolverBeginsAsDDIM(t *testing.T) {
	anyProcess(t, func(t *testing.T, p Process) {
		for now := 0.98; now > 0.05; now -= 0.07 {
			a, b, c := DPMSolver{}.coefficients(p, now, now-0.04)
			k, l, _ := DDIM{}.coefficients(p, now, now-0.04)
			if !near(a, k, 1e-12) || !near(b, l, 1e-12) || c != 0 {
				t.Errorf("t = %.2f: %v %v %v, DDIM has %v %v", now, a, b, c, k, l)
			}
		}
	})
}

// From α = 0, where h is infinite, it begins so too; where D is constant it is exact from there, and it draws nothing.
func TestDPMSolverFromNoiseAlone(t *testing.T) {
	a, b, c := DPMSolver{}.coefficients(flat{}, 1, 0.9)
	k, l, _ := DDIM{}.coefficients(flat{}, 1, 0.9)
	if !near(a, k, 1e-12) || !near(b, l, 1e-12) || c != 0 {
		t.Errorf("%v %v %v, DDIM has %v %v", a, b, c, k, l)
	}
	for _, noise := range []Noise{nil, Seeded(1)} {
		x := []float32{1.3}
		solve(t, Sampler{Process: flat{}, Solver: DPMSolver{}, Times: Uniform(1, 0.1, 10), Noise: noise}, gaussian{mu: 0.7}.denoiser(flat{}), x)
		if want := 0.9*0.7 + 0.1*1.3; !near(float64(x[0]), want, 1e-5) {
			t.Errorf("%.7f, want %.7f", x[0], want)
		}
	}
}

// Heun is algorithm 2 of Karras et al. as it is written, in float64, churn included.
func TestHeunIsAlgorithm2(t *testing.T) {
	m := Heun{Churn: 6, Min: 0.05, Max: 40, Noise: 1.007}
	times := append(Karras(EDM{}, 80, 0.002, 17, 7), 0)
	d := func(x, t float64) float64 { return cell.mu + cell.s*cell.s/(cell.s*cell.s+t*t)*(x-cell.mu) }
	eps := make([]float32, len(times))
	Seeded(3)(eps, 0, 0)
	want := 60.0
	n := float64(len(times) - 1)
	for i := range len(times) - 1 {
		now, next, gamma := times[i], times[i+1], 0.0
		if now >= m.Min && now <= m.Max {
			gamma = math.Min(m.Churn/n, math.Sqrt2-1)
		}
		hat := now + gamma*now
		x := want + math.Sqrt(hat*hat-now*now)*m.Noise*float64(eps[i])
		slope := (x - d(x, hat)) / hat
		want = x + (next-hat)*slope
		if next > 0 {
			want = x + (next-hat)*(slope+(want-d(want, next))/next)/2
		}
	}
	x := []float32{60}
	s := Sampler{Process: EDM{}, Solver: m, Times: times, Noise: func(z []float32, image, draw int) { z[0] = eps[draw] }}
	solve(t, s, cell.denoiser(EDM{}), x)
	if math.Abs(float64(x[0])-want) > 2e-5 {
		t.Errorf("%.7f, want %.7f", x[0], want)
	}
}

// Every solver on every process, from the first time of its own grid to the last, draws from the law of the data: exactly
// computed, no random numbers. With 300 evaluations solvers of order 1 still have an error of their own, and on processes
// whose noise explodes to 50 the start, which forgets the mean of the data, has one of 0.003.
func TestEverySolverDrawsTheData(t *testing.T) {
	for _, p := range []Process{PaperCosine, SongLinear, SongSubVP, SongVE, Nichol{}, EDM{}} {
		for _, c := range []struct {
			m         Solver
			tolerance float64
		}{
			{EulerMaruyama{}, 0.05}, {EulerMaruyama{0.5}, 0.04}, {EulerMaruyama{1}, 0.04}, {DDIM{}, 0.02}, {DDIM{Eta: 0.5}, 0.02},
			{DDIM{Eta: 1}, 0.02}, {DDPM{}, 0.02}, {DDPM{Large: true}, 0.02}, {Heun{}, 4e-3}, {Heun{Churn: 30}, 0.01},
			{DPMSolver{}, 5e-3}, {DPMSolver{Eta: 1}, 5e-3}, {SRA1{}, 5e-3}, {SRA1{0.5}, 5e-3}, {SRA1{1}, 5e-3}, {DormandPrince{Tol: 1e-5}, 4e-3},
		} {
			s := Sampler{Process: p, Solver: c.m, Times: Grid(p, c.m, 300)}
			_, sigma := p.Marginal(s.Times[0])
			mean, v := law(t, s, cell.denoiser(p), 0, sigma*sigma)
			if math.Abs(mean-cell.mu) > c.tolerance || math.Abs(math.Sqrt(v)-cell.s) > c.tolerance {
				t.Errorf("%T %#v: N(%.4f, %.4f²), want N(%v, %v²)", p, c.m, mean, math.Sqrt(v), cell.mu, cell.s)
			}
		}
	}
}

// A predictor–corrector's steps depend on the whole image, so its law is measured, over 20,000 numbers. Langevin steps leave
// a law in peace but for their length: x ← (1 − δ/v)x + √(2δ)z keeps v/(1 − δ/2v), δ/v = 2r².
func TestPredictorCorrectorDrawsTheData(t *testing.T) {
	for _, p := range []Process{PaperCosine, SongLinear, EDM{}} {
		for _, m := range []PredictorCorrector{{}, {Predictor: Heun{}, Corrections: 2}, {SNR: 0.05}} {
			s := Sampler{Process: p, Solver: m, Times: Grid(p, m, 200), Noise: Seeded(5)}
			x := make([]float32, 20_000)
			if err := s.Generate(context.Background(), cell.denoiser(p), x, []int{0, 1}); err != nil {
				t.Fatal(err)
			}
			mean, deviation := moments1(x)
			if math.Abs(mean-cell.mu) > 0.015 || math.Abs(deviation-cell.s) > 0.02 {
				t.Errorf("%T %#v: N(%.4f, %.4f²), want N(%v, %v²)", p, m, mean, deviation, cell.mu, cell.s)
			}
		}
	}
}

// The corrector alone brings a wrong law to the right one: a predictor that does nothing, but claims to.
func TestCorrectorCorrects(t *testing.T) {
	x := make([]float32, 20_000)
	Seeded(2)(x, 0, 7)
	for i := range x {
		x[i] = 2 + 0.1*x[i] // N(2, 0.01)
	}
	s := Sampler{Process: PaperCosine, Solver: PredictorCorrector{Predictor: still{}, Corrections: 400, SNR: 0.1},
		Times: []float64{0.50001, 0.5}, Noise: Seeded(5)}
	solve(t, s, cell.denoiser(PaperCosine), x)
	m, v := cell.marginal(PaperCosine, 0.5)
	if mean, deviation := moments1(x); math.Abs(mean-m) > 0.02 || math.Abs(deviation-math.Sqrt(v)) > 0.02 {
		t.Errorf("N(%.4f, %.4f²), want N(%.4f, %.4f²)", mean, deviation, m, math.Sqrt(v))
	}
}

// still is a solver that leaves everything as it is.
type still struct{}

func (still) Validate() error { return nil }
func (still) Traits() Traits  { return Traits{} }

func (still) Begin(r *Run) func(i int) error { return func(i int) error { return nil } }

// moments1 returns mean and standard deviation of numbers.
func moments1(x []float32) (mean, deviation float64) {
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(x))
	return sum / n, math.Sqrt(squares/n - sum/n*sum/n)
}
