package sde

import "math"

// A Weight says how much the denoiser's error ‖D − x₀‖² counts at a time. Denoising score matching (eq. 4 of the paper;
// Vincent 2011) minimises
//
//	E λ(t) ‖s(x_t, t) − ∇ log p(x_t | x₀)‖² = E w(t) ‖D − x₀‖²,    w = λ α²/σ⁴
//
// over times, data and noise; each weight below states its λ. The best D is E[x₀ | x_t] whatever the weight: it decides how a
// network that cannot have it everywhere shares its errors out. Any function of this type will do.
type Weight func(p Process, t float64) float64

// DataWeight is w = 1, λ = σ⁴/α²: the mean square of x₀'s error, as in the paper's code.
func DataWeight(p Process, t float64) float64 { return 1 }

// NoiseWeight is w = α²/σ², λ = σ²: the mean square of ε's error (Ho, Jain & Abbeel 2020, eq. 14).
func NoiseWeight(p Process, t float64) float64 { return snr(p, t) }

// ScoreWeight is w = α²/σ⁴, λ = 1: every error of the score alike.
func ScoreWeight(p Process, t float64) float64 {
	_, sigma := p.Marginal(t)
	return snr(p, t) / float64(sigma*sigma)
}

// LikelihoodWeight is w = g²α²/σ⁴, λ = g²: the loss bounds −log p from above (Song, Durkan, Murray & Ermon, "Maximum likelihood
// training of score-based diffusion models", 2021, thm. 1).
func LikelihoodWeight(p Process, t float64) float64 {
	g := p.Diffusion(t)
	return float64(g*g) * ScoreWeight(p, t)
}

// EDMWeight returns w = α²/σ² + 1/s², for data of standard deviation s (Karras et al. 2022, table 1): with [PredictEDM] the
// mean square of F's error.
func EDMWeight(s float64) Weight {
	return func(p Process, t float64) float64 { return snr(p, t) + 1/float64(s*s) }
}

// MinSNR returns w = min(α²/σ², γ): ε's error, but less of it where there is little noise (Hang et al., "Efficient diffusion
// training via min-SNR weighting strategy", 2023); γ = 5 is the paper's choice.
func MinSNR(gamma float64) Weight {
	return func(p Process, t float64) float64 { return math.Min(snr(p, t), gamma) }
}

// snr returns α²/σ².
func snr(p Process, t float64) float64 {
	l := level(p, t)
	return 1 / float64(l*l)
}

// Loss returns how much ‖F − (A x₀ + B ε)‖² is to count where ‖D − x₀‖² counts w: w·Out².
func (c Coefficients) Loss(w float64) float64 { return w * float64(c.Out*c.Out) }
