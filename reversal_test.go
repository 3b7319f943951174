package spdiff

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// A bad setting is an error of Sample, Samples, Denoise and Residual that says which, before any work, and never a panic.
func TestBadSettings(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	wrong := func(field string, err error) {
		t.Helper()
		var e *SettingError
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%v; want a *SettingError of %s", err, field)
		}
	}
	x := pictures(2, 8, 8)
	for _, c := range []struct {
		field string
		r     Reversal
	}{
		{"Steps", Reversal{Steps: -1}}, {"Steps", Reversal{Steps: 1 << 30}}, {"Steps", Reversal{Steps: math.MinInt}},
		{"Batch", Reversal{Batch: -1}}, {"Batch", Reversal{Batch: math.MaxInt}},
		{"First", Reversal{First: -1}}, {"First", Reversal{First: maxDraws}},
		{"Classes", Reversal{Classes: []int{0, 2}}}, {"Classes", Reversal{Classes: []int{-1}}},
		{"Solver", Reversal{Solver: sde.DDIM{Eta: 2}}}, {"Solver", Reversal{Solver: sde.DDIM{Eta: math.NaN()}}},
		{"Solver", Reversal{Solver: sde.PredictorCorrector{Corrections: -1}}}, {"Solver", Reversal{Solver: (*sde.DDIM)(nil)}},
		{"Solver", Reversal{Solver: sde.DormandPrince{Tol: -1}}},
	} {
		c.r.Trace = func([]int, sde.Snapshot) { t.Errorf("%s: a step was made", c.field) }
		_, err := m.Sample(context.Background(), Sampling{Reversal: c.r})
		wrong(c.field, err)
		_, _, err = m.Denoise(context.Background(), x, Denoising{Reversal: c.r})
		wrong(c.field, err)
		_, err = m.Residual(context.Background(), x, Denoising{Reversal: c.r})
		wrong(c.field, err)
	}
	_, err := m.Sample(context.Background(), Sampling{N: -1})
	wrong("N", err)
	for _, start := range []float64{1, -0.1, math.NaN(), math.Inf(1), 5e-324, math.Nextafter(1, 0) + 1} {
		_, _, err := m.Denoise(context.Background(), x, Denoising{Start: start})
		wrong("Start", err)
	}
	plain := tiny(group.C4, WT)
	plain.Network.Classes = 0
	_, err = train(t, plain).Sample(context.Background(), Sampling{Reversal: Reversal{Classes: []int{0}}})
	wrong("Classes", err)
	var solver *sde.SettingError
	if _, err := m.Sample(context.Background(), Sampling{Reversal: Reversal{Solver: sde.DDIM{Eta: 2}}}); !errors.As(err, &solver) || solver.Field != "Eta" {
		t.Errorf("%v; want the solver's own error too", err)
	}
}

// Where no classes are given, by nil or by none, image k is of class k mod n, drawn and denoised.
func TestNoClassesAreAllInTurn(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	x := pictures(3, 8, 8)
	r := func(classes []int) Reversal { return Reversal{Steps: 2, First: 3, Classes: classes} }
	for _, none := range [][]int{nil, {}} {
		if got := sample(t, m, Sampling{N: 3, Reversal: r(none)}); !slices.Equal(got, sample(t, m, Sampling{N: 3, Reversal: r([]int{0, 1})})) {
			t.Errorf("drawn with classes %#v: other images", none)
		}
		z, _, err := m.Denoise(context.Background(), x, Denoising{Reversal: r(none)})
		want, _, _ := m.Denoise(context.Background(), x, Denoising{Reversal: r([]int{0, 1})})
		if err != nil || !slices.Equal(bits(z.Data()), bits(want.Data())) {
			t.Errorf("denoised with classes %#v: other images (%v)", none, err)
		}
	}
	if got := sample(t, m, Sampling{N: 3, Reversal: r(nil)}); !slices.Equal(got[64:128], sample(t, m, Sampling{Reversal: Reversal{Steps: 2, First: 4, Classes: []int{0}}})) {
		t.Error("image 4 is not of class 0")
	}
	if slices.Equal(sample(t, m, Sampling{N: 2, Reversal: r([]int{0})}), sample(t, m, Sampling{N: 2, Reversal: r([]int{1})})) {
		t.Error("the class does not matter")
	}
}

