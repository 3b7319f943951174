package sde

import "spdiff/asm"

// A Denoiser sets z to D(x, t) ≈ E[x₀ | x_t = x], the prediction of the data, for a batch of images at one time t. z and x
// have the same length and do not overlap; x must not be changed. An error stops the solution.
type Denoiser func(z, x []float32, t float64) error

// An Epsilon sets z to ε(x, t) ≈ E[ε | x_t = x], the prediction of the noise, in the way of a [Denoiser].
type Epsilon func(z, x []float32, t float64) error

// A Score sets z to s(x, t) ≈ ∇ log p_t(x), in the way of a [Denoiser].
type Score func(z, x []float32, t float64) error

// Epsilon returns ε = (x − αD)/σ. At times where σ is 0 it is not finite.
func (d Denoiser) Epsilon(p Process) Epsilon {
	return func(z, x []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		return after(d, z, x, t, 1/sigma, -alpha/sigma)
	}
}

// Score returns s = (αD − x)/σ². At times where σ is 0 it is not finite.
func (d Denoiser) Score(p Process) Score {
	return func(z, x []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		return after(d, z, x, t, -1/float64(sigma*sigma), alpha/float64(sigma*sigma))
	}
}

// Denoiser returns D = (x − σε)/α. Where α is small the errors of ε grow by σ/α: clamp the result.
func (e Epsilon) Denoiser(p Process) Denoiser {
	return func(z, x []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		return after(e, z, x, t, 1/alpha, -sigma/alpha)
	}
}

// Denoiser returns D = (x + σ²s)/α.
func (s Score) Denoiser(p Process) Denoiser {
	return func(z, x []float32, t float64) error {
		alpha, sigma := p.Marginal(t)
		return after(s, z, x, t, 1/alpha, float64(sigma*sigma)/alpha)
	}
}

// after sets z = a·x + b·f(x, t).
func after(f func(z, x []float32, t float64) error, z, x []float32, t, a, b float64) error {
	if err := f(z, x, t); err != nil {
		return err
	}
	combine(z, a, x, b, z)
	return nil
}

// Clamp returns D with every number brought into [lo, hi], the range of the data: [−1, 1] for images. A number that is not
// finite is left as it is, to be seen, so that images do not depend on others of their batch.
func (d Denoiser) Clamp(lo, hi float32) Denoiser {
	return func(z, x []float32, t float64) error {
		if err := d(z, x, t); err != nil {
			return err
		}
		for i := notFinite(z); i >= 0; i = notFinite(z) {
			asm.Clamp(z[:i], lo, hi, z[:i])
			z = z[i+1:]
		}
		asm.Clamp(z, lo, hi, z)
		return nil
	}
}
