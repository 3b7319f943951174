package sde

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// Every setting out of its range is an error of the solution, before the denoiser is asked anything, and Begin's panic; the error
// names solver and field, and the value it recommends is valid.
func TestBadSettings(t *testing.T) {
	for _, c := range []struct {
		s     Solver
		field string
	}{
		{DDIM{Eta: 2}, "DDIM.Eta"}, {DDIM{Eta: -0.1}, "DDIM.Eta"}, {DDIM{Eta: nan}, "DDIM.Eta"}, {DDIM{Eta: inf}, "DDIM.Eta"},
		{DDIM{Ahead: -1}, "DDIM.Ahead"}, {DDIM{Ahead: nan}, "DDIM.Ahead"}, {&DDIM{Ahead: inf}, "DDIM.Ahead"},
		{DPMSolver{Eta: -1}, "DPMSolver.Eta"}, {DPMSolver{Eta: nan}, "DPMSolver.Eta"}, {DPMSolver{Eta: inf}, "DPMSolver.Eta"},
		{Heun{Churn: -1}, "Heun.Churn"}, {Heun{Churn: nan}, "Heun.Churn"}, {Heun{Churn: inf}, "Heun.Churn"},
		{Heun{Min: -1}, "Heun.Min"}, {Heun{Min: inf}, "Heun.Min"}, {Heun{Max: nan}, "Heun.Max"}, {Heun{Min: 2, Max: 1}, "Heun.Max"},
		{Heun{Noise: nan}, "Heun.Noise"}, {Heun{Noise: inf}, "Heun.Noise"},
		{EulerMaruyama{-1}, "EulerMaruyama.Lambda"}, {EulerMaruyama{nan}, "EulerMaruyama.Lambda"}, {EulerMaruyama{inf}, "EulerMaruyama.Lambda"},
		{SRA1{-1}, "SRA1.Lambda"}, {SRA1{nan}, "SRA1.Lambda"}, {SRA1{inf}, "SRA1.Lambda"},
		{DormandPrince{-1}, "DormandPrince.Tol"}, {DormandPrince{nan}, "DormandPrince.Tol"},
		{PredictorCorrector{Corrections: -1}, "PredictorCorrector.Corrections"}, {PredictorCorrector{Corrections: 1001}, "PredictorCorrector.Corrections"},
		{PredictorCorrector{SNR: -1}, "PredictorCorrector.SNR"}, {PredictorCorrector{SNR: nan}, "PredictorCorrector.SNR"},
		{PredictorCorrector{SNR: inf}, "PredictorCorrector.SNR"},
		{PredictorCorrector{Predictor: &DDIM{Eta: 3}}, "DDIM.Eta"}, {PredictorCorrector{Predictor: &PredictorCorrector{}}, "PredictorCorrector.Predictor"},
		{(*DDIM)(nil), "Sampler.Solver"}, {PredictorCorrector{Predictor: (*Heun)(nil)}, "Sampler.Solver"},
	} {
		s := Sampler{Process: PaperCosine, Solver: c.s, Times: Uniform(1, 0, 3), Noise: Seeded(1)}
		calls := 0
		count := func(z, x []float32, t float64) error { calls++; return nil }
		var e *SettingError
		err := s.Generate(context.Background(), count, make([]float32, 4), []int{0})
		if !errors.As(err, &e) || calls > 0 || e.Solver+"."+e.Field != c.field || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%#v: %v after %d calls", c.s, err, calls)
			continue
		}
		if _, ok := panics(func() { Grid(PaperCosine, c.s, 10) }).(*SettingError); !ok {
			t.Errorf("%#v: Grid takes it", c.s)
		}
		if v := reflect.ValueOf(c.s); v.Kind() != reflect.Pointer && panics(func() { c.s.Begin(&Run{Times: s.Times}) }) == nil {
			t.Errorf("%#v: Begin takes it", c.s)
		}
		if take, ok := e.Take.(float64); ok {
			if fixed := with(c.s, e.Field, take); CheckSolver(fixed) != nil {
				t.Errorf("%#v: the value %v that the error recommends: %v", c.s, take, CheckSolver(fixed))
			}
		}
	}
}

