package sde

import (
	"context"
	"errors"
	"math"
	"testing"
)

// A pair is a law N(0, C) of two numbers with variances s² and correlation ρ: the simplest one whose Jacobian is no multiple of
// the identity. Turned by 45° the numbers are independent, with variances s²(1 ± ρ).
type pair struct{ s, rho float64 }

func (d pair) variances() [2]float64 {
	return [2]float64{d.s * d.s * (1 + d.rho), d.s * d.s * (1 - d.rho)}
}

// product returns D and J·v, D = J·x.
func (d pair) product(p Process) Product {
	return func(z, w, x, v []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		var gain [2]float64
		for i, c := range d.variances() {
			gain[i] = alpha * c / (alpha*alpha*c + sigma*sigma)
		}
		apply := func(z, x []float32) {
			for i := 0; i < len(x); i += 2 {
				a, b := float64(x[i]+x[i+1])/2*gain[0], float64(x[i]-x[i+1])/2*gain[1]
				z[i], z[i+1] = float32(a+b), float32(a-b)
			}
		}
		apply(z, x)
		apply(w, v)
		return nil
	}
}

// logDensity returns log p_t(x) for t with α and σ.
func (d pair) logDensity(x []float32, alpha, sigma float64) float64 {
	u := [2]float64{float64(x[0]+x[1]) / math.Sqrt2, float64(x[0]-x[1]) / math.Sqrt2}
	sum := -math.Log(2 * math.Pi)
	for i, c := range d.variances() {
		v := alpha*alpha*c + sigma*sigma
		sum -= math.Log(v)/2 + u[i]*u[i]/(2*v)
	}
	return sum
}

// The exact trace gives the density of a Gaussian: on every process, of each image of a batch.
func TestLikelihood(t *testing.T) {
	d := pair{0.6, 0.8}
	x := []float32{0.3, -0.2, 1, 1.2, 0, 0.1}
	for _, p := range []Process{PaperCosine, SongLinear, SongSubVP, VE{0.01, 50}, EDM{}} {
		from, to, _ := Span(p)
		if to == 0 {
			to = timeAt(p, 1, 0.01, 0, 1)
		}
		l := Likelihood{Process: p, Times: LogSNR(p, from, to, 60)}
		logp := make([]float64, 3)
		if err := l.LogDensity(context.Background(), d.product(p), logp, x, []int{0, 1, 2}); err != nil {
			t.Fatal(err)
		}
		alpha, sigma := p.Marginal(to)
		for k, got := range logp {
			if want := d.logDensity(x[2*k:2*k+2], alpha, sigma); math.Abs(got-want) > 2e-3 {
				t.Errorf("%T: log p of image %d is %.5f, want %.5f", p, k, got, want)
			}
		}
	}
}

// The error falls with the fourth power of the step: that of the determinant, which is all there is at the mean of the data,
// and that of the flow, which is most of it far away. The flow takes the two turned numbers apart, each by √(v_first/v_last).
func TestLikelihoodOrder(t *testing.T) {
	const from, to = 20, 0.1
	d, p := pair{0.6, 0.8}, EDM{}
	for _, c := range []struct {
		x     []float32
		steps []int
	}{{[]float32{0, 0}, []int{6, 8, 10, 12, 16}}, {[]float32{4, 4}, []int{10, 12, 16, 20, 24}}} {
		want := -math.Log(2 * math.Pi * from * from)
		for i, v := range d.variances() {
			u := float64(c.x[0]+(1-2*float32(i))*c.x[1]) / math.Sqrt2
			stretch := (v + from*from) / (v + to*to)
			want += math.Log(stretch)/2 - u*u*stretch/(2*from*from)
		}
		checkOrder(t, "log p", 4, c.steps, func(n int) float64 {
			logp := []float64{0}
			l := Likelihood{Process: p, Times: LogSNR(p, from, to, n)}
			if err := l.LogDensity(context.Background(), d.product(p), logp, c.x, []int{0}); err != nil {
				t.Fatal(err)
			}
			return math.Abs(logp[0] - want)
		})
	}
}