// ends are solvers whose last state is outside the range of the data.
var ends = []sde.Solver{sde.SRA1{Lambda: 1}, sde.EulerMaruyama{Lambda: 1}, sde.DDIM{Eta: 1}, sde.PredictorCorrector{}}

// Whatever the solver and the process, what comes out is within [−1, 1], though not all last states are.
func TestResultsAreWithinTheRange(t *testing.T) {
	beyond := 0
	for _, schedule := range []Schedule{Cosine, VE} {
		c := tiny(group.C4, WT)
		c.Schedule = schedule
		m := shaken(t, c)
		for _, solver := range ends {
			var last []float32
			r := Reversal{Steps: 6, Solver: solver, Trace: func(_ []int, s sde.Snapshot) { last = append(last[:0], s.X...) }}
			z, err := m.Sample(context.Background(), Sampling{N: 4, Reversal: r})
			if err != nil {
				t.Fatal(err)
			}
			d, _, err := m.Denoise(context.Background(), pictures(4, 8, 8), Denoising{Reversal: r})
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range slices.Concat(z.Data(), d.Data()) {
				if !(v >= -1 && v <= 1) {
					t.Fatalf("%v by %#v: number %d is %v", schedule, solver, i, v)
				}
			}
			for i, v := range d.Data() {
				if v != max(-1, min(1, last[i])) {
					t.Fatalf("%v by %#v: number %d is %v, the last state has %v", schedule, solver, i, v, last[i])
				}
				if v != last[i] {
					beyond++
				}
			}
		}
	}
	if beyond == 0 {
		t.Error("no last state was outside the range; the test shows nothing")
	}
}

// What Trace does to what it is given changes nothing, whatever the solver remembers.
func TestTraceIsGivenCopies(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	x := pictures(3, 8, 8)
	spoil := func(images []int, s sde.Snapshot) {
		clear(images)
		clear(s.X)
		clear(s.Denoised)
	}
	for _, solver := range []sde.Solver{sde.DDIM{Eta: 1}, sde.DPMSolver{Eta: 1}, sde.DormandPrince{Tol: 0.1}} {
		r := Reversal{First: 2, Steps: 4, Solver: solver, Batch: 2}
		want := sample(t, m, Sampling{N: 3, Reversal: r})
		clean := denoise(t, m, x, Denoising{Reversal: r})
		r.Trace = spoil
		if !slices.Equal(sample(t, m, Sampling{N: 3, Reversal: r}), want) {
			t.Errorf("%T: Trace changed the samples", solver)
		}
		if !slices.Equal(bits(denoise(t, m, x, Denoising{Reversal: r}).Data()), bits(clean.Data())) {
			t.Errorf("%T: Trace changed the denoised images", solver)
		}
	}
}

func BenchmarkTrace(b *testing.B) {
	r := Reversal{Trace: func([]int, sde.Snapshot) {}}
	x := make([]float32, 32*28*28)
	s := r.sampler(sde.PaperCosine, nil, nil, make([]int, 32))
	for b.Loop() {
		s.Trace(sde.Snapshot{X: x, Denoised: x})
	}
}

// Degrade panics, with a type, at what the caller could have known.
func TestDegradePanics(t *testing.T) {
	for _, c := range []struct {
		shape tensor.Shape
		k     int
	}{{tensor.Shape{8, 8}, 2}, {tensor.Shape{2, 2, 8, 8, 1}, 2}, {tensor.Shape{0, 8, 8, 1}, 2}, {tensor.Shape{8, 8, 1}, 0}, {tensor.Shape{8, 8, 1}, -3}} {
		func() {
			defer func() {
				var image *ImageError
				var setting *SettingError
				err, _ := recover().(error)
				if c.k < 1 && !errors.As(err, &setting) || c.k > 0 && !errors.As(err, &image) {
					t.Errorf("%v by %d: %v", c.shape, c.k, err)
				}
			}()
			Degrade(tensor.New(c.shape...), c.k)
		}()
	}
	x := pictures(1, 5, 7)
	if !slices.Equal(bits(Degrade(x, math.MaxInt).Data()), bits(Degrade(x, 8).Data())) {
		t.Error("blocks larger than the image are not all alike")
	}
}
