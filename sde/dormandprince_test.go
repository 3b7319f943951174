package sde

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// The tableau's conditions: rows sum to their times, the result integrates polynomials up to t⁴ exactly, the error estimate
// those up to t³, so that the smaller order is 4.
func TestDormandPrinceTableau(t *testing.T) {
	times := append([]float64{0}, dopriTime[:]...)
	for j, row := range dopri {
		sum := 0.0
		for _, a := range row {
			sum += a
		}
		if !near(sum, dopriTime[j], 1e-14) {
			t.Errorf("row %d sums to %v, its time is %v", j, sum, dopriTime[j])
		}
	}
	for k := range 6 {
		var result, estimate float64
		for j, c := range times {
			if j < stages-1 {
				result += dopri[stages-2][j] * math.Pow(c, float64(k))
			}
			estimate += dopriError[j] * math.Pow(c, float64(k))
		}
		if exact := near(result, 1/float64(k+1), 1e-14); exact != (k < 5) {
			t.Errorf("∫t^%d = %v", k, result)
		}
		if exact := math.Abs(estimate) < 1e-14; exact != (k < 4) {
			t.Errorf("the estimate of ∫t^%d is %v", k, estimate)
		}
	}
}

// With one step for each time step the order is 5: on dz/dτ = 2 sin z, from a hundred starts.
func TestDormandPrinceOrder(t *testing.T) {
	d := func(z, x []float32, t float64) error {
		for i, v := range x {
			z[i] = float32(2 * math.Sin(float64(v)/t))
		}
		return nil
	}
	checkOrder(t, "Dormand–Prince", 5, []int{6, 7, 8, 9, 10, 11}, func(n int) float64 {
		times := Uniform(0.5, 2.5, n)
		for i := range times {
			times[i] = 1 / times[i]
		}
		x, want := make([]float32, 100), make([]float32, 100)
		for i := range x {
			z := -3 + 0.06*float64(i)
			x[i] = float32(z * times[0])
			want[i] = float32(2 * math.Atan(math.Tan(z/2)*math.Exp(4)) * times[n])
		}
		solve(t, Sampler{Process: EDM{}, Solver: DormandPrince{math.Inf(1)}, Times: times}, d, x)
		for i := range x {
			x[i] -= want[i]
		}
		return rms(x)
	})
}

// steep is a denoiser whose steps must be short, at a time that depends on the image: coins of ±x's first number.
func steep(p Process) Denoiser {
	return func(z, x []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		for i, v := range x {
			z[i] = float32(math.Tanh(alpha * float64(v) / (sigma*sigma + 1e-4)))
		}
		return nil
	}
}

// The error is of the tolerance, wherever the times are; and it takes more evaluations to make it less.
func TestDormandPrinceKeepsItsTolerance(t *testing.T) {
	p := PaperCosine
	for _, times := range [][]float64{{0.95, 0.02}, Uniform(0.95, 0.02, 7), Karras(p, 0.95, 0.02, 3, 7)} {
		last := 0
		best := []float32{1.2, -0.4, 0.1}
		solve(t, Sampler{Process: p, Solver: DormandPrince{2e-7}, Times: times}, steep(p), best)
		for _, tol := range []float64{1e-2, 1e-4, 1e-6} {
			calls, x := 0, []float32{1.2, -0.4, 0.1}
			d := steep(p)
			solve(t, Sampler{Process: p, Solver: DormandPrince{tol}, Times: times}, func(z, x []float32, t float64) error {
				calls++
				return d(z, x, t)
			}, x)
			for i := range x {
				if math.Abs(float64(x[i]-best[i])) > 20*tol+2e-6 {
					t.Errorf("%d times, tolerance %v: number %d is %v, want %v", len(times), tol, i, x[i], best[i])
				}
			}
			t.Logf("%d times, tolerance %v: %d evaluations", len(times), tol, calls)
			if calls < last {
				t.Errorf("%d times, tolerance %v: %d evaluations, fewer than before", len(times), tol, calls)
			}
			last = calls
		}
	}
}

