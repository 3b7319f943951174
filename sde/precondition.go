package sde

import "math"

// A Preconditioning says what a network F is asked to predict, and from what (Karras et al. 2022, sec. 5): F(In·x, Noise) is to
// be A·x₀ + B·ε, and then the denoiser is D = Skip·x + Out·F.
type Preconditioning interface {
	At(p Process, t float64) Coefficients
}

// Coefficients are those of a [Preconditioning] at a time. A and B, by which a network is trained, are finite at every time;
// Skip and Out, by which it is used, are so where they can be.
type Coefficients struct {
	A, B      float64 // the target of F is A·x₀ + B·ε
	Skip, Out float64 // D = Skip·x + Out·F
	In        float64 // the network sees In·x
	Noise     float64 // and this number in place of the time
}

// of returns the coefficients for a target: as x = αx₀ + σε, F = A x₀ + B ε is solved by x₀ = (σF − Bx)/(Aσ − Bα).
func of(alpha, sigma, a, b, in, noise float64) Coefficients {
	d := float64(a*sigma) - float64(b*alpha)
	return Coefficients{A: a, B: b, Skip: -b / d, Out: sigma / d, In: in, Noise: noise}
}

// PredictData asks for x₀: the network is the denoiser.
type PredictData struct{}

// At returns target x₀, D = F.
func (PredictData) At(p Process, t float64) Coefficients {
	return Coefficients{A: 1, Out: 1, In: 1, Noise: t}
}

// PredictNoise asks for ε (Ho, Jain & Abbeel 2020).
type PredictNoise struct{}

// At returns target ε, D = (x − σF)/α.
func (PredictNoise) At(p Process, t float64) Coefficients {
	alpha, sigma := p.Marginal(t)
	return Coefficients{B: 1, Skip: 1 / alpha, Out: -sigma / alpha, In: 1, Noise: t}
}

// PredictVelocity asks for v = αε − σx₀ (Salimans & Ho, "Progressive distillation for fast sampling of diffusion models",
// 2022), from which D is well determined at both ends of time.
type PredictVelocity struct{}

// At returns target v, D = (αx − σF)/(α² + σ²).
func (PredictVelocity) At(p Process, t float64) Coefficients {
	alpha, sigma := p.Marginal(t)
	return of(alpha, sigma, -sigma, alpha, 1, t)
}

// PredictEDM is the preconditioning of Karras et al. 2022, table 1, for data of standard deviation Data: input and target have
// variance 1 at every time. With ς = σ/α, of x/α,
//
//	c_skip = s²/(ς² + s²),  c_out = ςs/√(ς² + s²),  c_in = 1/√(ς² + s²),  c_noise = ln(ς)/4
type PredictEDM struct {
	Data float64 // s; 0: 0.5
}

// At returns, with r² = σ² + α²s², the target (σx₀ − αs²ε)/(sr), Skip = αs²/r², Out = σs/r, In = 1/r, Noise = ln(σ/α)/4.
func (e PredictEDM) At(p Process, t float64) Coefficients {
	alpha, sigma := p.Marginal(t)
	s := e.data()
	r := math.Sqrt(float64(sigma*sigma) + float64(float64(alpha*s)*float64(alpha*s)))
	return Coefficients{A: sigma / (s * r), B: -alpha * s / r,
		Skip: alpha * s * s / float64(r*r), Out: sigma * s / r, In: 1 / r, Noise: log(sigma/alpha) / 4}
}

func (e PredictEDM) data() float64 {
	if e.Data == 0 {
		return 0.5
	}
	return e.Data
}

// A Predictor sets z to F(x, noise), what a [Preconditioning] asks for, in the way of a [Denoiser].
type Predictor func(z, x []float32, noise float64) error

// Denoiser returns D = Skip·x + Out·F(In·x, Noise). It is for one goroutine at a time.
func (f Predictor) Denoiser(p Process, as Preconditioning) Denoiser {
	var in []float32
	return func(z, x []float32, t float64) error {
		c := as.At(p, t)
		fx := x
		if c.In != 1 {
			if len(in) != len(x) {
				in = make([]float32, len(x))
			}
			combine(in, 0, x, c.In, x)
			fx = in
		}
		if err := f(z, fx, c.Noise); err != nil {
			return err
		}
		combine(z, c.Skip, x, c.Out, z)
		return nil
	}
}