// with returns s, or its predictor, with a field set.
func with(s Solver, field string, value float64) Solver {
	if p, ok := s.(PredictorCorrector); ok && p.Predictor != nil {
		s = p.Predictor
	}
	v := reflect.New(reflect.Indirect(reflect.ValueOf(s)).Type())
	v.Elem().Set(reflect.Indirect(reflect.ValueOf(s)))
	f := v.Elem().FieldByName(field)
	f.Set(reflect.ValueOf(value).Convert(f.Type()))
	return v.Interface().(Solver)
}

// panics returns what f panics with.
func panics(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// The ends of each range are taken, as values and through pointers.
func TestGoodSettings(t *testing.T) {
	for _, s := range append([]Solver{DDIM{Eta: 1, Ahead: 1}, DormandPrince{inf}, Heun{Churn: 1e9, Max: inf}, Heun{Min: 1, Max: 1}, EulerMaruyama{1e12},
		&DormandPrince{}, &PredictorCorrector{Corrections: 1000}}, methods...) {
		if err := CheckSolver(s); err != nil {
			t.Errorf("%#v: %v", s, err)
		}
	}
}

// Times that make no sense are an error, not a panic, before the denoiser is asked.
func TestBadTimes(t *testing.T) {
	for name, c := range map[string]struct {
		p     Process
		times []float64
	}{
		"none": {PaperCosine, nil}, "one": {PaperCosine, []float64{1}}, "ascending": {PaperCosine, Uniform(0, 1, 3)},
		"equal": {PaperCosine, []float64{0.5, 0.5}}, "a NaN": {PaperCosine, []float64{1, nan, 0}}, "NaN first": {PaperCosine, []float64{nan, 0}},
		"NaN last": {PaperCosine, []float64{1, nan}}, "infinite": {PaperCosine, []float64{inf, 0}}, "σ is 0 early": {EDM{}, []float64{1, 0, -1}},
		"too small a start": {EDM{}, []float64{5e-324, 0}}, "too many": {EDM{}, make([]float64, MaxSteps+2)}, "no noise": {VE{}, []float64{1, 0}},
		"a broken process": {Linear{nan, 1}, []float64{1, 0}},
	} {
		calls := 0
		count := func(z, x []float32, t float64) error { calls++; return nil }
		s := Sampler{Process: c.p, Solver: DDIM{}, Times: c.times, Noise: Seeded(1)}
		var e *ArgumentError
		if err := s.Generate(context.Background(), count, make([]float32, 4), []int{0}); !errors.As(err, &e) || calls > 0 {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
		l := Likelihood{Process: c.p, Times: c.times}
		if err := l.LogDensity(context.Background(), Denoiser(count).Difference(0.1), []float64{0}, make([]float32, 4), []int{0}); !errors.As(err, &e) || calls > 0 {
			t.Errorf("%s: a likelihood: %v after %d calls", name, err, calls)
		}
	}
	for _, n := range []int{0, -1, MaxSteps + 1, math.MaxInt32} {
		for _, s := range methods {
			if _, ok := panics(func() { Grid(PaperCosine, s, n) }).(*ArgumentError); !ok {
				t.Errorf("%#v: a grid of %d evaluations", s, n)
			}
		}
		for name, f := range map[string]func(){
			"Uniform": func() { Uniform(1, 0, n) }, "Karras": func() { Karras(EDM{}, 1, 0.1, n, 7) },
			"LogSNR": func() { LogSNR(EDM{}, 1, 0.1, n) }, "CosineLevels": func() { CosineLevels(EDM{}, 1, 0.1, n) },
		} {
			if _, ok := panics(f).(*ArgumentError); !ok {
				t.Errorf("%s of %d steps", name, n)
			}
		}
	}
	for _, s := range []Solver{DDIM{}, EulerMaruyama{}, SRA1{}, PredictorCorrector{}, DormandPrince{}} {
		if times := Grid(PaperCosine, s, MaxSteps); len(times) > MaxSteps+1 {
			t.Errorf("%#v: %d times", s, len(times))
		}
	}
}

// What a solver says of itself is so: its evaluations a step, whether it draws, and whether an image's steps are its own. Of its
// order see the tests of orders.
func TestTraits(t *testing.T) {
	for _, s := range append([]Solver{&PredictorCorrector{Predictor: &DormandPrince{}}, PredictorCorrector{Predictor: SRA1{}}}, methods...) {
		const steps = 6
		traits, times := s.Traits(), Uniform(0.9, 0.5, steps)
		var draws atomic.Int32
		noise := func(z []float32, image, draw int) { draws.Add(1); Seeded(1)(z, image, draw) }
		x := []float32{0.1, 0.2, 3, -4} // two images of different size
		calls := 0
		d := func(z, x []float32, t float64) error { calls++; return bent(z, x, t) }
		sampler := Sampler{Process: PaperCosine, Solver: s, Times: times, Noise: noise}
		if err := sampler.Solve(context.Background(), d, x, []int{0, 1}); err != nil {
			t.Fatal(err)
		}
		if per := traits.Evaluations * steps; calls != per && !traits.OwnSteps || calls < per {
			t.Errorf("%#v: %d evaluations in %d steps, says %d a step", s, calls, steps, traits.Evaluations)
		}
		if traits.Stochastic != (draws.Load() > 0) {
			t.Errorf("%#v: stochastic is %v, it draws %d times", s, traits.Stochastic, draws.Load())
		}
		sampler.Times = Uniform(0.9, 0.1, 3)
		if same := remembers(t, sampler); same == traits.OwnSteps {
			t.Errorf("%#v: own steps is %v; a denoiser with a memory gives the same image in another batch: %v", s, traits.OwnSteps, same)
		}
		if traits.Order < 1 {
			t.Errorf("%#v: no order", s)
		}
	}
}

// remembers reports whether an image is the same alone and beside another one, by a denoiser that sees its last result.
func remembers(t *testing.T, s Sampler) bool {
	t.Helper()
	solve := func(x []float32, images ...int) []float32 {
		last := make([]float32, len(x))
		d := func(z, x []float32, now float64) error {
			for i, v := range x {
				z[i] = float32(math.Sin(float64(v*v)*6)*(2-now)) + 0.3*last[i]
			}
			copy(last, z)
			return nil
		}
		if err := s.Solve(context.Background(), d, x, images); err != nil {
			t.Fatal(err)
		}
		return x
	}
	return equalBits(solve([]float32{0.1, 0.2}, 0), solve([]float32{0.1, 0.2, 2.5, -4}, 0, 1)[:2])
}

// An error of a context is the context's and its cause, wherever it is met.
func TestStopped(t *testing.T) {
	reason := errors.New("the reader has left")
	for name, c := range map[string]struct {
		cancel func(cause context.CancelCauseFunc)
		want   []error
	}{
		"cause": {func(cancel context.CancelCauseFunc) { cancel(reason) }, []error{context.Canceled, reason}},
		"plain": {func(cancel context.CancelCauseFunc) { cancel(nil) }, []error{context.Canceled}},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		if Stopped(ctx) != nil {
			t.Errorf("%s: stopped before it is", name)
		}
		c.cancel(cancel)
		d, calls := Denoiser(func(z, x []float32, t float64) error { t++; return nil }), 0
		network := Network(func([]float32, [][]float32, float64) error { calls++; return nil }).Until(ctx)
		s := Sampler{Process: PaperCosine, Solver: DDIM{}, Times: Uniform(1, 0, 5)}
		for _, err := range []error{Stopped(ctx), d.Until(ctx)(nil, nil, 0), network(nil, nil, 0), s.Solve(ctx, d, make([]float32, 1), []int{0})} {
			for _, want := range c.want {
				if !errors.Is(err, want) || calls > 0 {
					t.Errorf("%s: %v is no %v", name, err, want)
				}
			}
			if strings.Count(err.Error(), "canceled") != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
