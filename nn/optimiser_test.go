package nn

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"spdiff/tensor"
)

// free returns parameters of given lengths with the formula's values, and memory for their gradients.
func free(lengths ...int) (params []*Param, grads [][]float32) {
	for i, n := range lengths {
		p := vector(fmt.Sprint("p", i), start{}, n)
		u := newNoise(p.Name)
		for j := range n {
			p.Value.Data()[j] = u(j)
		}
		params, grads = append(params, p), append(grads, make([]float32, n))
	}
	return params, grads
}

// Both rules, clipping and an average follow PyTorch's over 24 steps, of which RAdam's first are not rectified.
func TestOptimisersArePyTorchs(t *testing.T) {
	golden, _ := readGolden(t, "optim.safetensors")
	for name, rule := range map[string]Rule{
		"adamw": {Beta1: 0.9, Beta2: 0.99, Eps: 1e-3, Decay: 0.1},
		"radam": {Beta1: 0.9, Beta2: 0.99, Eps: 1e-3, Decay: 0.1, Rectified: true},
	} {
		p := vector("p", start{}, 40)
		for j := range 40 {
			p.Value.Data()[j] = noise("p", j)
		}
		g := make([]float32, 40)
		o := NewOptimiser(OptimiserConfig{Rule: rule, Clip: 1, Averages: []Average{{Rate: 0.9}}}, []*Param{p}, [][]float32{g})
		want := golden[name].Data()
		clipped := 0
		for step := range 24 {
			for j := range g {
				g[j] = float32(float64(noise(fmt.Sprint("g", step), j)) * (0.1 + 0.02*float64(step)))
			}
			norm, err := o.Step(0.01)
			if err != nil {
				t.Fatal(err)
			}
			if norm > 1 {
				clipped++
			}
			for j := range g {
				for k, got := range []float32{p.Value.Data()[j], o.State().Averages[0][0][j]} {
					if w := want[(step*2+k)*40+j]; math.Abs(float64(got-w)) > 1e-6 {
						t.Fatalf("%s, step %d, number %d of %s: %v, want %v", name, step, j, []string{"p", "the average"}[k], got, w)
					}
				}
			}
		}
		if clipped == 0 || clipped == 24 {
			t.Errorf("%d of 24 steps were clipped; the test wants both kinds", clipped)
		}
	}
}

// Stopping, saving, loading and going on gives the same bits as never stopping, with any number of workers and over
// parameters of more than one piece.
func TestOptimiserGoesOn(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	config := OptimiserConfig{Rule: RAdam(), Clip: 10, Averages: []Average{{Rate: 0.99}, {Rate: 0.999, Ramp: true}}}
	lengths := []int{3, 2*pieceLen + 5, pieceLen}
	steps := func(o *Optimiser, grads [][]float32, from, to int) {
		for n := from; n < to; n++ {
			for i, g := range grads {
				u := newNoise(fmt.Sprint("g", i, n))
				for j := range g {
					g[j] = u(j)
				}
			}
			if _, err := o.Step(0.01); err != nil {
				t.Fatal(err)
			}
		}
	}
	params, grads := free(lengths...)
	whole := NewOptimiser(config, params, grads)
	tensor.SetWorkers(1)
	steps(whole, grads, 0, 12)

	first, grads1 := free(lengths...)
	half := NewOptimiser(config, first, grads1)
	tensor.SetWorkers(3)
	steps(half, grads1, 0, 7)
	second, grads2 := free(lengths...)
	rest := NewOptimiser(config, second, grads2)
	for i, p := range second {
		copy(p.Value.Data(), first[i].Value.Data())
	}
	restore(rest.State(), half.State())
	steps(rest, grads2, 7, 12)

	for i, p := range params {
		u := newNoise(p.Name)
		for j, v := range p.Value.Data() {
			if v == u(j) {
				t.Fatalf("parameter %d, number %d never moved", i, j)
			}
		}
		if j := differs(p.Value.Data(), second[i].Value.Data()); j >= 0 {
			t.Errorf("parameter %d, number %d: %v without a stop, %v with one", i, j, p.Value.Data()[j], second[i].Value.Data()[j])
		}
		for k := range config.Averages {
			if j := differs(whole.State().Averages[k][i], rest.State().Averages[k][i]); j >= 0 {
				t.Errorf("average %d of parameter %d differs at number %d", k, i, j)
			}
		}
	}
}

// restore copies a state as a file would.
func restore(to, from *OptimiserState) {
	to.Steps = from.Steps
	for i := range from.M {
		copy(to.M[i], from.M[i])
		copy(to.V[i], from.V[i])
		for k := range from.Averages {
			copy(to.Averages[k][i], from.Averages[k][i])
		}
	}
}

