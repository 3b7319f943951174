package spdiff

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// nothing returns a model whose network predicts 0.
func nothing(t *testing.T, c Config) *Model {
	c = c.Resolved()
	u, err := nn.NewUNet(c.Network)
	if err != nil {
		t.Fatal(err)
	}
	return newModel(c, u)
}

// Where D is 0 the flow only scales, and the density is that of normal numbers of deviation σ at the last time.
func TestLogLikelihoodOfNothing(t *testing.T) {
	for _, schedule := range []Schedule{Cosine, EDM} {
		c := tiny(group.C4, WT)
		c.Schedule = schedule
		m := nothing(t, c)
		x := pictures(3, 8, 8)
		logp, err := m.LogLikelihood(context.Background(), x, Evaluation{Steps: 5, Batch: 2})
		if err != nil {
			t.Fatal(err)
		}
		last := sde.TimeOf(m.Process(), 0.01)
		alpha, sigma := m.Process().Marginal(last)
		if math.Abs(sigma/alpha-0.01) > 1e-8 {
			t.Errorf("σ/α is %v at the last time", sigma/alpha)
		}
		for k := range 3 {
			want := -64 * math.Log(sigma*math.Sqrt(2*math.Pi))
			for _, v := range x.At(k).Data() {
				want -= float64(v) * float64(v) / (2 * sigma * sigma)
			}
			if math.Abs(logp[k]-want) > 1e-4*math.Abs(want) {
				t.Errorf("%v: log p of image %d is %v, want %v", schedule, k, logp[k], want)
			}
		}
	}
}

// The density of a turned image is the same, bit for bit, if the model is equivariant, and an image has its own in any batch.
func TestLogLikelihoodIsInvariant(t *testing.T) {
	for _, method := range []Method{WT, OC, Plain} {
		m := shaken(t, tiny(group.C4, method))
		x := pictures(2, 8, 8)
		e := Evaluation{Steps: 3, Draws: 2, First: 4, Classes: []int{1}}
		logp, err := m.LogLikelihood(context.Background(), x, e)
		if err != nil {
			t.Fatal(err)
		}
		turned := tensor.New(2, 8, 8, 1)
		group.C4.Act(turned.Data(), x.Data(), 1, 2, 8, 8, 1)
		again, err := m.LogLikelihood(context.Background(), turned, e)
		if err != nil || slices.Equal(logp, again) != method.Exact() {
			t.Errorf("%v: log p is %v, turned %v (%v)", method, logp, again, err)
		}
		e.First, e.Batch = 5, 1
		one, err := m.LogLikelihood(context.Background(), tensor.From(x.At(1).Data(), 8, 8, 1), e)
		if err != nil || one[0] != logp[1] {
			t.Errorf("%v: image 5 alone has %v, in a batch %v (%v)", method, one, logp[1], err)
		}
	}
}

