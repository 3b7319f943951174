package spdiff

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// blobs are images of a bright spot, the class says on which side: a source that any network can learn.
type blobs struct{ n, side int }

func (b blobs) Len() int             { return b.n }
func (b blobs) Shape() (h, w, c int) { return b.side, b.side, 1 }

func (b blobs) Image(dst []float32, i int) (int, error) {
	var u [2]float32
	tensor.NewStream(9, uint64(i)).Uniform(u[:], 0)
	y, x := float64(u[0])*float64(b.side), float64(u[1])*float64(b.side)
	for p := range dst {
		dy, dx := float64(p/b.side)-y, float64(p%b.side)-x
		dst[p] = float32(2*math.Exp(-(dy*dy+dx*dx)/2) - 1)
	}
	if x < float64(b.side)/2 {
		return 0, nil
	}
	return 1, nil
}

// tiny returns the configuration of a network that trains in milliseconds.
func tiny(g group.Group, m Method) Config {
	return Config{
		Group: g, Method: m,
		Network: nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, Out: 1, Width: 8, Mult: []int{1, 2}, Blocks: 1,
			Attention: []int{2}, Head: 8, Groups: 4, Kernel: 3, Classes: 2, Dropout: 0.1},
		Batch: 4, Steps: 6, Seed: 1, Rotate: true, Augment: On,
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.99, Ramp: true}}},
		Rate:      nn.LearningRate{Rate: 1e-3},
	}
}

// weights returns the bits of all weights of a model.
func weights(m *Model) (b []uint32) {
	for _, p := range m.network.Params() {
		b = append(b, bits(p.Value.Data())...)
	}
	return b
}

func bits(x []float32) []uint32 {
	b := make([]uint32, len(x))
	for i, v := range x {
		b[i] = math.Float32bits(v)
	}
	return b
}

