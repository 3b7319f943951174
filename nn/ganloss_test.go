package nn

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"spdiff/autodiff"
)

// A toy is a discriminator of pixels that is small enough to be written down: D(x) = Σⱼ tanh(Σᵢ xᵢwᵢⱼ), on images of in numbers.
type toy struct {
	loss       GANLoss
	real, fake []float64 // images of in numbers
}

const toyIn, toyOut = 4, 3

// at returns D and |∇D|² of an image, in float64.
func (toy) at(w, x []float64) (d, squares float64) {
	slope := make([]float64, toyIn)
	for j := range toyOut {
		sum := 0.0
		for i, v := range x {
			sum += v * w[i*toyOut+j]
		}
		t := math.Tanh(sum)
		d += t
		for i := range slope {
			slope[i] += (1 - t*t) * w[i*toyOut+j]
		}
	}
	for _, s := range slope {
		squares += s * s
	}
	return d, squares
}

// critic returns L_D with its penalty, at the images themselves, as the formulas of GANLoss say.
func (y toy) critic(w []float64) float64 {
	n := len(y.real) / toyIn
	var real, fake []float64
	penalty, meanReal, meanFake := 0.0, 0.0, 0.0
	for k := range n {
		d, s := y.at(w, y.real[k*toyIn:(k+1)*toyIn])
		f, _ := y.at(w, y.fake[k*toyIn:(k+1)*toyIn])
		real, fake = append(real, d), append(fake, f)
		meanReal, meanFake = meanReal+d/float64(n), meanFake+f/float64(n)
		if y.loss.Kind == Divergence {
			penalty += max(0, s-1) / float64(n)
		} else {
			penalty += s / 2 / float64(n)
		}
	}
	sigma := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	total, a := y.loss.Weight*penalty, y.loss.Alpha
	p := a / (a - 1)
	for k := range n {
		if y.loss.Kind == Divergence {
			star := math.Pow(max(fake[k], 0), p)*math.Pow(a-1, p)/a + 1/(a*(a-1))
			total -= (real[k] - star) / float64(n)
		} else {
			total -= (math.Log(sigma(real[k]-meanFake)+1e-6) + math.Log(1-sigma(fake[k]-meanReal)+1e-6)) / float64(n)
		}
	}
	return total
}

// The losses and their gradients, through the gradient of the penalty, are those of a float64 statement and its finite differences.
func TestGANLossesByFiniteDifferences(t *testing.T) {
	const n = 5
	images := func(seed uint64) (x32 []float32, x64 []float64) {
		x32 = randomSlice(n*toyIn, seed)
		for _, v := range x32 {
			x64 = append(x64, float64(v))
		}
		return x32, x64
	}
	real32, real := images(1)
	fake32, fake := images(2)
	weights := randomSlice(toyIn*toyOut, 3)
	for _, loss := range []GANLoss{RelativisticLoss(), DivergenceLoss(), {Divergence, 3, 1.5}} {
		x, g, w := autodiff.Input("x", n, 2, 2, 1), autodiff.Input("g", n, 2, 2, 1), autodiff.Input("w", toyIn, toyOut)
		d := func(x *autodiff.Node) *autodiff.Node {
			return autodiff.SumTo(autodiff.Tanh(autodiff.BatchMatMul(autodiff.Reshape(x, n, toyIn), w)), n, 1)
		}
		whole := autodiff.Add(loss.Critic(d(x), d(g)), autodiff.Scale(loss.Penalty(d(x), x), float32(loss.Weight)))
		slope := autodiff.Grad(whole, w)[0]
		ws := autodiff.Compile(whole, slope).NewWorkspace()
		copy(ws.Input(x), real32)
		copy(ws.Input(g), fake32)
		copy(ws.Input(w), weights)
		ws.Prepare()
		ws.Run()
		y := toy{loss, real, fake}
		at := make([]float64, len(weights))
		for i, v := range weights {
			at[i] = float64(v)
		}
		compare(t, loss.Kind.String(), ws.Output(whole), []float32{float32(y.critic(at))}, 0)
		want := make([]float32, len(at))
		for i, v := range at {
			const h = 1e-5
			at[i] = v + h
			up := y.critic(at)
			at[i] = v - h
			want[i] = float32((up - y.critic(at)) / (2 * h))
			at[i] = v
		}
		compare(t, loss.Kind.String()+" gradient", ws.Output(slope), want, 0)
	}
}

// A loss is its name in JSON, and one with which training would be lost is refused.
func TestGANLossSettings(t *testing.T) {
	for _, l := range []GANLoss{RelativisticLoss(), DivergenceLoss()} {
		text, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var back GANLoss
		if err := json.Unmarshal(text, &back); err != nil || back != l || l.Validate() != nil {
			t.Errorf("%s gives %+v, %v, %v", text, back, err, l.Validate())
		}
	}
	var k GANLossKind
	if err := k.UnmarshalText([]byte("hinge")); err == nil {
		t.Error("there is a loss hinge")
	}
	for field, l := range map[string]GANLoss{"kind": {7, 1, 2}, "weight": {Divergence, -1, 2}, "alpha": {Divergence, 1, 1}} {
		var wrong *ConfigError
		if err := l.Validate(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%+v: the error is %v", l, err)
		}
	}
}
