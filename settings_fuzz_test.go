package spdiff

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// A drawer makes settings of random numbers: mostly small ones, and now and then one from the edge.
type drawer struct{ *rand.Rand }

// of returns an integer: small, or extreme.
func (d drawer) of(small ...int) int {
	if d.IntN(8) == 0 {
		return []int{-1, math.MinInt, math.MaxInt, math.MaxInt32, 1 << 20, maxDraws}[d.IntN(6)]
	}
	return small[d.IntN(len(small))]
}

// real returns a number: in [0, 1], or extreme.
func (d drawer) real() float64 {
	if d.IntN(4) == 0 {
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, -1, 1, 2, math.MaxFloat64, 1e-30, 1e-10}[d.IntN(10)]
	}
	return d.Float64()
}

// solver returns any, with settings that may make no sense; the adaptive one with a tolerance that ends soon.
func (d drawer) solver() sde.Solver {
	return []sde.Solver{nil, sde.DDIM{Eta: d.real(), Ahead: d.real()}, sde.DDPM{Large: true}, sde.DPMSolver{Eta: d.real()},
		sde.Heun{Churn: d.real()}, sde.EulerMaruyama{Lambda: d.real()}, sde.SRA1{Lambda: d.real()}, (*sde.DDIM)(nil),
		sde.DormandPrince{Tol: math.Inf(1)}, sde.PredictorCorrector{Corrections: d.IntN(4) - 1, SNR: d.real()}}[d.IntN(10)]
}

func (d drawer) reversal() Reversal {
	r := Reversal{Seed: d.Uint64(), First: d.of(0, 1, 9), Steps: d.of(0, 1, 2, 3), Solver: d.solver(), Batch: d.of(0, 1, 2, 5), Guidance: []float64{0, 0, 0, d.real(), -d.real()}[d.IntN(5)]}
	if r.Steps == 1<<20 { // makes sense, and takes hours
		r.Steps++
	}
	for range d.IntN(3) {
		r.Classes = append(r.Classes, d.of(0, 1, 2))
	}
	if d.IntN(4) == 0 {
		r.Classes = []int{}
	}
	if d.IntN(2) == 0 {
		r.Trace = func(images []int, s sde.Snapshot) { clear(images); clear(s.X) }
	}
	return r
}

// images returns some, of a shape that may not fit and with numbers that may be anything.
func (d drawer) images() *tensor.Tensor {
	shape := [][]int{{4, 4, 1}, {1, 4, 4, 1}, {3, 4, 4, 1}, {2, 5, 7, 1}, {1, 9, 4, 1}, {4, 4}, {0, 4, 4, 1}, {1, 4, 4, 2}, {}, {1, 1, 4, 4, 1}}[d.IntN(10)]
	x := tensor.New(shape...)
	for i := range x.Data() {
		x.Data()[i] = float32(2*d.Float64() - 1)
	}
	if x.Len() > 0 && d.IntN(4) == 0 {
		x.Data()[d.IntN(x.Len())] = []float32{float32(math.NaN()), float32(math.Inf(1)), math.MaxFloat32, -1e30}[d.IntN(4)]
	}
	return x
}

// fuzzed are models of every method and some processes, with and without classes and conditioning.
var fuzzed = sync.OnceValue(func() (models []*Model) {
	for k := range 2 * len(methods) {
		c := minute()
		c.Method, c.Condition, c.Schedule = Method(k%len(methods)), k%3 == 0, Schedule(k%len(schedules))
		c.Network.Classes = 2 * (k % 2)
		c.Group = []group.Group{group.H, group.C2, group.D2}[k%3]
		if c.Method == GC {
			c.Group, c.Network.Width = group.H, 4
		}

		if err := c.Validate(); err != nil {
			panic(err)
		}
		tr, err := NewTrainer(c, images{4, 4, 1})
		if err != nil {
			panic(err)
		}
		models = append(models, tr.Model())
	}
	return models
})

// known fails unless err is one that the package says it returns.
func known(t *testing.T, what string, err error) {
	t.Helper()
	var setting *SettingError
	var image *ImageError
	var memory *MemoryError
	var finite *sde.NotFiniteError
	var tolerance *sde.ToleranceError
	if err != nil && !errors.As(err, &setting) && !errors.As(err, &image) && !errors.As(err, &memory) && !errors.As(err, &finite) && !errors.As(err, &tolerance) {
		t.Errorf("%s: %v (%T)", what, err, err)
	}
}

// within fails unless all numbers of z are in [−1, 1].
func within(t *testing.T, what string, z *tensor.Tensor) {
	t.Helper()
	if i := slices.IndexFunc(z.Data(), func(v float32) bool { return !(v >= -1 && v <= 1) }); i >= 0 {
		t.Errorf("%s: number %d is %v", what, i, z.Data()[i])
	}
}

// Whatever the settings and the images, drawing, denoising, degrading and measuring return what they promise, or an error that
// they name: no panic but the two of Degrade, and no number outside the range.
func FuzzSettings(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		d := drawer{rand.New(rand.NewPCG(seed, 0))}
		m := fuzzed()[d.IntN(len(fuzzed()))]
		x, ctx := d.images(), context.Background()
		s := Sampling{N: d.of(0, 1, 3), Reversal: d.reversal()}
		if s.N == 1<<20 || s.N == math.MaxInt32 { // make sense, and take hours
			s.N = 2
		}
		if z, err := m.Sample(ctx, s); err != nil {
			known(t, "Sample", err)
		} else {
			within(t, "Sample", z)
		}
		den := Denoising{Start: d.real(), Reversal: d.reversal()}
		if z, _, err := m.Denoise(ctx, x, den); err != nil {
			known(t, "Denoise", err)
		} else {
			within(t, "Denoise", z)
		}
		if r, err := m.Residual(ctx, x, den); err != nil {
			known(t, "Residual", err)
		} else if r.Max != 0 && m.config.Method.Exact() && len(r.Ties) == 0 {
			t.Errorf("Residual of %v: %v", m.config.Method, r)
		}
		_, err := m.Loss(ctx, x, Evaluation{Seed: d.Uint64(), First: d.of(0, 5), Draws: []int{0, 1, 2, -1, math.MaxInt}[d.IntN(5)], Classes: den.Classes})
		known(t, "Loss", err)
		defer func() {
			if e := recover(); e != nil {
				err, _ := e.(error)
				known(t, "Degrade", err)
			}
		}()
		Degrade(x, d.of(1, 2, 3))
	})
}
