package spdiff

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// What is written to a configuration after the training, or to the one that a model returns, changes no model.
func TestModelSharesNoConfiguration(t *testing.T) {
	c := tiny(group.C4, WT)
	m := train(t, c)
	r := Reversal{Steps: 2}
	want, text := sample(t, m, Sampling{N: 2, Reversal: r}), string(m.Config().JSON())
	for _, c := range []Config{c, m.Config()} {
		c.Network.Mult[1], c.Network.Attention[0], c.Optimiser.Averages[0].Rate = 3, 1, 0.5
	}
	m.programs.last = nil // the network is built anew
	if string(m.Config().JSON()) != text || !slices.Equal(sample(t, m, Sampling{N: 2, Reversal: r}), want) {
		t.Error("the model has changed")
	}
}

// The same weights as another method: averaged they are exact, by themselves not; what needs other weights is an error.
func TestAs(t *testing.T) {
	plain := train(t, tiny(group.C4, Plain))
	before := weights(plain)
	for method := range Method(len(methods)) {
		m, err := plain.As(method)
		var e *SettingError
		if method == WT || method == GC {
			if !errors.As(err, &e) || e.Field != "Method" {
				t.Errorf("plain as %v: %v", method, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Residual(context.Background(), pictures(4, 8, 8), Denoising{Reversal: Reversal{Steps: 2}})
		if err != nil || (r.Max == 0) != method.Exact() || m.Config().Method != method || m.network != plain.network {
			t.Errorf("plain as %v: Δx₀ %v (%v)", method, r.Mean, err)
		}
		if err := m.Config().Validate(); err != nil {
			t.Errorf("plain as %v: %v", method, err)
		}
	}
	if _, err := plain.As(Method(99)); err == nil {
		t.Error("a method that there is not")
	}
	if _, err := train(t, tiny(group.C4, WT)).As(Plain); err == nil {
		t.Error("tied kernels as an ordinary network's")
	}
	if !slices.Equal(weights(plain), before) {
		t.Error("the weights have changed")
	}
}

// A model keeps a few programs, whatever the sizes of batches, and what it draws does not depend on which.
func TestProgramsAreBounded(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	s := func(n int) []uint32 { return sample(t, m, Sampling{N: n, Reversal: Reversal{Steps: 1, Batch: n}}) }
	first := s(1)
	for n := range 3 * maxPrograms {
		s(n + 1)
		if len(m.programs.last) > maxPrograms {
			t.Fatalf("%d programs", len(m.programs.last))
		}
	}
	if newest := m.programs.last[maxPrograms-1].n; newest != 3*maxPrograms {
		t.Errorf("the newest is for %d images", newest)
	}
	if !slices.Equal(s(1), first) {
		t.Error("another image")
	}
}

// Samples are those of Sample, with numbers and classes, batch after batch; a loop that ends draws no more.
func TestSamples(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	batches := 0
	s := Sampling{N: 7, Reversal: Reversal{First: 5, Steps: 1, Batch: 2, Trace: func([]int, sde.Snapshot) { batches++ }}}
	var all []float32
	for d, err := range m.Samples(context.Background(), s) {
		if err != nil {
			t.Fatal(err)
		}
		if want := 5 + len(all)/64; d.Number != want || d.Class != want%2 || !d.Pixels.Shape().Equal(tensor.Shape{8, 8, 1}) {
			t.Errorf("image %d of class %d, %v; want number %d", d.Number, d.Class, d.Pixels.Shape(), want)
		}
		all = append(all, d.Pixels.Data()...)
		clear(d.Pixels.Data()) // it is the caller's
	}
	if batches != 4 || !slices.Equal(bits(all), sample(t, m, s)) {
		t.Errorf("%d batches, or other images than Sample's", batches)
	}
	batches = 0
	for range m.Samples(context.Background(), s) {
		break
	}
	if batches != 1 {
		t.Errorf("%d batches for one image", batches)
	}
	for d, err := range m.Samples(context.Background(), Sampling{N: -1}) {
		if err == nil || d.Pixels != nil {
			t.Error("an image of a sampling that makes no sense")
		}
	}
}

// fuse is a context that is done when it has been asked so often.
type fuse struct {
	context.Context
	left *int
}

func (f fuse) Err() error {
	if *f.left--; *f.left < 0 {
		return context.Canceled
	}
	return nil
}

// Whenever a context is done, what was asked for ends with its error; it is asked for each element of an average by itself.
func TestCancelWithinAnEvaluation(t *testing.T) {
	perStep := map[Method]int{}
	for _, method := range []Method{Plain, OC} {
		m := train(t, tiny(group.D4, method))
		asked := func(steps int) int { // the least of some times, for one that packs the weights asks more often
			most := 0
			for range 5 {
				left := math.MaxInt
				if _, err := m.Sample(fuse{context.Background(), &left}, Sampling{Reversal: Reversal{Steps: steps}}); err != nil {
					t.Fatal(err)
				}
				most = max(most, left)
			}
			return math.MaxInt - most
		}
		perStep[method] = asked(3) - asked(2)
		for n := range asked(2) {
			left := n
			if _, err := m.Sample(fuse{context.Background(), &left}, Sampling{Reversal: Reversal{Steps: 2}}); errors.Is(err, context.Canceled) != (left < 0) {
				t.Fatalf("asked %d times, with %d left: %v", n, left, err)
			}
		}
	}
	if perStep[OC] < perStep[Plain]+7 {
		t.Errorf("the context is asked %d times a step of an average over D4, %d without", perStep[OC], perStep[Plain])
	}
}

// A context with a cause: the error is both.
func TestCancelCause(t *testing.T) {
	m := train(t, tiny(group.C4, OC))
	full := errors.New("the queue is full")
	ctx, cancel := context.WithCancelCause(context.Background())
	r := Reversal{Steps: 3, Trace: func([]int, sde.Snapshot) { cancel(full) }}
	x := pictures(2, 8, 8)
	_, during := m.Sample(ctx, Sampling{Reversal: r})
	_, before := m.Sample(ctx, Sampling{})
	_, _, denoising := m.Denoise(ctx, x, Denoising{Reversal: r})
	_, likelihood := m.LogLikelihood(ctx, x, Evaluation{})
	_, loss := m.Loss(ctx, x, Evaluation{})
	denoiser := m.Denoiser(ctx)(make([]float32, 64), make([]float32, 64), 0.5)
	_, trained := Train(ctx, tiny(group.C4, WT), blobs{10, 8}, nil)
	_, played := TrainGAN(ctx, tinyGAN(group.C4, SPGAN), dots(20), nil)
	for i, err := range []error{during, before, denoising, likelihood, loss, denoiser, trained, played} {
		if !errors.Is(err, context.Canceled) || !errors.Is(err, full) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// Broken weights are no symmetry of the image: the error says that the network's output is not finite.
func TestBrokenWeightsAreNoTie(t *testing.T) {
	for _, method := range []Method{WT, CF, OC} {
		m := shaken(t, tiny(group.C4, method))
		for _, p := range m.network.Params() {
			p.Value.Data()[0] = float32(math.NaN())
		}
		z, ties, err := m.Denoise(context.Background(), pictures(2, 8, 8), Denoising{})
		var e *sde.NotFiniteError
		if !errors.As(err, &e) || len(ties) > 0 || z != nil {
			t.Errorf("%v: %v, ties %v", method, err, ties)
		}
		if _, err := m.Loss(context.Background(), pictures(1, 8, 8), Evaluation{}); !errors.As(err, &e) {
			t.Errorf("%v: the loss: %v", method, err)
		}
	}
}

// The denoiser of a model is a function: of any number of images, from any number of goroutines, whatever came before.
func TestDenoiserIsAFunction(t *testing.T) {
	c := tiny(group.C4, OC)
	c.Condition = true
	m := train(t, c)
	x := pictures(11, 8, 8).Data()
	want := make([]float32, len(x))
	for k := range 11 {
		d := m.Denoiser(context.Background(), min(k%3, 1))
		if err := d(want[64*k:64*(k+1)], x[64*k:64*(k+1)], 0.4); err != nil {
			t.Fatal(err)
		}
	}
	d := m.Denoiser(context.Background(), 0, 1, 1)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			z := make([]float32, len(x))
			for range 2 {
				if err := d(z, x, 0.4); err != nil || !slices.Equal(bits(z), bits(want)) {
					t.Errorf("other images (%v)", err)
				}
			}
		})
	}
	wait.Wait()
	var image *ImageError
	var setting *SettingError
	if err := d(make([]float32, 63), make([]float32, 63), 0.4); !errors.As(err, &image) {
		t.Error(err)
	}
	if err := m.Denoiser(context.Background(), 2)(want, x, 0.4); !errors.As(err, &setting) {
		t.Error(err)
	}
	s := make([]float32, 64)
	alpha, sigma := m.Process().Marginal(0.4)
	if err := m.Score(context.Background(), 0)(s, x[:64], 0.4); err != nil {
		t.Fatal(err)
	}
	for i, v := range s {
		if y := (alpha*float64(want[i]) - float64(x[i])) / (sigma * sigma); math.Abs(float64(v)-y) > 1e-4*(1+math.Abs(y)) {
			t.Fatalf("the score of number %d is %v, want %v", i, v, y)
		}
	}
}

// However late a drawing is stopped, while a network is prepared too, it gives an error or all images; and what was half prepared is
// never used again.
func TestStoppedAnywhere(t *testing.T) {
	m, g := train(t, tiny(group.C4, WT)), trainedGAN(t, tinyGAN(group.C4, SPGAN))
	for _, make := range []func() Generator{
		func() Generator { return newModel(m.config, m.network) },
		func() Generator { return &GAN{config: g.config, network: g.network} },
	} {
		want, err := sampled(context.Background(), make(), Sampling{Reversal: Reversal{Steps: 2}})
		if err != nil {
			t.Fatal(err)
		}
		fresh, asked, done := make(), 0, false
		for ; !done; asked++ {
			left := asked
			z, err := sampled(fuse{context.Background(), &left}, fresh, Sampling{Reversal: Reversal{Steps: 2}})
			if done = err == nil; done && !slices.Equal(bits(z.Data()), bits(want.Data())) {
				t.Errorf("%T: other images after %d that were stopped", fresh, asked)
			} else if !done && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		if asked < 10 {
			t.Errorf("%T: asked %d times, not while the network is prepared", fresh, asked)
		}
	}
}
