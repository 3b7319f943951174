package spdiff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff/group"
	"spdiff/nn"
)

// Run makes the steps that are left, and ends where it is told to: by ErrStop without an error, by others with them. It goes on.
func TestRun(t *testing.T) {
	tr := trainer(t, tiny(group.C4, WT), newProbe(nil))
	broken, ctx := errors.New("broken"), context.Background()
	done, cancel := context.WithCancel(ctx)
	cancel()
	var numbers []int
	ends := func(at int, err error) func(Step) error {
		return func(s Step) error {
			numbers = append(numbers, s.Number)
			if s.Number == at {
				return err
			}
			return nil
		}
	}
	for _, k := range []struct {
		ctx   context.Context
		each  func(Step) error
		want  error
		steps int
	}{
		{done, ends(0, nil), context.Canceled, 0},
		{ctx, ends(2, ErrStop), nil, 2},
		{ctx, ends(3, fmt.Errorf("early: %w", ErrStop)), nil, 3},
		{ctx, ends(5, broken), broken, 5},
		{ctx, nil, nil, 6},
		{ctx, ends(0, nil), nil, 6},
		{done, ends(0, nil), nil, 6},
	} {
		if err := tr.Run(k.ctx, k.each); err != k.want || tr.Steps() != k.steps {
			t.Errorf("%d steps, %v; want %d, %v", tr.Steps(), err, k.steps, k.want)
		}
		if n := tr.feed.reader.source.(*probe).active.Load(); n != 0 {
			t.Errorf("%d images are being read", n)
		}
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, numbers); diff != "" {
		t.Errorf("steps told of (-want +got):\n%s", diff)
	}
	m, err := Train(ctx, tiny(group.C4, WT), blobs{10, 8}, func(t *Trainer, s Step) error { return ErrStop })
	if m == nil || err != nil {
		t.Errorf("Train, stopped: %v", err)
	}
}

// The scalars of a step are its numbers, with a penalty where there is one.
func TestScalars(t *testing.T) {
	for m, want := range map[Method][]string{WT: {"loss", "norm", "rate"}, Reg: {"loss", "norm", "rate", "penalty"}} {
		tr := trainer(t, tiny(group.C4, m), blobs{10, 8})
		advance(t, tr, 1) // at the first step a network says 0, whatever it sees
		s, err := tr.Step()
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]float64{"loss": s.Loss, "norm": s.Norm, "rate": s.Rate, "penalty": s.Penalty}
		var names []string
		for _, v := range s.Scalars() {
			names = append(names, v.Name)
			if v.Value != values[v.Name] || v.Value == 0 {
				t.Errorf("%v: %s is %v, want %v", m, v.Name, v.Value, values[v.Name])
			}
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%v (-want +got):\n%s", m, diff)
		}
	}
}

// A training whose parts fit one by one and not together is refused before its memory is taken: state, gradient and step.
func TestTrainingTooLarge(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Network.Width, c.Network.Groups, c.Optimiser.Averages = 2048, 32, make([]nn.Average, 16)
	var e *MemoryError
	bounded(t, "a training of many means", func() {
		if _, err := NewTrainer(c, blobs{10, 8}); !errors.As(err, &e) {
			t.Errorf("many means: %v", err)
		}
	})
	bounded(t, "a training on many images", func() {
		if _, err := NewTrainer(tiny(group.C4, WT), blobs{math.MaxInt, 8}); !errors.As(err, &e) {
			t.Errorf("many images: %v", err)
		}
	})
}

// The memory that is asked for beforehand is what is taken: all of a trainer, a step and a model, and hardly more.
func TestNeedIsWhatIsTaken(t *testing.T) {
	for _, m := range []Method{WT, Reg} {
		c := tiny(group.C4, m)
		c.Network.Width, c.Condition = 32, m == Reg
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tr := trainer(t, c, blobs{1000, 8})
		advance(t, tr, 1)
		tr.Model()
		runtime.ReadMemStats(&after)
		need, taken := 4*tr.need(1000), float64(after.TotalAlloc-before.TotalAlloc)
		if taken < 0.8*need || taken > 1.4*need {
			t.Errorf("%v: %.1f MB are taken and %.1f were asked for", m, taken/1e6, need/1e6)
		}
	}
}

// There is no step beyond the last that has draws of its own, even for a state that says so.
func TestLastStep(t *testing.T) {
	tr := trainer(t, tiny(group.C4, WT), blobs{10, 8})
	tr.optimiser.State().Steps = MaxSteps - 1
	if _, err := tr.Step(); err != nil {
		t.Error(err)
	}
	var e *ConfigError
	if _, err := tr.Step(); !errors.As(err, &e) || tr.Steps() != MaxSteps {
		t.Errorf("step %d: %v", tr.Steps(), err)
	}
}

// No trainer comes of no source.
func TestNilSource(t *testing.T) {
	var e *SourceError
	if _, err := NewTrainer(tiny(group.C4, WT), nil); !errors.As(err, &e) {
		t.Errorf("NewTrainer: %v", err)
	}
	if _, err := Resume("testdata/old/state-wt.safetensors", nil, 6); !errors.As(err, &e) {
		t.Errorf("Resume: %v", err)
	}
}

// What Train and TrainGAN return is the model of the last step, not that of the first weights, also where an error ended the training.
func TestTrainReturnsTheLastModel(t *testing.T) {
	stop := errors.New("stop")
	for _, steps := range []int{2, 4} {
		c := tiny(group.C4, WT)
		c.Steps = 4
		var last []uint32
		m, err := Train(t.Context(), c, blobs{10, 8}, func(tr *Trainer, s Step) error {
			if last = weights(tr.Model()); s.Number == steps {
				return stop
			}
			return nil
		})
		if err != stop || !slices.Equal(weights(m), last) {
			t.Errorf("after %d steps: %v, or another model", steps, err)
		}
		g := tinyGAN(group.C4, SPGAN)
		g.Steps = 4
		var drawn []float32
		draw := func(m *GAN) []float32 {
			z, err := m.Sample(t.Context(), Sampling{N: 2})
			if err != nil {
				t.Fatal(err)
			}
			return z.Data()
		}
		gan, err := TrainGAN(t.Context(), g, blobs{10, 12}, func(tr *GANTrainer, s Step) error {
			if drawn = draw(tr.Model()); s.Number == steps {
				return stop
			}
			return nil
		})
		if err != stop || !slices.Equal(draw(gan), drawn) {
			t.Errorf("a GAN after %d steps: %v, or another model", steps, err)
		}
	}
}

// A training of MaxSteps steps can be asked for on every machine, in batches of any size: a training that ends by other means. One of more
// cannot.
func TestMostSteps(t *testing.T) {
	c, g := tiny(group.C4, WT), tinyGAN(group.C4, SPGAN)
	c.Batch, c.Steps, g.Batch, g.CriticSteps, g.Steps = maxBatch, MaxSteps, maxBatch, 100, MaxSteps
	if err := errors.Join(c.Validate(), g.Validate()); err != nil {
		t.Error(err)
	}
	c.Steps++ // or less than 0, where int has 32 bits
	g.Steps++
	for _, err := range []error{c.Validate(), g.Validate()} {
		var e *ConfigError
		if !errors.As(err, &e) || e.Field != "steps" {
			t.Errorf("a step more: %v", err)
		}
	}
}
