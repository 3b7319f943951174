package sde

import (
	"fmt"
	"math"
)

// Grid returns good times for a solver on a process, from its first time, or where the solver can begin, to its last. A
// solution takes about that number of evaluations of the denoiser. The times are uniform, unless the solver
// has a Grid method, which chooses them. It panics with an [*ArgumentError] if evaluations is not from 1 to [MaxSteps], and with
// the error of [CheckSolver] if there is one.
//
// A process lives on 1 … 0, or on the range that its method Range() (from, to float64) says; then "uniform" is [Karras]'s grid
// with ρ = 7 over it.
func Grid(p Process, m Solver, evaluations int) []float64 {
	if evaluations < 1 || evaluations > MaxSteps {
		panic(&ArgumentError{"Grid", fmt.Sprintf("evaluations must be from 1 to %d", MaxSteps), evaluations})
	}
	must(CheckSolver(m))
	if g, ok := m.(interface {
		Grid(p Process, evaluations int) []float64
	}); ok {
		return g.Grid(p, evaluations)
	}
	return plainGrid(p, evaluations)
}

// Span returns the first and the last time of a process, and whether it is a range of its own.
func Span(p Process) (from, to float64, own bool) {
	if r, ok := p.(interface{ Range() (from, to float64) }); ok {
		from, to = r.Range()
		return from, to, true
	}
	return 1, 0, false
}

// TimeOf returns the time at which σ is level times α, by 60 halvings of the [Span]: their ratio grows with time. Where no time of the
// process has that ratio it is the first time, or one next to the last.
func TimeOf(p Process, level float64) float64 {
	high, low, _ := Span(p)
	for range 60 {
		t := (low + high) / 2
		if alpha, sigma := p.Marginal(t); sigma < float64(level*alpha) {
			low = t
		} else {
			high = t
		}
	}
	return high
}

// plainGrid returns the times of n steps over the whole range.
func plainGrid(p Process, n int) []float64 {
	from, to, own := Span(p)
	if own {
		return Karras(p, from, to, n, 7)
	}
	return Uniform(from, to, n)
}

// reversalGrid returns the times of n steps for solvers that follow the equations as they stand: u^{3/2} for n+2 uniform u, without
// the first, at which the coefficients of [Cosine] are too large. A last step as long as the others would leave its noise
// in the image: from data of deviation 0.02, 50 steps of EulerMaruyama{1} would make 0.050; these make 0.022.
func reversalGrid(p Process, n int) []float64 {
	if n < 1 {
		panic(&ArgumentError{"Grid", "there must be an evaluation at least", n})
	}
	times := plainGrid(p, min(n, MaxSteps-1)+1)[1:]
	if _, _, own := Span(p); own {
		return times
	}
	for i, u := range times {
		times[i] = u * math.Sqrt(u)
	}
	return times
}
