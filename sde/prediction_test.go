package sde

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// The three predictions of Gaussian data are each other's, and what they should be.
func TestPredictions(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	x, z := make([]float32, 21), make([]float32, 21)
	for i := range x {
		x[i] = float32(2 * rng.NormFloat64())
	}
	eachProcess(t, func(t *testing.T, p Process) {
		d := cell.denoiser(p)
		for _, now := range []float64{0.05, 0.5, 0.95} {
			alpha, sigma := p.Marginal(now)
			m, v := cell.marginal(p, now)
			score := func(x float64) float64 { return -(x - m) / v }
			want := map[string]func(x float64) float64{
				"D": func(x float64) float64 { return (x + sigma*sigma*score(x)) / alpha },
				"ε": func(x float64) float64 { return -sigma * score(x) },
				"s": score,
			}
			for _, c := range []struct {
				name, want string
				f          func(z, x []float32, t float64) error
			}{
				{"D", "D", d}, {"ε of D", "ε", d.Epsilon(p)}, {"s of D", "s", d.Score(p)},
				{"D of ε", "D", d.Epsilon(p).Denoiser(p)}, {"D of s", "D", d.Score(p).Denoiser(p)},
			} {
				if err := c.f(z, x, now); err != nil {
					t.Fatal(err)
				}
				for i := range z {
					// D from ε or s has their errors, of 1e-7, times σ/α.
					w := want[c.want](float64(x[i]))
					if tolerance := 1e-6 * (1 + 2/alpha) * math.Max(1, 1/sigma); !near(float64(z[i]), w, tolerance) {
						t.Errorf("t = %v: %s(%v) = %v, want %v", now, c.name, x[i], z[i], w)
					}
				}
			}
		}
	})
}

func TestPredictionsPassErrorsOn(t *testing.T) {
	broken := errors.New("no network")
	f := func(z, x []float32, t float64) error { return broken }
	for name, g := range map[string]func(z, x []float32, t float64) error{
		"Clamp": Denoiser(f).Clamp(-1, 1), "Denoiser.Epsilon": Denoiser(f).Epsilon(PaperCosine),
		"Denoiser.Score": Denoiser(f).Score(PaperCosine), "Epsilon.Denoiser": Epsilon(f).Denoiser(PaperCosine),
		"Score.Denoiser": Score(f).Denoiser(PaperCosine),
	} {
		if err := g(make([]float32, 1), make([]float32, 1), 0.5); err != broken {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every finite number is clamped, beside any other; what is not finite is not hidden.
func TestClamp(t *testing.T) {
	identity := Denoiser(func(z, x []float32, t float64) error { copy(z, x); return nil })
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct{ x, want []float32 }{
		{[]float32{-3, -1, -0.5, 0, 0.5, 1, 3}, []float32{-1, -1, -0.5, 0, 0.5, 1, 1}},
		{[]float32{2}, []float32{1}}, {[]float32{2, inf}, []float32{1, inf}}, // an image alone, and beside one that is not finite
		{[]float32{nan, -3, 0.5, -inf, inf, 3, nan}, []float32{nan, -1, 0.5, -inf, inf, 1, nan}},
	} {
		z := make([]float32, len(c.x))
		if err := identity.Clamp(-1, 1)(z, c.x, 0); err != nil {
			t.Fatal(err)
		}
		if !equalBits(z, c.want) {
			t.Errorf("%v becomes %v, want %v", c.x, z, c.want)
		}
	}
}