// More probes than the machine has memory for are an error, before one is drawn.
func TestLogLikelihoodTooLarge(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Network.ImageHeight, c.Network.ImageWidth = 16, 16
	m, x := nothing(t, c), tensor.New(1<<15, 16, 16, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // memory is asked for before this, and a probe is drawn after
	bounded(t, "a million probes", func() {
		var e *MemoryError
		if _, err := m.LogLikelihood(ctx, x, Evaluation{Draws: sde.MaxSteps, Batch: 1 << 15}); !errors.As(err, &e) {
			t.Errorf("a million probes: %v", err)
		}
	})
}

// The memory that an evaluation leaves for the next does not keep alive what the first was given.
func TestRoomsKeepNoInputs(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Condition = true
	e := shaken(t, c).evaluator(context.Background(), Reversal{Batch: 2}, func(int) int { return 0 })
	if err := e.denoise(make([]float32, 64), make([]float32, 64), 0.5); err != nil {
		t.Fatal(err)
	}
	r := e.rooms[0]
	e.close()
	for i, x := range r.inputs {
		if x != nil || len(r.inputs) != 2 {
			t.Errorf("input %d of %d is kept", i, len(r.inputs))
		}
	}
}

// On the draw of a training's first step the loss is that of the step, whatever is predicted and however errors count.
func TestLossIsThatOfTraining(t *testing.T) {
	for predict := range Prediction(len(predictions)) {
		for weight := range Weighting(len(weightings)) {
			c := tiny(group.C4, Plain)
			c.Predict, c.Weight, c.Batch, c.Network.Dropout, c.Rotate, c.Augment = predict, weight, 1, 0, false, Off
			if weight == LikelihoodBound {
				c.Schedule = Linear
			}
			m := shaken(t, c)
			tr, err := NewTrainer(c, blobs{10, 8})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range tr.network.Params() {
				copy(p.Value.Data(), m.network.Params()[i].Value.Data())
			}
			s, err := tr.Step()
			if err != nil {
				t.Fatal(err)
			}
			tr.Wait()
			shown := make([]int, 1)
			order := newEpochs(c.Seed, 10)
			order.images(shown, 0)
			x := tensor.New(8, 8, 1)
			class, err := (blobs{10, 8}).Image(x.Data(), shown[0])
			if err != nil {
				t.Fatal(err)
			}
			loss, err := m.Loss(context.Background(), x, Evaluation{Seed: c.Seed, Classes: []int{class}})
			if err != nil || math.Abs(loss-s.Loss) > 1e-4*s.Loss {
				t.Errorf("%v, %v: the loss is %v, the step's %v (%v)", predict, weight, loss, s.Loss, err)
			}
		}
	}
}

// The loss is a mean over images and draws, each by its number, and turned images of an equivariant model lose as much as others
// where their noise is turned too.
func TestLossIsAMean(t *testing.T) {
	m := shaken(t, tiny(group.C4, WT))
	x := pictures(3, 8, 8)
	mean := func(x *tensor.Tensor, e Evaluation) float64 {
		loss, err := m.Loss(context.Background(), x, e)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	all, sum := mean(x, Evaluation{Seed: 3, First: 2, Draws: 2}), 0.0
	for k := range 3 {
		sum += mean(tensor.From(x.At(k).Data(), 8, 8, 1), Evaluation{Seed: 3, First: 2 + k, Draws: 2}) / 3
	}
	if math.Abs(all-sum) > 1e-12 {
		t.Errorf("the loss is %v, the mean of the images' %v", all, sum)
	}
	if all == mean(x, Evaluation{Seed: 4, First: 2, Draws: 2}) || all == mean(x, Evaluation{Seed: 3, First: 2, Draws: 3}) {
		t.Error("neither seed nor draws matter")
	}
}

func TestEvaluationErrors(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	for _, c := range []struct {
		field string
		e     Evaluation
	}{{"Draws", Evaluation{Draws: -1}}, {"Draws", Evaluation{Draws: math.MaxInt}}, {"First", Evaluation{First: maxDraws / 2, Draws: 3}},
		{"Classes", Evaluation{Classes: []int{7}}}, {"Steps", Evaluation{Steps: -1}}, {"Batch", Evaluation{Batch: -1}}} {
		_, loss := m.Loss(context.Background(), pictures(1, 8, 8), c.e)
		_, logp := m.LogLikelihood(context.Background(), pictures(1, 8, 8), c.e)
		for _, err := range []error{loss, logp} {
			var e *SettingError
			if !errors.As(err, &e) || e.Field != c.field {
				t.Errorf("%+v: %v", c.e, err)
			}
		}
	}
	var e *ImageError
	if _, err := m.Loss(context.Background(), pictures(1, 9, 9), Evaluation{}); !errors.As(err, &e) {
		t.Errorf("larger images: %v", err)
	}
	if _, err := m.LogLikelihood(context.Background(), spoilt(math.NaN()), Evaluation{}); !errors.As(err, &e) {
		t.Errorf("an image with a NaN: %v", err)
	}
}

// A model whose images no machine holds, and no int counts where it has 32 bits, is a *MemoryError when it is asked, of whatever.
func TestDenoiserTooLarge(t *testing.T) {
	m := nothing(t, tiny(group.C4, WT))
	m.config.Network.ImageHeight, m.config.Network.ImageWidth = 1<<20, 1<<20
	var e *MemoryError
	for _, n := range []int{0, 64} {
		if err := m.Denoiser(context.Background())(make([]float32, n), make([]float32, n), 0.5); !errors.As(err, &e) {
			t.Errorf("%d numbers: %v", n, err)
		}
	}
}
