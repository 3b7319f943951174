package sde

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// derivative is the central difference of f.
func derivative(f func(float64) float64, t float64) float64 {
	const h = 1e-5
	return (f(t+h) - f(t-h)) / (2 * h)
}

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))
}

// anyProcess runs a test on all processes.
func anyProcess(t *testing.T, test func(t *testing.T, p Process)) {
	for _, p := range []Process{PaperCosine, SongLinear, SongSubVP, SongVE, VE{0.02, 3}, Nichol{}, EDM{}} {
		t.Run(fmt.Sprintf("%T", p), func(t *testing.T) { test(t, p) })
	}
}

// What a process says of itself agrees: u = d ln α/dt, g² = dσ²/dt − 2uσ², and where variance is preserved α² + σ² = 1, of
// the sub-VP process σ = 1 − α².
func TestProcessAgreesWithItself(t *testing.T) {
	anyProcess(t, func(t *testing.T, p Process) {
		logAlpha := func(t float64) float64 { a, _ := p.Marginal(t); return math.Log(a) }
		variance := func(t float64) float64 { _, s := p.Marginal(t); return s * s }
		for now := 0.001; now < 0.99; now += 0.013 {
			alpha, sigma := p.Marginal(now)
			u, g := p.Drift(now), p.Diffusion(now)
			if preserved(p) && !near(alpha*alpha+sigma*sigma, 1, 1e-14) {
				t.Errorf("t = %.3f: α² + σ² = %v", now, alpha*alpha+sigma*sigma)
			}
			if _, ok := p.(SubVP); ok && !near(sigma, 1-alpha*alpha, 1e-14) {
				t.Errorf("t = %.3f: σ = %v, 1 − α² = %v", now, sigma, 1-alpha*alpha)
			}
			if want := derivative(logAlpha, now); !near(u, want, 1e-5) {
				t.Errorf("t = %.3f: u = %v, d ln α/dt = %v", now, u, want)
			}
			if want := derivative(variance, now) - 2*u*sigma*sigma; !near(g*g, want, 1e-5) {
				t.Errorf("t = %.3f: g² = %v, dσ²/dt − 2uσ² = %v", now, g*g, want)
			}
		}
	})
}

// preserved reports whether a process keeps variance 1.
func preserved(p Process) bool {
	switch p.(type) {
	case Cosine, Nichol, Linear:
		return true
	}
	return false
}

// The forms in the papers: at t = 0 and 1 of VE, in the middle of the sub-VP process, and of EDM.
func TestClosedForms(t *testing.T) {
	for _, c := range []struct {
		p                Process
		t                float64
		alpha, sigma, g2 float64
	}{
		{SongVE, 0, 1, 0.01, 2e-4 * math.Log(5000)},
		{SongVE, 1, 1, 50, 5000 * math.Log(5000)},
		{SongVE, 0.5, 1, math.Sqrt(0.5), math.Log(5000)},
		{SongSubVP, 0, 1, 0, 0},
		{SongSubVP, 1, math.Exp(-5.025), 1 - math.Exp(-10.05), 20 * (1 - math.Exp(-20.1))},
		{EDM{}, 80, 1, 80, 160},
	} {
		alpha, sigma := c.p.Marginal(c.t)
		g := c.p.Diffusion(c.t)
		if !near(alpha, c.alpha, 1e-13) || !near(sigma, c.sigma, 1e-13) || !near(g*g, c.g2, 1e-12) {
			t.Errorf("%#v at %v: α %v, σ %v, g² %v; want %v, %v, %v", c.p, c.t, alpha, sigma, g*g, c.alpha, c.sigma, c.g2)
		}
	}
}

// The kernels are consistent. The moments of dx = ux dt + g dw from time s, by Runge–Kutta, are those of transition; and two
// steps r → s → t make one (Chapman–Kolmogorov).
func TestTransition(t *testing.T) {
	anyProcess(t, func(t *testing.T, p Process) {
		const r, s, end = 0.1, 0.35, 0.8
		m, v := moments(p, s, end, 2000)
		a, w := transition(p, s, end)
		if !near(m, a, 1e-9) || !near(v, w, 1e-9) {
			t.Errorf("from the equation x_t | x_s ~ N(%v x, %v), from the kernel N(%v x, %v)", m, v, a, w)
		}
		a1, v1 := transition(p, r, s)
		a2, v2 := transition(p, r, end)
		if !near(a*a1, a2, 1e-14) || !near(a*a*v1+w, v2, 1e-14) {
			t.Errorf("r → s → t is N(%v, %v), r → t is N(%v, %v)", a*a1, a*a*v1+w, a2, v2)
		}
	})
}

// moments solves dm/dt = u m, dv/dt = 2uv + g² from m = 1, v = 0.
func moments(p Process, from, to float64, n int) (m, v float64) {
	m = 1
	h := (to - from) / float64(n)
	slope := func(t, m, v float64) (float64, float64) {
		u, g := p.Drift(t), p.Diffusion(t)
		return u * m, 2*u*v + g*g
	}
	for i := range n {
		t := from + float64(i)*h
		m1, v1 := slope(t, m, v)
		m2, v2 := slope(t+h/2, m+h/2*m1, v+h/2*v1)
		m3, v3 := slope(t+h/2, m+h/2*m2, v+h/2*v2)
		m4, v4 := slope(t+h, m+h*m3, v+h*v3)
		m += h / 6 * (m1 + 2*m2 + 2*m3 + m4)
		v += h / 6 * (v1 + 2*v2 + 2*v3 + v4)
	}
	return m, v
}

// The paper's schedule at its ends, and γ(t) as it is written.
func TestPaperCosine(t *testing.T) {
	for _, now := range []float64{0, 0.01, 0.25, 0.5, 0.75, 0.99, 1} {
		alpha, sigma := PaperCosine.Marginal(now)
		c := math.Cos((now + 0.0002) / (1 + 0.00025) * math.Pi / 2)
		if !near(alpha*alpha, c*c, 1e-14) || !near(sigma*sigma, 1-c*c, 1e-14) {
			t.Errorf("t = %v: γ = %v, want %v", now, alpha*alpha, c*c)
		}
	}
	if _, sigma := PaperCosine.Marginal(0); !near(sigma/3.14e-4, 1, 1e-2) {
		t.Errorf("σ(0) = %v", sigma)
	}
	if _, sigma := SongLinear.Marginal(0); sigma != 0 {
		t.Errorf("linear: σ(0) = %v", sigma)
	}
	if a, _ := SongLinear.Marginal(1); !near(math.Log(a), -5.025, 1e-12) {
		t.Errorf("linear: ln α(1) = %v", math.Log(a))
	}
}

// Diffuse is eq. 2, one chain a number; z may be x0.
func TestDiffuse(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	x0, eps, z := make([]float32, 37), make([]float32, 37), make([]float32, 37)
	for i := range x0 {
		x0[i], eps[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
	}
	for _, now := range []float64{0, 0.3, 1} {
		Diffuse(PaperCosine, z, x0, eps, now)
		alpha, sigma := PaperCosine.Marginal(now)
		for i := range z {
			if want := alpha*float64(x0[i]) + sigma*float64(eps[i]); !near(float64(z[i]), want, 1e-6) {
				t.Errorf("t = %v: %v, want %v", now, z[i], want)
			}
		}
	}
	want := append([]float32(nil), z...)
	Diffuse(PaperCosine, x0, x0, eps, 1)
	for i := range x0 {
		if math.Float32bits(x0[i]) != math.Float32bits(want[i]) {
			t.Errorf("in place: %v, apart: %v", x0[i], want[i])
		}
	}
}
