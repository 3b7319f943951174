package sde

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// The orders below are measured away from the ends of time, where the coefficients are smooth.
const early, late = 0.9, 0.1

// eachProcess runs a test on the processes, in a fixed order.
func eachProcess(t *testing.T, test func(t *testing.T, p Process)) {
	for _, p := range []Process{PaperCosine, SongLinear} {
		t.Run(fmt.Sprintf("%T", p), func(t *testing.T) { test(t, p) })
	}
}

// The error of the probability flow, from one start, falls with the first power of the step.
func TestFlowOrder(t *testing.T) {
	eachProcess(t, func(t *testing.T, p Process) {
		for _, m := range []Solver{EulerMaruyama{}, DDIM{}} {
			steps, errs := []int{32, 64, 128, 256}, []float64(nil)
			for _, n := range steps {
				x := []float32{1.2}
				solve(t, Sampler{Process: p, Solver: m, Times: Uniform(early, late, n)}, cell.denoiser(p), x)
				errs = append(errs, math.Abs(float64(x[0])-cell.flow(p, 1.2, early, late)))
			}
			o := slope(steps, errs)
			t.Logf("%#v: order %.3f, errors %.2g", m, o, errs)
			if math.Abs(o-1) > 0.15 {
				t.Errorf("%#v: order %.3f, want 1; errors %.2g", m, o, errs)
			}
		}
	})
}

// The law of the result tends to the law of the process, with the first power of the step: weak order 1. DDIM's mean is
// exact for Gaussian data at any step.
func TestWeakOrder(t *testing.T) {
	eachProcess(t, func(t *testing.T, p Process) {
		m0, v0 := cell.marginal(p, early)
		m1, v1 := cell.marginal(p, late)
		for _, m := range []Solver{EulerMaruyama{}, EulerMaruyama{0.5}, EulerMaruyama{1}, EulerMaruyama{1.5},
			DDIM{}, DDIM{Eta: 0.5}, DDIM{Eta: 1}} {
			steps, errs := []int{64, 128, 256, 512}, []float64(nil)
			for _, n := range steps {
				mean, v := law(t, Sampler{Process: p, Solver: m, Times: Uniform(early, late, n)}, cell.denoiser(p), m0, v0)
				errs = append(errs, math.Abs(mean-m1)+math.Abs(v-v1))
				if _, ok := m.(DDIM); ok && math.Abs(mean-m1) > 1e-6 {
					t.Errorf("%#v, %d steps: mean %.8f, want %.8f", m, n, mean, m1)
				}
			}
			o := slope(steps, errs)
			t.Logf("%#v: order %.3f, errors %.2g", m, o, errs)
			if math.Abs(o-1) > 0.15 {
				t.Errorf("%#v: order %.3f, want 1; errors %.2g", m, o, errs)
			}
		}
	})
}

// From noise to data over the whole of time: mean and standard deviation of the data come out.
func TestWholeWay(t *testing.T) {
	const n = 400
	eachProcess(t, func(t *testing.T, p Process) {
		for _, m := range []Solver{EulerMaruyama{}, EulerMaruyama{0.5}, EulerMaruyama{1}, DDIM{}, DDIM{Eta: 0.5}, DDIM{Eta: 1}} {
			s := Sampler{Process: p, Solver: m, Times: Uniform(1, 0, n)}
			if e, ok := m.(EulerMaruyama); ok && e.Lambda > 0 {
				s.Times = s.Times[1:]
			}
			_, sigma := p.Marginal(s.Times[0])
			mean, v := law(t, s, cell.denoiser(p), 0, sigma*sigma)
			if math.Abs(mean-cell.mu) > 0.002 || math.Abs(math.Sqrt(v)-cell.s) > 0.01 {
				t.Errorf("%#v: mean %.4f, deviation %.4f; want %v, %v", m, mean, math.Sqrt(v), cell.mu, cell.s)
			}
		}
	})
}