// A gradient that is not finite changes nothing, and the error names it.
func TestGradientError(t *testing.T) {
	for _, c := range []struct {
		bad  float32
		all  bool
		want string
	}{
		{float32(math.NaN()), false, "p1"},
		{float32(math.Inf(-1)), false, "p1"},
		{1e30, true, ""},
	} {
		params, grads := free(3, 4)
		o := NewOptimiser(OptimiserConfig{Rule: AdamW(), Averages: []Average{{Rate: 0.5}}}, params, grads)
		grads[1][2] = c.bad
		before := copies(params)
		_, err := o.Step(0.1)
		var g *GradientError
		if !errors.As(err, &g) || g.Param != c.want || g.Step != 1 {
			t.Errorf("gradient %v: %v", c.bad, err)
		}
		for i, p := range params {
			if differs(p.Value.Data(), before[i]) >= 0 || o.State().Steps != 0 {
				t.Errorf("gradient %v: the step was made in spite of the error", c.bad)
			}
		}
	}
}

// A finite gradient whose square is beyond float32 is clipped as any other.
func TestLongGradient(t *testing.T) {
	params, grads := free(3, 4)
	o := NewOptimiser(OptimiserConfig{Rule: AdamW(), Averages: []Average{{Rate: 0.5}}, Clip: 1}, params, grads)
	grads[1][2] = 1e30
	if norm, err := o.Step(0.1); err != nil || math.Abs(norm/1e30-1) > 1e-6 {
		t.Errorf("its length is %v, %v", norm, err)
	}
	for _, p := range params {
		for _, v := range p.Value.Data() {
			if v-v != 0 {
				t.Fatalf("%s has %v", p.Name, v)
			}
		}
	}
}

// A running mean of rate 0 forgets all: it is the parameters after each step, to the last bit, those near zero too, which a step takes to
// numbers of another size.
func TestAverageOfRate0(t *testing.T) {
	params, grads := free(1000)
	for i, v := range params[0].Value.Data() {
		params[0].Value.Data()[i] = 1e-3 * v
	}
	o := NewOptimiser(OptimiserConfig{Rule: AdamW(), Averages: []Average{{}, {Ramp: true}}}, params, grads)
	for step := range 5 {
		u := newNoise(fmt.Sprint("g", step))
		for j := range grads[0] {
			grads[0][j] = u(j)
		}
		if _, err := o.Step(2e-3); err != nil {
			t.Fatal(err)
		}
		for k := range 2 {
			mean, last := o.State().Averages[k][0], params[0].Value.Data()
			if j := differs(mean, last); j >= 0 {
				t.Fatalf("step %d: number %d of mean %d is %v, the last weight %v", step, j, k, mean[j], last[j])
			}
		}
	}
}

func TestAverageRamp(t *testing.T) {
	a := Average{Rate: 0.9, Ramp: true}
	for n, want := range map[int]float64{1: 2.0 / 11, 10: 11.0 / 20, 80: 0.9, 1000: 0.9} {
		if got := a.at(n); got != want {
			t.Errorf("rate after step %d is %v, want %v", n, got, want)
		}
	}
}

func TestCopyAverage(t *testing.T) {
	params, grads := free(5, 7)
	o := NewOptimiser(OptimiserConfig{Rule: AdamW(), Averages: []Average{{Rate: 0.5}}}, params, grads)
	start := copies(params)
	grads[0][0] = 1
	if _, err := o.Step(0.1); err != nil {
		t.Fatal(err)
	}
	to, _ := free(5, 7)
	o.CopyAverage(to, 0)
	want := float32(0.5*float64(start[0][0]) + 0.5*float64(params[0].Value.Data()[0]))
	if got := to[0].Value.Data()[0]; math.Abs(float64(got-want)) > 1e-7 {
		t.Errorf("average is %v, want %v", got, want)
	}
	wrong, _ := free(5, 8)
	defer func() {
		if recover() == nil {
			t.Error("an average was copied to a parameter of another length")
		}
	}()
	o.CopyAverage(wrong, 0)
}

func TestOptimiserAllocatesNothing(t *testing.T) {
	params, grads := free(3, pieceLen+1)
	o := NewOptimiser(OptimiserConfig{Rule: AdamW(), Clip: 1, Averages: []Average{{Rate: 0.5}, {Rate: 0.9}}}, params, grads)
	if n := testing.AllocsPerRun(20, func() { o.Step(0.01) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

func TestOptimiserValidate(t *testing.T) {
	for _, c := range []OptimiserConfig{{Rule: AdamW()}, {Rule: RAdam(), Clip: 1, Averages: []Average{{Rate: 0.9999}}}} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
