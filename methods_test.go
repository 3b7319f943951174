package spdiff

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// every returns the configurations of all methods, with and without self-conditioning, and two in bf16: tied kernels and regular features.
func every(g group.Group) (all []Config) {
	for method := range Method(len(methods)) {
		for _, condition := range []bool{false, true} {
			c := tiny(g, method)
			c.Condition = condition
			all = append(all, c)
		}
	}
	all = append(all, rounded(g, WT), rounded(g, GC))
	if c := tiny(g, WT); g != group.C1 {
		if c.Network.Kernel, c.Network.Taps = 5, nn.Pinwheel; c.Validate() == nil {
			all = append(all, c)
		}
	}
	return all
}

func (c Config) title() string {
	switch {
	case c.Network.Taps != nn.Square:
		return c.Method.String() + " of pinwheels"
	case c.Condition:
		return c.Method.String() + ", conditioned"
	case c.Precision == BF16:
		return c.Method.String() + " in bf16"
	}
	return c.Method.String()
}

// What the regulariser compares with is A⁻¹ F_θ̄(A x_t, t), image by image, A is no step the identity, and θ̄, which is moved here by
// hand, is at the beginning θ, and goes a twentieth of the way to it after each step.
func TestRegulariser(t *testing.T) {
	for _, g := range []group.Group{group.H, group.C4, group.D4} {
		for _, condition := range []bool{false, true} {
			c := tiny(g, Reg)
			c.Condition, c.Network.Dropout = condition, 0
			tr := trainer(t, c, blobs{10, 8})
			seen, mean := map[int]bool{}, copyOf(tr)
			for step := range 8 {
				a := tr.regulariser.element(step)
				seen[a] = true
				checkRegularised(t, tr, mean, a)
				follow(mean, tr.network)
				if !slices.Equal(weights(plainly(tr, mean)), weights(meanOf(tr))) {
					t.Fatalf("%s over %v, step %d: another mean of the weights", c.title(), g, step)
				}
			}
			if seen[0] || len(seen) < min(2, g.Order()-1) {
				t.Errorf("%v: the elements were %v", g, seen)
			}
		}
	}
}

// checkRegularised makes a step, and fails unless its target is that of the mean weights and the element a, and its penalty the mean
// square of the difference from what the network is before the step.
func checkRegularised(t *testing.T, tr *Trainer, mean *nn.UNet, a int) {
	t.Helper()
	g, now, then := tr.config.Group, plainly(tr, copyOf(tr)), plainly(tr, mean)
	s, err := tr.Step()
	if err != nil {
		t.Fatal(err)
	}
	z, aligned := rawOf(t, now, &tr.batch, g, 0), rawOf(t, then, &tr.batch, g, a)
	if !slices.Equal(bits(tr.batch.aligned), bits(aligned)) {
		t.Fatalf("%s over %v, step %d: another target", tr.config.title(), g, s.Number)
	}
	if want := meanSquare(z, aligned); math.Abs(s.Penalty-want) > 1e-5*want {
		t.Errorf("%s over %v, step %d: the penalty is %v, want %v", tr.config.title(), g, s.Number, s.Penalty, want)
	}
}

// follow sets mean to 0.95 of itself and 0.05 of u, number by number as mean + 0.05·(u − mean), the last two operations rounded once.
func follow(mean, u *nn.UNet) {
	for i, p := range mean.Params() {
		m := p.Value.Data()
		for k, v := range u.Params()[i].Value.Data() {
			m[k] = asm.FMA(0.05, v-m[k], m[k])
		}
	}
}

// plainly returns a network of a training as a model, evaluated as it is.
func plainly(tr *Trainer, u *nn.UNet) *Model {
	c := tr.config
	c.Method, c.Penalty = Plain, 0
	return newModel(c, u)
}

// meanOf returns the network of the running mean θ̄.
func meanOf(tr *Trainer) *Model {
	u := copyOf(tr)
	tr.optimiser.CopyAverage(u.Params(), len(tr.config.Optimiser.Averages))
	return plainly(tr, u)
}

// rawOf returns a⁻¹F(a·x) of each image of a batch by itself, as the network gives it.
func rawOf(t *testing.T, m *Model, b *batch, g group.Group, a int) []float32 {
	r, err := m.room(context.Background(), 1, Float32)
	if err != nil {
		t.Fatal(err)
	}
	p, w := r.program, r.workspace
	z, moved := make([]float32, len(b.x)), make([]float32, 64)
	for at := 0; at < len(b.x); at += 64 {
		g.Act(w.Input(p.x), b.x[at:at+64], a, 1, 8, 8, 1)
		if p.cond != nil {
			g.Act(moved, b.cond[at:at+64], a, 1, 8, 8, 1)
			copy(w.Input(p.cond), moved)
		}
		w.Input(p.t)[0] = b.t[at/64]
		w.Input(p.class)[0] = b.class[at/64]
		w.Run()
		g.Act(z[at:at+64], w.Output(p.z), g.Inverse(a), 1, 8, 8, 1)
	}
	return z
}