// The figures of the table in doc.go, and those in the comments of EulerMaruyama and reversalGrid.
func TestDocumentedDeviations(t *testing.T) {
	of := func(data gaussian, m Solver, times []float64) float64 {
		_, sigma := PaperCosine.Marginal(times[0])
		_, v := law(t, Sampler{Process: PaperCosine, Solver: m, Times: times}, data.denoiser(PaperCosine), 0, sigma*sigma)
		return math.Sqrt(v)
	}
	deviation := func(m Solver, times []float64) float64 { return of(cell, m, times) }
	for _, c := range []struct {
		m    Solver
		want float64
	}{
		{DDIM{}, 0.485}, {DDIM{Eta: 1}, 0.468}, {DDPM{}, 0.468}, {DDPM{Large: true}, 0.508}, {DPMSolver{}, 0.502}, {DPMSolver{Eta: 1}, 0.511},
		{Heun{}, 0.513}, {Heun{Churn: 10}, 0.536}, {EulerMaruyama{}, 0.500}, {EulerMaruyama{1}, 0.507}, {SRA1{}, 0.500}, {SRA1{1}, 0.502},
		{DormandPrince{}, 0.500},
	} {
		if got := deviation(c.m, Grid(PaperCosine, c.m, 50)); math.Abs(got-c.want) > 0.001 {
			t.Errorf("%#v: %.4f, documented as %v", c.m, got, c.want)
		}
	}
	// Not pointwise, so that the numbers of an image stand for its law.
	corrected, x := PredictorCorrector{}, make([]float32, 128)
	s := Sampler{Process: PaperCosine, Solver: corrected, Times: Grid(PaperCosine, corrected, 50), Noise: orthogonal}
	if err := s.Generate(context.Background(), cell.denoiser(PaperCosine), x, []int{0}); err != nil {
		t.Fatal(err)
	}
	if _, got := moments1(x); math.Abs(got-0.506) > 0.001 {
		t.Errorf("%#v: %.4f, documented as 0.506", corrected, got)
	}
	half := EulerMaruyama{0.5}
	if all, rest := deviation(half, Uniform(1, 0, 50)), deviation(half, Uniform(1, 0, 50)[1:]); math.Abs(all-14.245) > 0.001 || math.Abs(rest-0.503) > 0.001 {
		t.Errorf("%#v: %.4f with the first time, %.4f without, documented as 14.245 and 0.503", half, all, rest)
	}
	em, narrow := EulerMaruyama{1}, gaussian{-0.8, 0.02}
	uniform, own := of(narrow, em, Uniform(1, 0, 51)[1:]), of(narrow, em, Grid(PaperCosine, em, 50))
	if math.Abs(uniform-0.050) > 0.001 || math.Abs(own-0.022) > 0.001 {
		t.Errorf("%#v: of deviation 0.02 uniform times make %.4f, its own %.4f, documented as 0.050 and 0.022", em, uniform, own)
	}
}

// orthogonal is noise for one image of 128 numbers: every draw is signs, as many of either, and orthogonal to the others. Mean and
// deviation over the image are then exactly those of the law, as over an image without end, also where steps depend on root mean
// squares of the image, as those of PredictorCorrector do.
func orthogonal(z []float32, image, draw int) {
	row := draw + 2 // 1 is the start's
	if draw >= firstCorrection {
		row = 64 + draw - firstCorrection
	}
	for i := range z {
		z[i] = 1 - 2*float32(bits.OnesCount(uint(i&row))%2)
	}
}