func train(t *testing.T, c Config) *Model {
	t.Helper()
	m, err := Train(context.Background(), c, blobs{10, 8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// solving returns the model as a denoiser for one solution, of images of the classes.
func solving(m *Model, classes ...int) sde.Denoiser {
	return m.evaluator(context.Background(), Reversal{Batch: 8, Precision: m.config.Precision}, func(i int) int { return classes[i%len(classes)] }).solving()
}

func sample(t *testing.T, m *Model, s Sampling) []uint32 {
	t.Helper()
	z, err := m.Sample(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return bits(z.Data())
}

// withEach runs f on every instruction set and with one and three workers.
func withEach(t *testing.T, f func()) {
	best := asm.ISA()
	old := runtime.GOMAXPROCS(3)
	defer func() { asm.SetISA(best); tensor.SetWorkers(0); runtime.GOMAXPROCS(old) }()
	for _, isa := range asm.Available() {
		for _, n := range []int{1, 3} {
			asm.SetISA(isa)
			tensor.SetWorkers(n)
			f()
		}
	}
}

// Training gives the same bits on every instruction set and with any number of workers, and so does sampling.
func TestSameBitsEverywhere(t *testing.T) {
	var firstWeights, firstSamples []uint32
	withEach(t, func() {
		m := train(t, tiny(group.C4, WT))
		w, s := weights(m), sample(t, m, Sampling{N: 3, Reversal: Reversal{Steps: 4, Seed: 2}})
		if firstWeights == nil {
			firstWeights, firstSamples = w, s
			return
		}
		if !slices.Equal(w, firstWeights) {
			t.Errorf("%s, %d workers: other weights", asm.ISA(), tensor.Workers())
		}
		if !slices.Equal(s, firstSamples) {
			t.Errorf("%s, %d workers: other samples", asm.ISA(), tensor.Workers())
		}
	})
}

// Another seed gives other weights: the test above could fail.
func TestSeedMatters(t *testing.T) {
	c := tiny(group.C4, WT)
	a := weights(train(t, c))
	c.Seed++
	if slices.Equal(a, weights(train(t, c))) {
		t.Error("two seeds give the same weights")
	}
}

// Six steps have the bits of three, saved and loaded, and three more.
func TestResumeIsExact(t *testing.T) {
	c := tiny(group.C4, WT)
	if !slices.Equal(weights(interrupted(t, c)), weights(train(t, c))) {
		t.Error("the interrupted training has other weights")
	}
}

// interrupted trains as train does, but saves and resumes after three steps.
func interrupted(t *testing.T, c Config) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.safetensors")
	stop := errors.New("stop")
	_, err := Train(context.Background(), c, blobs{10, 8}, func(tr *Trainer, s Step) error {
		if s.Number == 3 {
			if err := tr.Save(path); err != nil {
				t.Fatal(err)
			}
			return stop
		}
		return nil
	})
	if err != stop {
		t.Fatal(err)
	}
	tr, err := Resume(path, blobs{10, 8}, c.Steps)
	if err != nil {
		t.Fatal(err)
	}
	for tr.Steps() < c.Steps {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	return tr.Model()
}

// Image k of a seed is the same image in any batch.
func TestImageDoesNotDependOnBatch(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	for _, method := range []sde.Solver{sde.DDIM{}, sde.DDIM{Eta: 1}, sde.EulerMaruyama{Lambda: 1}} {
		all := sample(t, m, Sampling{N: 5, Reversal: Reversal{Steps: 3, Solver: method}})
		size := len(all) / 5
		if slices.Equal(all[:size], all[size:2*size]) {
			t.Fatal("two images are equal")
		}
		for _, batch := range []int{1, 2, 5} {
			if !slices.Equal(all, sample(t, m, Sampling{N: 5, Reversal: Reversal{Steps: 3, Solver: method, Batch: batch}})) {
				t.Errorf("%T: other images in batches of %d", method, batch)
			}
		}
		if !slices.Equal(all[3*size:4*size], sample(t, m, Sampling{Reversal: Reversal{First: 3, Steps: 3, Solver: method}})) {
			t.Errorf("%T: image 3 alone is another", method)
		}
	}
}

// The denoiser of a trained model commutes with its group to the last bit, at every time, for all methods but two.
func TestTrainedModelIsEquivariant(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	for _, g := range []group.Group{group.H, group.D2, group.C4, group.D4} {
		for _, c := range every(g) {
			m := train(t, c)
			x := make([]float32, 2*8*8)
			tensor.NewStream(4, 4).Normal(x, 0)
			in := group.Images{N: 2, H: 8, W: 8, C: 1}
			for _, time := range []float64{0.1, 0.5, 0.99} {
				diff := group.Check(g, func(z, x []float32) {
					d := solving(m, 0, 1)
					for range 2 { // the second time conditioned on the first
						if err := d(z, x, time); err != nil {
							t.Fatal(err)
						}
					}
				}, x, in, in)
				if diff.Exact != c.Method.Exact() {
					t.Errorf("%v %s at time %v: %v", g, c.title(), time, diff)
				}
			}
		}
	}
}

// A model comes back from its file with the same bits.
func TestSaveAndLoad(t *testing.T) {
	m := train(t, tiny(group.D4, WT))
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights(m), weights(back)) || string(m.Config().JSON()) != string(back.Config().JSON()) {
		t.Error("the model changed on its way")
	}
	if _, err := Resume(path, blobs{10, 8}, 9); err == nil || !strings.Contains(err.Error(), "not the state of a diffusion's training") {
		t.Errorf("a model passed for a state: %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error for a missing file")
	}
}

// Training lowers the loss.
func TestTrainingLearns(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Steps, c.Batch, c.Rate.Rate, c.Network.Dropout = 120, 16, 4e-3, 0
	var first, last float64
	_, err := Train(context.Background(), c, blobs{64, 8}, func(_ *Trainer, s Step) error {
		if s.Number <= 20 {
			first += s.Loss / 20
		}
		if s.Number > 100 {
			last += s.Loss / 20
		}
		return nil
	})
	if err != nil || last > 0.6*first {
		t.Errorf("the loss went from %v to %v (%v)", first, last, err)
	}
}

// loud is blobs of which one is beyond all measure.
type loud struct{ blobs }

func (l loud) Image(dst []float32, i int) (int, error) {
	class, err := l.blobs.Image(dst, i)
	if i == 7 {
		dst[3] = 1e30
	}
	return class, err
}

// A loss that overflows ends the training with the step and the layer, and weights that are finite.
func TestDivergence(t *testing.T) {
	m, err := Train(context.Background(), tiny(group.C4, WT), loud{blobs{10, 8}}, nil)
	var e *DivergedError
	if !errors.As(err, &e) || e.Cause == nil {
		t.Fatalf("error %v", err)
	}
	for _, p := range m.network.Params() {
		for _, v := range p.Value.Data() {
			if v-v != 0 {
				t.Fatalf("%v has a weight of %v (after %v)", p, v, err)
			}
		}
	}
}

// A step allocates nothing.
func TestStepAllocatesNothing(t *testing.T) {
	for _, c := range every(group.C4) {
		tr, err := NewTrainer(c, blobs{1000, 8})
		if err != nil {
			t.Fatal(err)
		}
		step := func() {
			if _, err := tr.Step(); err != nil {
				t.Fatal(err)
			}
		}
		step()
		if n := testing.AllocsPerRun(10, step); n != 0 {
			t.Errorf("%s: %v allocations a step", c.title(), n)
		}
	}
}

// Cancelling ends training and sampling.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, err := Train(ctx, tiny(group.C4, WT), blobs{10, 8}, func(_ *Trainer, s Step) error {
		if s.Number == 2 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || m == nil {
		t.Fatalf("Train returned %v", err)
	}
	if _, err := m.Sample(ctx, Sampling{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Sample returned %v", err)
	}
}