// Hutchinson's estimate: signs make tr J + 2ρ-part·v₁v₂ of a pair, so the mean over both signs, and over many draws, is the
// exact trace; one draw is one of the two.
func TestHutchinson(t *testing.T) {
	d, p := pair{0.6, 0.8}, EDM{}
	times := LogSNR(p, 80, 0.05, 40)
	const n = 400
	x, images, logp := make([]float32, 2*n), make([]int, n), make([]float64, n)
	for k := range images {
		images[k] = k
		x[2*k], x[2*k+1] = 0.4, -0.1
	}
	l := Likelihood{Process: p, Times: times, Probes: 1, Noise: Seeded(3)}
	if err := l.LogDensity(context.Background(), d.product(p), logp, x, images); err != nil {
		t.Fatal(err)
	}
	var sum, squares float64
	seen := map[float64]bool{}
	for _, v := range logp {
		sum, squares = sum+v, squares+v*v
		seen[math.Round(1e4*v)] = true
	}
	mean := sum / n
	deviation := math.Sqrt((squares/n - mean*mean) / n)
	if want := d.logDensity(x[:2], 1, 0.05); math.Abs(mean-want) > 4*deviation+1e-3 || len(seen) != 2 {
		t.Errorf("mean %.4f ± %.4f of %d values, want %.4f of 2", mean, deviation, len(seen), want)
	}
	// Many probes at once are their mean.
	l.Probes = 200
	if err := l.LogDensity(context.Background(), d.product(p), logp[:1], x[:2], images[:1]); err != nil {
		t.Fatal(err)
	}
	if math.Abs(logp[0]-mean) > 4*deviation*math.Sqrt(n/200)+1e-3 {
		t.Errorf("200 probes give %.4f, 400 draws of one %.4f ± %.4f", logp[0], mean, deviation)
	}
}

// An image's bits do not depend on its batch, and x is left alone.
func TestLikelihoodOfABatch(t *testing.T) {
	p := PaperCosine
	d := Denoiser(bent).Difference(0.01)
	for _, probes := range []int{0, 2} {
		l := Likelihood{Process: p, Times: LogSNR(p, 0.99, 0.01, 12), Probes: probes, Noise: Seeded(1)}
		x := make([]float32, 3*8)
		Seeded(4)(x, 0, 0)
		before := append([]float32(nil), x...)
		whole, alone := make([]float64, 3), make([]float64, 1)
		if err := l.LogDensity(context.Background(), d, whole, x, []int{7, 8, 9}); err != nil {
			t.Fatal(err)
		}
		if err := l.LogDensity(context.Background(), d, alone, x[8:16], []int{8}); err != nil {
			t.Fatal(err)
		}
		if alone[0] != whole[1] || !equalBits(x, before) {
			t.Errorf("%d probes: image 8 has %v alone, %v in a batch", probes, alone[0], whole[1])
		}
	}
}

// The finite difference is the derivative of bent.
func TestDifference(t *testing.T) {
	x, v := []float32{0.3, -0.7, 1.1}, []float32{1, -1, 0.5}
	z, w, want := make([]float32, 3), make([]float32, 3), make([]float32, 3)
	if err := Denoiser(bent).Difference(0.01)(z, w, x, v, 0.4); err != nil {
		t.Fatal(err)
	}
	bent(want, x, 0.4)
	if !equalBits(z, want) {
		t.Errorf("D is %v, want %v", z, want)
	}
	for i := range x {
		y := float64(x[i])
		th := math.Tanh(1.6 * y)
		slope := 1.6*(1-th*th)*math.Cos(y) - th*math.Sin(y)
		if !near(float64(w[i]), slope*float64(v[i]), 5e-4) {
			t.Errorf("number %d: J·v = %v, want %v", i, w[i], slope*float64(v[i]))
		}
	}
}

func TestLikelihoodStops(t *testing.T) {
	l := Likelihood{Process: PaperCosine, Times: Uniform(1, 0.1, 5)}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.LogDensity(ctx, Denoiser(bent).Difference(0.01), make([]float64, 1), make([]float32, 2), []int{0}); err == nil {
		t.Error("a context that is done does not stop it")
	}
	bad := Product(func(z, w, x, v []float32, t float64) error { w[1] = float32(math.NaN()); return nil })
	err := l.LogDensity(context.Background(), bad, make([]float64, 1), make([]float32, 2), []int{3})
	if e, ok := err.(*NotFiniteError); !ok || e.Image != 3 || e.Index != 1 {
		t.Errorf("%v", err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	l.Probes, l.Noise = 100, func(z []float32, image, draw int) {
		if draw == 2 {
			cancel()
		} else if draw > 2 {
			t.Errorf("probe %d is drawn", draw)
		}
	}
	if err := l.LogDensity(ctx, Denoiser(bent).Difference(0.01), make([]float64, 1), make([]float32, 2), []int{0}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped between two probes: %v", err)
	}
}

// Without a product, or without a result for each image, it panics with an error that says so.
func TestLikelihoodArguments(t *testing.T) {
	l := Likelihood{Process: PaperCosine, Times: Uniform(1, 0.1, 5)}
	for name, f := range map[string]func() error{
		"no product": func() error {
			return l.LogDensity(context.Background(), nil, make([]float64, 1), make([]float32, 2), []int{0})
		},
		"no result": func() error {
			return l.LogDensity(context.Background(), Denoiser(bent).Difference(0.01), nil, make([]float32, 2), []int{0})
		},
	} {
		func() {
			defer func() {
				if e, ok := recover().(*ArgumentError); !ok || e.What != "Likelihood" {
					t.Errorf("%s: %v", name, e)
				}
			}()
			t.Errorf("%s: no panic, %v", name, f())
		}()
	}
}
