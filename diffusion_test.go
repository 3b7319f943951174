package spdiff

import (
	"context"
	"math"
	"testing"

	"spdiff/group"
)

// Every schedule with every prediction and weight trains, samples and denoises, finite and exactly equivariant.
func TestEveryDiffusion(t *testing.T) {
	for schedule := range Schedule(len(schedules)) {
		for predict := range Prediction(len(predictions)) {
			c := tiny(group.C4, WT)
			c.Schedule, c.Predict, c.Weight = schedule, predict, Weighting((int(schedule)+int(predict))%len(weightings))
			c.Condition = predict == Preconditioned
			m := train(t, c)
			back, err := ParseConfig(m.Config().JSON())
			if err != nil || back.Schedule != schedule || back.Predict != predict || back.Weight != c.Weight {
				t.Errorf("%v, %v: comes back as %v, %v (%v)", schedule, predict, back.Schedule, back.Predict, err)
			}
			z, err := m.Sample(context.Background(), Sampling{N: 2, Reversal: Reversal{Steps: 4}})
			if err != nil {
				t.Errorf("%v, %v, %v: %v", schedule, predict, c.Weight, err)
				continue
			}
			for _, v := range z.Data() {
				if !(math.Abs(float64(v)) < 3) {
					t.Fatalf("%v, %v: a sample has %v", schedule, predict, v)
				}
			}
			r, err := m.Residual(context.Background(), pictures(2, 8, 8), Denoising{Reversal: Reversal{Steps: 2, Classes: []int{1}}})
			if err != nil || r.Max != 0 {
				t.Errorf("%v, %v: Δx₀ = %v (%v)", schedule, predict, r.Max, err)
			}
		}
	}
}

// What training asks of the network is what makes the denoiser right: of the input and the target of each draw, the
// preconditioning makes the image; and the root of an error's weight is that of sde.Coefficients.Loss.
func TestTargets(t *testing.T) {
	for schedule := range Schedule(len(schedules)) {
		for predict := range Prediction(len(predictions)) {
			c := tiny(group.C1, Plain)
			c.Rotate, c.Augment, c.Schedule, c.Predict, c.Weight, c.Batch = false, Off, schedule, predict, DataError, 10
			tr, err := NewTrainer(c, blobs{10, 8})
			if err != nil {
				t.Fatal(err)
			}
			if err := tr.diffuser.fill(&tr.batch, 0); err != nil {
				t.Fatal(err)
			}
			shown, x0 := make([]int, c.Batch), make([]float32, 64)
			order := newEpochs(c.Seed, 10)
			order.images(shown, 0)
			for j := range c.Batch {
				if _, err := (blobs{10, 8}).Image(x0, shown[j]); err != nil {
					t.Fatal(err)
				}
				time := c.time(uint64(j))
				k := c.preconditioning().At(c.Process(), time)
				alpha, sigma := c.Process().Marginal(time)
				if sigma > 30*alpha && predict != Image || alpha > 300*sigma { // what is left of x₀, or of ε, is rounding
					continue
				}
				for i := range x0 {
					x, f := float64(tr.batch.x[64*j+i])/k.In, float64(tr.batch.target[64*j+i])
					if d := k.Skip*x + k.Out*f; math.Abs(d-float64(x0[i])) > 2e-4 {
						t.Fatalf("%v, %v, time %v: the target stands for %v, not for %v", schedule, predict, time, d, x0[i])
					}
				}
				if got, want := float64(tr.batch.t[j]), 1000*k.Noise; math.Abs(got-want) > 1e-3+1e-6*math.Abs(want) {
					t.Errorf("%v, %v: the network is told the time %v, want %v", schedule, predict, got, want)
				}
				if got, want := float64(tr.batch.scale[j]), math.Abs(k.Out); math.Abs(got-want) > 1e-6*want {
					t.Errorf("%v, %v: the error's root weight is %v, want %v", schedule, predict, got, want)
				}
			}
		}
	}
}

// The loss is the mean of the weighted squares: with predictions of zero, those of the target.
func TestWeightedLoss(t *testing.T) {
	c := tiny(group.C1, Plain)
	c.Weight, c.Predict, c.Network.Dropout = NoiseError, Velocity, 0
	tr, err := NewTrainer(c, blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	s, err := tr.Step() // whose network is zero at the start
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for i, v := range tr.batch.target {
		v := float64(v) * float64(tr.batch.scale[i/64])
		want += v * v / float64(len(tr.batch.target))
	}
	if math.Abs(s.Loss-want) > 1e-5*want {
		t.Errorf("the loss is %v, want %v", s.Loss, want)
	}
}

// Times of the EDM schedule have ln σ ~ N(−1.2, 1.2²), the others are uniform, or ln(t/(1−t)) ~ N(0, 1).
func TestTimes(t *testing.T) {
	const n = 20_000
	moments := func(c Config, f func(float64) float64) (mean, deviation float64) {
		for d := range uint64(n) {
			v := f(c.time(d))
			mean, deviation = mean+v/n, deviation+v*v/n
		}
		return mean, math.Sqrt(deviation - mean*mean)
	}
	c := tiny(group.C1, Plain)
	if mean, s := moments(c, func(t float64) float64 { return t }); math.Abs(mean-0.5) > 0.01 || math.Abs(s-math.Sqrt(1./12)) > 0.01 {
		t.Errorf("uniform times have mean %v and deviation %v", mean, s)
	}
	c.Times = LogitNormal
	if mean, s := moments(c, func(t float64) float64 { return math.Log(t / (1 - t)) }); !(math.Abs(mean) < 0.02 && math.Abs(s-1) < 0.02) {
		t.Errorf("ln(t/(1−t)) has mean %v and deviation %v", mean, s)
	}
	c.Schedule = EDM
	if got := c.Resolved().Times; got != UniformTimes {
		t.Errorf("times of edm are %v", got)
	}
	if mean, s := moments(c, math.Log); math.Abs(mean+1.2) > 0.03 || math.Abs(s-1.2) > 0.03 {
		t.Errorf("ln σ has mean %v and deviation %v", mean, s)
	}
}

// The loss of a model is at the same times however it was trained, so that models can be compared.
func TestLossIsOfUniformTimes(t *testing.T) {
	losses := map[Times]float64{}
	for _, times := range AllTimes() {
		c := tiny(group.C4, WT)
		c.Times = times
		loss, err := shaken(t, c).Loss(t.Context(), pictures(2, 8, 8), Evaluation{Draws: 5})
		if err != nil {
			t.Fatal(err)
		}
		losses[times] = loss
	}
	if losses[UniformTimes] != losses[LogitNormal] {
		t.Errorf("%v", losses)
	}
}
