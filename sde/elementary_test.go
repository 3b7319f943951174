package sde

import (
	"math"
	"testing"
)

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
