package sde

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

var preconditionings = []Preconditioning{PredictData{}, PredictNoise{}, PredictVelocity{}, PredictEDM{}, PredictEDM{Data: 1.3}}

// A network that gives its target makes a denoiser that gives x₀, on every process at every time.
func TestPreconditioningsRecoverTheData(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	anyProcess(t, func(t *testing.T, p Process) {
		for _, as := range preconditionings {
			for now := 0.05; now < 0.99; now += 0.1 {
				alpha, sigma := p.Marginal(now)
				c := as.At(p, now)
				x0, eps := rng.NormFloat64(), rng.NormFloat64()
				x := alpha*x0 + sigma*eps
				if got := c.Skip*x + c.Out*(c.A*x0+c.B*eps); !near(got, x0, 1e-12*(1+1/alpha)*(1+1/sigma)) {
					t.Errorf("%#v at %.2f: D = %v, want %v", as, now, got, x0)
				}
			}
		}
	})
}

// The closed forms of the papers.
func TestPreconditioningsAsPublished(t *testing.T) {
	check := func(name string, got, want float64) {
		t.Helper()
		if !near(got, want, 1e-13) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for _, sigma := range []float64{0.002, 0.3, 80} { // Karras et al., table 1
		c, s := PredictEDM{}.At(EDM{}, sigma), 0.5
		check("c_skip", c.Skip, s*s/(sigma*sigma+s*s))
		check("c_out", c.Out, sigma*s/math.Sqrt(sigma*sigma+s*s))
		check("c_in", c.In, 1/math.Sqrt(sigma*sigma+s*s))
		check("c_noise", c.Noise, math.Log(sigma)/4)
		check("the loss of F", c.Loss(EDMWeight(s)(EDM{}, sigma)), 1)
		// Input and target have variance 1.
		check("input", c.In*c.In*(s*s+sigma*sigma), 1)
		check("target", c.A*c.A*s*s+c.B*c.B, 1)
	}
	for _, now := range []float64{0.1, 0.6} {
		alpha, sigma := PaperCosine.Marginal(now)
		c := PredictVelocity{}.At(PaperCosine, now)
		check("v, target", c.A, -sigma)
		check("v, target", c.B, alpha)
		check("v, skip", c.Skip, alpha)
		check("v, out", c.Out, -sigma)
	}
}

// At the ends of time, where σ or α is 0, targets are finite, and of those who can the denoiser is too.
func TestPreconditioningsAtTheEnds(t *testing.T) {
	finite := func(v ...float64) bool {
		for _, x := range v {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return false
			}
		}
		return true
	}
	for _, as := range preconditionings {
		start, end := as.At(SongLinear, 0), as.At(flat{}, 1)
		if !finite(start.A, start.B, start.In, end.A, end.B, end.In, start.Skip, start.Out) {
			t.Errorf("%#v: at σ = 0 %+v, at α = 0 %+v", as, start, end)
		}
		if _, ok := as.(PredictNoise); !ok && !finite(end.Skip, end.Out) {
			t.Errorf("%#v: at α = 0 %+v", as, end)
		}
	}
}

// flat is a process that ends in noise alone.
type flat struct{}

func (flat) Marginal(t float64) (alpha, sigma float64) { return 1 - t, t }
func (flat) Drift(t float64) float64                   { return -1 / (1 - t) }
func (flat) Diffusion(t float64) float64               { return math.Sqrt(2 * t / (1 - t)) }

// The adapter calls F with In·x and Noise, and passes its errors on.
func TestPredictionDenoiser(t *testing.T) {
	p, as := EDM{}, PredictEDM{}
	x, z := []float32{3, -1}, make([]float32, 2)
	c := as.At(p, 2)
	f := Predictor(func(z, x []float32, noise float64) error {
		if noise != c.Noise {
			t.Errorf("the network was told %v, want %v", noise, c.Noise)
		}
		for i, v := range x {
			z[i] = 2 * v
		}
		return nil
	})
	if err := f.Denoiser(p, as)(z, x, 2); err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		if want := c.Skip*float64(v) + c.Out*2*c.In*float64(v); !near(float64(z[i]), want, 1e-6) {
			t.Errorf("D(%v) = %v, want %v", v, z[i], want)
		}
	}
	broken := errors.New("no network")
	f = func(z, x []float32, noise float64) error { return broken }
	if err := f.Denoiser(p, as)(z, x, 2); err != broken {
		t.Errorf("%v", err)
	}
}

// With ε for a target its own weight counts every error alike, with x₀ likewise; and weights are those of the score's error.
func TestWeights(t *testing.T) {
	anyProcess(t, func(t *testing.T, p Process) {
		for now := 0.05; now < 0.99; now += 0.1 {
			alpha, sigma := p.Marginal(now)
			g := p.Diffusion(now)
			if w := (PredictNoise{}).At(p, now).Loss(NoiseWeight(p, now)); !near(w, 1, 1e-12) {
				t.Errorf("ε at %.2f: %v", now, w)
			}
			if w := (PredictData{}).At(p, now).Loss(DataWeight(p, now)); w != 1 {
				t.Errorf("x₀ at %.2f: %v", now, w)
			}
			// λ(t) ‖s − s'‖² = w ‖D − D'‖² as s − s' = (D − D')·α/σ².
			for name, c := range map[string]struct {
				w      Weight
				lambda float64
			}{
				"σ⁴/α²": {DataWeight, math.Pow(sigma, 4) / (alpha * alpha)}, "σ²": {NoiseWeight, sigma * sigma},
				"1": {ScoreWeight, 1}, "g²": {LikelihoodWeight, g * g},
				"EDM":     {EDMWeight(0.5), (alpha*alpha/(sigma*sigma) + 4) * math.Pow(sigma, 4) / (alpha * alpha)},
				"min-SNR": {MinSNR(5), math.Min(sigma*sigma, 5*math.Pow(sigma, 4)/(alpha*alpha))},
			} {
				if got, want := c.w(p, now), c.lambda*alpha*alpha/math.Pow(sigma, 4); !near(got/want, 1, 1e-10) {
					t.Errorf("λ = %s at %.2f: w = %v, want %v", name, now, got, want)
				}
			}
		}
	})
}