// With the package's own noise, over 40,000 trajectories: what is drawn has the law that was computed.
func TestTrajectoriesHaveTheLaw(t *testing.T) {
	const size, count, n = 1000, 40, 50
	images := make([]int, count)
	for i := range images {
		images[i] = i
	}
	for _, m := range []Solver{EulerMaruyama{1}, DDIM{Eta: 1}, DDIM{}} {
		p := SongLinear
		s := Sampler{Process: p, Solver: m, Times: Uniform(1, 0, n), Noise: Seeded(7)}
		_, sigma := p.Marginal(1)
		mean, v := law(t, s, cell.denoiser(p), 0, sigma*sigma)

		x := make([]float32, size*count)
		if err := s.Generate(context.Background(), cell.denoiser(p), x, images); err != nil {
			t.Fatal(err)
		}
		var sum, squares float64
		for _, v := range x {
			sum += float64(v)
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
		k := float64(len(x))
		zMean, zVar := (sum/k-mean)/math.Sqrt(v/k), (squares/k/v-1)/math.Sqrt(2/k)
		if math.Abs(zMean) > 4 || math.Abs(zVar) > 4 {
			t.Errorf("%#v: mean is off by %.1f, variance by %.1f standard errors", m, zMean, zVar)
		}
	}
}

// Where D is constant along a path (all data in one point), DDIM is exact in one step: it lands on αx₀ + σε with the ε it
// started from; with η = 1 on the right law.
func TestDDIMIsExactForAPoint(t *testing.T) {
	point := gaussian{mu: 0.7}
	eachProcess(t, func(t *testing.T, p Process) {
		alphaT, sigmaT := p.Marginal(early)
		alphaS, sigmaS := p.Marginal(late)
		for _, n := range []int{1, 2, 7} {
			x := []float32{float32(alphaT*0.7 + sigmaT*1.3)}
			solve(t, Sampler{Process: p, Solver: DDIM{}, Times: Uniform(early, late, n)}, point.denoiser(p), x)
			if want := alphaS*0.7 + sigmaS*1.3; math.Abs(float64(x[0])-want) > 1e-6 {
				t.Errorf("%d steps: %.7f, want %.7f", n, x[0], want)
			}
			for _, eta := range []float64{0.3, 1} {
				mean, v := law(t, Sampler{Process: p, Solver: DDIM{Eta: eta}, Times: Uniform(early, late, n)},
					point.denoiser(p), alphaT*0.7, sigmaT*sigmaT)
				if math.Abs(mean-alphaS*0.7) > 1e-6 || math.Abs(v-sigmaS*sigmaS) > 1e-6 {
					t.Errorf("η = %v, %d steps: N(%.7f, %.7f), want N(%.7f, %.7f)", eta, n, mean, v, alphaS*0.7, sigmaS*sigmaS)
				}
			}
		}
	})
}

// DDIM against the loop of the paper's code in float64: linspace(1, 0, n+1), a clamped D, and steps one interval ahead.
func TestDDIMIsThePapersLoop(t *testing.T) {
	const n = 40
	rng := rand.New(rand.NewPCG(6, 1))
	p := PaperCosine
	wide := gaussian{mu: 0.2, s: 1.5} // so that the clamp bites
	gamma := func(t float64) float64 {
		c := math.Cos((t + 0.0002) / 1.00025 * math.Pi / 2)
		return c * c
	}
	x, want := make([]float32, 50), make([]float64, 50)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
		want[i] = float64(x[i])
	}
	for i := range n {
		now, next := 1-float64(i)/n, math.Max(1-float64(i+1)/n-1./n, 0)
		g0, g1 := gamma(now), gamma(next)
		v := g0*wide.s*wide.s + 1 - g0
		for k, y := range want {
			x0 := math.Max(-1, math.Min(1, wide.mu+math.Sqrt(g0)*wide.s*wide.s/v*(y-math.Sqrt(g0)*wide.mu)))
			eps := (y - math.Sqrt(g0)*x0) / math.Sqrt(1-g0)
			want[k] = math.Sqrt(g1)*x0 + math.Sqrt(1-g1)*eps
		}
	}
	solve(t, Sampler{Process: p, Solver: DDIM{Ahead: 1. / n}, Times: Uniform(1, 0, n)}, wide.denoiser(p).Clamp(-1, 1), x)
	for k := range x {
		if math.Abs(float64(x[k])-want[k]) > 1e-5 {
			t.Errorf("number %d: %.6f, want %.6f", k, x[k], want[k])
		}
	}
}

// Euler–Maruyama against eq. 19 as it is written, with the score.
func TestEulerMaruyamaIsEquation19(t *testing.T) {
	eachProcess(t, func(t *testing.T, p Process) {
		for _, lambda := range []float64{0, 0.5, 1, 2} {
			const now, h, x, eps = 0.6, 0.01, 0.8, -1.1
			alpha, sigma := p.Marginal(now)
			m, v := cell.marginal(p, now)
			score, g := -(x-m)/v, p.Diffusion(now)
			d := []float32{0}
			if err := cell.denoiser(p).Score(p)(d, []float32{x}, now); err != nil || math.Abs(float64(d[0])-score) > 1e-5 {
				t.Fatalf("the score is %v, want %v (%v); α %v, σ %v", d[0], score, err, alpha, sigma)
			}
			want := x - (p.Drift(now)*x-(1+lambda*lambda)/2*g*g*score)*h + lambda*g*math.Sqrt(h)*eps
			z := []float32{x}
			s := Sampler{Process: p, Solver: EulerMaruyama{lambda}, Times: []float64{now, now - h},
				Noise: func(z []float32, image, draw int) { z[0] = eps }}
			solve(t, s, cell.denoiser(p), z)
			if math.Abs(float64(z[0])-want) > 1e-6 {
				t.Errorf("λ = %v: %.7f, want %.7f", lambda, z[0], want)
			}
		}
	})
}