// Images that need different steps have the bits that they have alone, though they wait for each other.
func TestDormandPrinceImagesHaveTheirOwnSteps(t *testing.T) {
	const size, count = 3, 16
	p := PaperCosine
	var start []float32
	images := make([]int, count)
	for k := range images {
		images[k] = k
		x := make([]float32, size)
		Seeded(2)(x, k, 0)
		for i := range x {
			x[i] *= float32(math.Exp(0.5 * float64(k-12)))
		}
		start = append(start, x...)
	}
	for _, tol := range []float64{1e-5, 1e-6} {
		m := DormandPrince{tol}
		batch := slices.Clone(start)
		s := Sampler{Process: p, Solver: m, Times: Uniform(1, 0, 2)}
		if err := s.Solve(context.Background(), steep(p), batch, images); err != nil {
			t.Fatal(err)
		}
		different := map[int]bool{}
		for k := range images {
			x, calls := slices.Clone(start[k*size:(k+1)*size]), 0
			d := steep(p)
			solve(t, s, func(z, x []float32, t float64) error {
				calls++
				return d(z, x, t)
			}, x)
			different[calls] = true
			if !equalBits(batch[k*size:(k+1)*size], x) {
				t.Errorf("tolerance %v: image %d is %v in the batch, %v alone", tol, k, batch[k*size:(k+1)*size], x)
			}
		}
		if len(different) < 3 {
			t.Errorf("tolerance %v: the images take the same steps: nothing is shown", tol)
		}
	}
}

// The last D of a step is the first of the next: six evaluations a step, and one at the start.
func TestDormandPrinceEvaluations(t *testing.T) {
	calls := 0
	solve(t, Sampler{Process: PaperCosine, Solver: DormandPrince{math.Inf(1)}, Times: Uniform(0.6, 0.4, 10)},
		func(z, x []float32, t float64) error {
			calls++
			return bent(z, x, t)
		}, []float32{1, 2})
	if calls != 61 {
		t.Errorf("ten steps took %d evaluations, want 61", calls)
	}
}

// A time step that is halved, for it is too long to see by, leaves the next one whole where the tolerance is infinite.
func TestDormandPrinceForgetsHalvings(t *testing.T) {
	evaluations := func(times ...float64) (n int) {
		solve(t, Sampler{Process: PaperCosine, Solver: DormandPrince{math.Inf(1)}, Times: times},
			func(z, x []float32, t float64) error {
				n++
				return bent(z, x, t)
			}, []float32{1, 2})
		return n
	}
	first, both := evaluations(0.95, 0.1), evaluations(0.95, 0.1, 0.09)
	if first < 13 || both-first != 6 {
		t.Errorf("%d evaluations to 0.1, %d to 0.09; want more than a step's, and then six", first, both)
	}
}

// Times too far apart for any step to see by are an error that says so, whatever the tolerance, and one in between helps.
func TestTimesTooFarApart(t *testing.T) {
	for _, tol := range []float64{math.Inf(1), 1e-3} {
		s := Sampler{Process: EDM{}, Solver: DormandPrince{tol}, Times: []float64{80, 1e-5, 0}}
		var e *ToleranceError
		err := s.Solve(context.Background(), cell.denoiser(EDM{}), []float32{60}, []int{17})
		if !errors.As(err, &e) || !e.Apart || e.Image != 17 || !strings.Contains(err.Error(), "put one in between") {
			t.Errorf("tolerance %v: %v", tol, err)
		}
		s.Times = []float64{80, 0.01, 1e-5, 0}
		solve(t, s, cell.denoiser(EDM{}), []float32{60})
	}
}

// A denoiser with a jump is too much for a tolerance; the error says where, and a looser one goes through.
func TestToleranceOutOfReach(t *testing.T) {
	jump := func(z, x []float32, t float64) error {
		for i, v := range x {
			z[i] = float32(math.Copysign(1, math.Sin(1e7*float64(v))))
		}
		return nil
	}
	s := Sampler{Process: PaperCosine, Solver: DormandPrince{1e-9}, Times: []float64{0.9, 0.1}}
	var e *ToleranceError
	if err := s.Solve(context.Background(), jump, []float32{0.3, 0.2}, []int{17}); !errors.As(err, &e) || e.Image != 17 || e.Apart {
		t.Errorf("%v", err)
	}
	s.Solver = DormandPrince{10}
	if err := s.Solve(context.Background(), jump, []float32{0.3, 0.2}, []int{17}); err != nil {
		t.Errorf("%v", err)
	}
}