func meanSquare(x, y []float32) (s float64) {
	for i := range x {
		d := float64(x[i]) - float64(y[i])
		s += d * d / float64(len(x))
	}
	return s
}

// A network that is trained with the regulariser is nearer to equivariance than one that is not; averaged it is there.
func TestRegulariserWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	residual := func(m Method, penalty float64) float64 {
		c := tiny(group.C4, m)
		c.Augment, c.Rotate, c.Steps, c.Rate.Rate = Off, false, 60, 3e-3
		c.Penalty = penalty
		r, err := train(t, c).Residual(context.Background(), pictures(4, 8, 8), Denoising{Reversal: Reversal{Steps: 2, Classes: []int{1}}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Mean
	}
	plain, reg, both := residual(Plain, 0), residual(Reg, 3), residual(RegOC, 3)
	if !(reg < 0.7*plain) || both != 0 {
		t.Errorf("Δx₀ is %v without a regulariser, %v with, %v averaged", plain, reg, both)
	}
}

// Conditioned networks see their last prediction, and it changes the next one; another solution begins without.
func TestCondition(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Condition, c.Steps = true, 30
	m := train(t, c)
	d, x := solving(m, 0), pictures(1, 8, 8).Data()
	eval := func(d sde.Denoiser) []uint32 {
		z := make([]float32, 64)
		if err := d(z, x, 0.5); err != nil {
			t.Fatal(err)
		}
		return bits(z)
	}
	first, second := eval(d), eval(d)
	if slices.Equal(first, second) {
		t.Error("the second prediction does not see the first")
	}
	if !slices.Equal(first, eval(solving(m, 0))) {
		t.Error("another solution does not begin without a prediction")
	}
	for _, s := range []sde.Solver{sde.DormandPrince{}, &sde.DormandPrince{}, sde.PredictorCorrector{Predictor: &sde.DormandPrince{}}} {
		if !slices.Equal(first, eval(m.Denoiser(context.Background(), 0))) {
			t.Error("the model as a function is not told nothing")
		}
		_, err := m.Sample(context.Background(), Sampling{Reversal: Reversal{Solver: s}})
		if err == nil || !strings.Contains(err.Error(), "steps of its own") {
			t.Errorf("%#v, whose images wait for each other: %v", s, err)
		}
	}
}

// Half of the steps tell the network its prediction, which is that of the denoiser on the same image, and half tell it nothing.
func TestConditionerTosses(t *testing.T) {
	for _, k := range []struct {
		method  Method
		predict Prediction
	}{{Plain, Noise}, {CF, Preconditioned}} {
		c := tiny(group.C4, k.method)
		c.Condition, c.Network.Dropout, c.Predict = true, 0, k.predict
		tr, told := trainer(t, c, blobs{10, 8}), 0
		for range 40 {
			before := newModel(tr.config, copyOf(tr))
			advance(t, tr, 1)
			if slices.ContainsFunc(tr.batch.cond, func(v float32) bool { return v != 0 }) {
				told++
				checkTold(t, tr, before)
			}
		}
		if told < 10 || told > 30 {
			t.Errorf("%v: %d of 40 steps told the network its prediction", k.method, told)
		}
	}
}

// checkTold fails unless what the last step told the network is what the model predicts of x_t, of which the network sees In·x_t.
func checkTold(t *testing.T, tr *Trainer, before *Model) {
	t.Helper()
	b := &tr.batch
	for j, time := range b.times {
		z, noisy := make([]float32, 64), b.noisy[64*j:64*(j+1)]
		d := solving(before, int(b.class[j]))
		if err := d(z, noisy, time); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(bits(z), bits(b.cond[64*j:64*(j+1)])) {
			t.Fatalf("%v, step %d, image %d: not the denoiser's prediction", tr.config.Method, tr.Steps(), j)
		}
		in := float32(tr.config.preconditioning().At(tr.config.Process(), time).In)
		for i, v := range noisy {
			if in*v != b.x[64*j+i] {
				t.Fatalf("%v, step %d, image %d: the network sees %v of x_t = %v, want %v", tr.config.Method, tr.Steps(), j, b.x[64*j+i], v, in*v)
			}
		}
	}
}

// copyOf returns a copy of the network as it is, not of its mean.
func copyOf(tr *Trainer) *nn.UNet {
	u, err := nn.NewUNet(tr.config.Network)
	if err != nil {
		panic(err)
	}
	for i, p := range u.Params() {
		copy(p.Value.Data(), tr.network.Params()[i].Value.Data())
	}
	return u
}

// In canonical frames the same image in any orientation is the same draw, to the bit.
func TestCanonicalDraws(t *testing.T) {
	c := tiny(group.D4, CF)
	c.Rotate, c.Augment = false, Off
	tr, err := NewTrainer(c, blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.diffuser.fill(&tr.batch, 0); err != nil {
		t.Fatal(err)
	}
	f, plain := c.frame(), tiny(group.D4, Plain)
	plain.Rotate, plain.Augment = false, Off
	o, err := NewTrainer(plain, blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.diffuser.fill(&o.batch, 0); err != nil {
		t.Fatal(err)
	}
	moved := 0
	for j := range c.Batch {
		in := tr.batch.x[64*j : 64*(j+1)]
		if kappa, _ := f.Of(in); kappa != 0 {
			t.Errorf("image %d is in frame %d", j, kappa)
		}
		kappa, _ := f.Of(o.batch.x[64*j : 64*(j+1)])
		for _, v := range [][2][]float32{{in, o.batch.x[64*j : 64*(j+1)]}, {tr.batch.target[64*j : 64*(j+1)], o.batch.target[64*j : 64*(j+1)]}} {
			back := make([]float32, 64)
			group.D4.Act(back, v[0], kappa, 1, 8, 8, 1)
			if !slices.Equal(bits(back), bits(v[1])) {
				t.Errorf("image %d: not the plain draw in another frame", j)
			}
		}
		if kappa != 0 {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no draw was moved")
	}
}

// The twin that forgets to move what the network is conditioned on is seen by the test that the average passes.
func TestForgottenCondition(t *testing.T) {
	c := tiny(group.C4, OC)
	c.Condition, c.Steps = true, 20
	m := train(t, c)
	r, err := m.room(context.Background(), 1, Float32)
	if err != nil {
		t.Fatal(err)
	}
	r.ctx = context.Background()
	network := m.alone(r)
	for _, forget := range []bool{false, true} {
		in := group.Images{N: 1, H: 8, W: 8, C: 2} // the state, and what was predicted before
		x := make([]float32, 128)
		tensor.NewStream(9, 9).Normal(x, 0)
		diff := group.Check(group.C4, func(z, x []float32) {
			state, cond := apart(x)
			inner := func(z []float32, inputs [][]float32, t float64) error {
				if forget {
					inputs = [][]float32{inputs[0], slices.Repeat(cond, 4)}
				}
				return network(z, inputs, t)
			}
			if err := sde.AverageN(group.C4, 8, 8, 1, inner)(z, [][]float32{state, cond}, 0.4); err != nil {
				t.Fatal(err)
			}
		}, x, in, group.Images{N: 1, H: 8, W: 8, C: 1})
		if diff.Exact == forget {
			t.Errorf("forgotten %v: %v", forget, diff)
		}
	}
}

// apart returns the two channels of x.
func apart(x []float32) (a, b []float32) {
	for i := 0; i < len(x); i += 2 {
		a, b = append(a, x[i]), append(b, x[i+1])
	}
	return a, b
}

// Every method's samples are the same on every instruction set, in any batch, and from its file; and a training of it, cut in
// two, has the same bits.
func TestEveryMethodKeepsItsBits(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	best := asm.ISA()
	defer asm.SetISA(best)
	for _, c := range every(group.C4) {
		m := train(t, c)
		want := sample(t, m, Sampling{N: 3, Reversal: Reversal{Seed: 5, Steps: 3}})
		if got := sample(t, m, Sampling{N: 3, Reversal: Reversal{Seed: 5, Steps: 3, Batch: 2}}); !slices.Equal(got, want) {
			t.Errorf("%s: other samples in other batches", c.title())
		}
		path := t.TempDir() + "/m.safetensors"
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		for _, isa := range asm.Available() {
			asm.SetISA(isa)
			back, err := Load(path)
			if err != nil {
				t.Fatalf("%s: %v", c.title(), err)
			}
			if !slices.Equal(sample(t, back, Sampling{N: 3, Reversal: Reversal{Seed: 5, Steps: 3}}), want) {
				t.Errorf("%s: other samples from the file, on %s", c.title(), isa)
			}
		}
		asm.SetISA(best)
		if want, got := c.StateBytes(), stateLen(t, c); got != want {
			t.Errorf("%s: a state has %d bytes of numbers, not %d", c.title(), got, want)
		}
		if !slices.Equal(weights(interrupted(t, c)), weights(m)) {
			t.Errorf("%s: an interrupted training has other weights", c.title())
		}
	}
}

// stateLen returns the bytes of numbers of a state.
func stateLen(t *testing.T, c Config) (n int64) {
	tr, err := NewTrainer(c, blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range tr.state().file().Tensors {
		n += int64(4 * e.Value.Len())
	}
	return n
}
