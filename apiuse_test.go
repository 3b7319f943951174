package spdiff

import (
	"context"
	"math"
	"slices"

	"spdiff/sde"
	"spdiff/tensor"
)

// of returns an integer: small, or extreme.
func (r caller) of(small ...int) int {
	if r.IntN(8) == 0 {
		return []int{-1, math.MinInt, math.MaxInt, math.MaxInt32, 1 << 20, maxDraws}[r.IntN(6)]
	}
	return small[r.IntN(len(small))]
}

// real returns a number: in [0, 1], or extreme.
func (r caller) real() float64 {
	if r.IntN(4) == 0 {
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, -1, 1, 2, math.MaxFloat64, 1e-30, 1e-10}[r.IntN(10)]
	}
	return r.Float64()
}

// solver returns any, with settings that may make no sense; the adaptive one with a tolerance that ends soon.
func (r caller) solver() sde.Solver {
	return []sde.Solver{nil, sde.DDIM{Eta: r.real(), Ahead: r.real()}, sde.DDPM{Large: true}, sde.DPMSolver{Eta: r.real()},
		sde.Heun{Churn: r.real()}, sde.EulerMaruyama{Lambda: r.real()}, sde.SRA1{Lambda: r.real()}, (*sde.DDIM)(nil),
		sde.DormandPrince{Tol: math.Inf(1)}, sde.PredictorCorrector{Corrections: r.IntN(4) - 1, SNR: r.real()}}[r.IntN(10)]
}

func (r caller) reversal() Reversal {
	v := Reversal{Seed: r.Uint64(), First: r.of(0, 1, 9), Steps: r.of(0, 1, 2, 3), Solver: r.solver(), Batch: r.of(0, 1, 2, 5), Guidance: []float64{0, 0, 0, r.real(), -r.real()}[r.IntN(5)]}
	if v.Steps == 1<<20 { // makes sense, and takes hours
		v.Steps++
	}
	for range r.IntN(3) {
		v.Classes = append(v.Classes, r.of(0, 1, 2))
	}
	if r.IntN(4) == 0 {
		v.Classes = []int{}
	}
	if r.IntN(3) == 0 {
		v.Precision = Precision(r.of(0, 1, 2))
	}
	if r.IntN(2) == 0 {
		v.Trace = func(images []int, s sde.Snapshot) { clear(images); clear(s.X) }
	}
	return v
}

// images returns some, of a shape that may not fit and with numbers that may be anything, or nil.
func (r caller) images() *tensor.Tensor {
	if r.IntN(16) == 0 {
		return nil
	}
	shape := [][]int{{4, 4, 1}, {1, 4, 4, 1}, {3, 4, 4, 1}, {2, 5, 7, 1}, {1, 9, 4, 1}, {4, 4}, {0, 4, 4, 1}, {1, 4, 4, 2}, {}, {1, 1, 4, 4, 1}}[r.IntN(10)]
	x := tensor.New(shape...)
	for i := range x.Data() {
		x.Data()[i] = float32(2*r.Float64() - 1)
	}
	if x.Len() > 0 && r.IntN(4) == 0 {
		x.Data()[r.IntN(x.Len())] = []float32{float32(math.NaN()), float32(math.Inf(1)), math.MaxFloat32, -1e30}[r.IntN(4)]
	}
	return x
}

// use does with a model what can be done with one.
func (r caller) use(m *Model) {
	x := r.images()
	r.draw(m)
	r.denoise(m, x)
	_, err := m.Loss(context.Background(), x, r.evaluation())
	r.used("Loss", err)
	e := r.evaluation()
	e.Steps = min(e.Steps, 2) // each of eight evaluations a draw
	_, err = m.LogLikelihood(context.Background(), x, e)
	r.used("LogLikelihood", err)
	if other, err := m.As(Methods()[r.IntN(len(methods))]); r.used("As", err) {
		r.draw(other)
	}
	r.ask(m)
	r.convert(m)
	if r.IntN(3) == 0 {
		r.compare(m)
	}
	defer func() {
		if e := recover(); e != nil {
			err, ok := e.(error)
			if !ok {
				panic(e)
			}
			r.used("Degrade", err)
		}
	}()
	Degrade(x, r.of(1, 2, 3))
}

func (r caller) evaluation() Evaluation {
	like := r.reversal()
	return Evaluation{Seed: r.Uint64(), First: r.of(0, 5), Draws: []int{0, 1, 2, -1, math.MaxInt}[r.IntN(5)], Classes: like.Classes,
		Steps: r.of(1, 2), Batch: r.of(0, 1, 2), Precision: like.Precision}
}

// draw draws with a Model or a GAN.
func (r caller) draw(m interface {
	Sample(context.Context, Sampling) (*tensor.Tensor, error)
}) {
	s := Sampling{N: r.of(0, 1, 3), Reversal: r.reversal()}
	if s.N == 1<<20 || s.N == math.MaxInt32 { // make sense, and take hours
		s.N = 2
	}
	if z, err := m.Sample(context.Background(), s); r.used("Sample", err) {
		r.within("Sample", z)
	}
}

func (r caller) denoise(m *Model, x *tensor.Tensor) {
	d := Denoising{Start: r.real(), Reversal: r.reversal()}
	if z, _, err := m.Denoise(context.Background(), x, d); r.used("Denoise", err) {
		r.within("Denoise", z)
	}
	if z, err := m.Residual(context.Background(), x, d); r.used("Residual", err) && z.Max != 0 && m.config.Method.Exact() && len(z.Ties) == 0 {
		r.t.Errorf("Residual of %v: %v", m.config.Method, z)
	}
}

// ask evaluates a model as a function, at a time of its process, of images or of what is one number too many.
func (r caller) ask(m *Model) {
	x := make([]float32, r.IntN(3)*m.size()+r.IntN(8)/7)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	from, to, _ := sde.Span(m.Process())
	z, classes, t := make([]float32, len(x)), r.reversal().Classes, to+r.Float64()*(from-to)
	if r.used("Denoiser", m.Denoiser(context.Background(), classes...)(z, x, t)) {
		r.within("Denoiser", tensor.From(z, len(z)))
	}
	r.used("Score", m.Score(context.Background(), classes...)(z, x, t))
}

// convert takes numbers of a network for an image.
func (r caller) convert(m *Model) {
	for _, p := range m.network.Params() {
		if s := p.Value.Shape(); len(s) == 3 && (s[2] == 1 || s[2] == 3) {
			FromImage(ToImage(p.Value, 0))
		}
	}
}

// within fails unless all numbers of z are in [−1, 1].
func (r caller) within(what string, z *tensor.Tensor) {
	r.t.Helper()
	if i := slices.IndexFunc(z.Data(), func(v float32) bool { return !(v >= -1 && v <= 1) }); i >= 0 {
		r.t.Errorf("%s: number %d is %v", what, i, z.Data()[i])
	}
}
