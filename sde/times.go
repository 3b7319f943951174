package sde

import (
	"fmt"
	"math"
)

// MaxSteps is how many steps a solution, or a grid of times, may have.
const MaxSteps = 1 << 20

// Uniform returns n+1 times from … to at equal distances, the ends exact: the grid of n steps. It panics with an
// [*ArgumentError] if n is not from 1 to [MaxSteps].
func Uniform(from, to float64, n int) []float64 {
	return grid("Uniform", from, to, n, func(i int) float64 {
		return from + float64(i)*(to-from)/float64(n)
	})
}

// Karras returns the n+1 times from … to, the ends exact, at which the noise level ς = σ/α of the process is
//
//	ς_i = (ς_from^{1/ρ} + i/n·(ς_to^{1/ρ} − ς_from^{1/ρ}))^ρ
//
// (Karras et al. 2022, eq. 5): the larger ρ, the shorter the steps at the end; ρ = 7 is the paper's choice. EDM's N steps
// are append(Karras(EDM{}, 80, 0.002, N−1, 7), 0). It panics with an [*ArgumentError] if n is not from 1 to
// [MaxSteps], ρ is not positive, or ς is infinite at the first time.
func Karras(p Process, from, to float64, n int, rho float64) []float64 {
	if !(rho > 0) || math.IsInf(rho, 1) {
		panic(&ArgumentError{"Karras", "ρ must be positive", rho})
	}
	a, b := pow(finiteLevel("Karras", p, from), 1/rho), pow(level(p, to), 1/rho)
	return grid("Karras", from, to, n, func(i int) float64 {
		return timeAt(p, 1, pow(a+float64(float64(i)/float64(n)*(b-a)), rho), to, from)
	})
}

// LogSNR returns the n+1 times from … to, the ends exact, between which ln(α/σ) grows by equal amounts (Lu et al. 2022). It
// panics with an [*ArgumentError] if n is not from 1 to [MaxSteps], or α at the first or σ at the last time is 0.
func LogSNR(p Process, from, to float64, n int) []float64 {
	a, b := finiteLevel("LogSNR", p, from), level(p, to)
	if !(b > 0) {
		panic(&ArgumentError{"LogSNR", "σ must not be 0 at the last time", to})
	}
	return grid("LogSNR", from, to, n, func(i int) float64 {
		return timeAt(p, 1, exp(log(a)+float64(float64(i)/float64(n)*(log(b)-log(a)))), to, from)
	})
}

// CosineLevels returns the n+1 times from … to, the ends exact, between which the angle arctan(σ/α) falls by equal amounts:
// the noise levels that [Cosine] has at equal distances of time (Nichol & Dhariwal 2021), for any process. It panics with an
// [*ArgumentError] if n is not from 1 to [MaxSteps].
func CosineLevels(p Process, from, to float64, n int) []float64 {
	angle := func(t float64) float64 {
		alpha, sigma := p.Marginal(t)
		return bisect(0, math.Pi/2, func(v float64) bool {
			sin, cos := sincos(v)
			return sin*alpha >= cos*sigma
		})
	}
	a, b := angle(from), angle(to)
	return grid("CosineLevels", from, to, n, func(i int) float64 {
		sin, cos := sincos(a + float64(float64(i)/float64(n)*(b-a)))
		return timeAt(p, cos, sin, to, from)
	})
}

// grid returns from, at(1), …, at(n−1), to.
func grid(name string, from, to float64, n int, at func(i int) float64) []float64 {
	if n < 1 || n > MaxSteps {
		panic(&ArgumentError{name, fmt.Sprintf("a grid has from 1 to %d steps", MaxSteps), n})
	}
	times := make([]float64, n+1)
	for i := 1; i < n; i++ {
		times[i] = at(i)
	}
	times[0], times[n] = from, to
	return times
}

func finiteLevel(name string, p Process, t float64) float64 {
	l := level(p, t)
	if !(l < math.Inf(1)) {
		panic(&ArgumentError{name, "σ/α must be finite at the first time", t})
	}
	return l
}

// CheckTimes returns nil if a process can be solved along the times, two to [MaxSteps]+1 of them: they are finite and
// descend, and α and σ are finite and not negative, σ at least 2⁻¹²⁶, the smallest float32 of full precision, before the last
// one. Else it returns an [*ArgumentError] that says which are wrong.
func CheckTimes(p Process, times []float64) error {
	if len(times) < 2 || len(times) > MaxSteps+1 {
		return &ArgumentError{"Sampler", fmt.Sprintf("there must be from 2 to %d times", MaxSteps+1), len(times)}
	}
	for i, t := range times {
		if i > 0 && !(times[i-1] > t) {
			return &ArgumentError{"Sampler", "times must descend", times[i-1 : i+1]}
		}
		alpha, sigma := p.Marginal(t)
		fine := alpha >= 0 && !math.IsInf(alpha, 1) && sigma >= 0 && !math.IsInf(sigma, 1) && !math.IsInf(t, 0)
		if !fine || sigma < leastNoise && i < len(times)-1 {
			return &ArgumentError{"Sampler", "α and σ must be finite, and σ at least 2⁻¹²⁶ before the last time", t}
		}
	}
	return nil
}

// leastNoise is 2⁻¹²⁶.
const leastNoise = 0x1p-126
