package sde

import (
	"context"
	"fmt"
	"math"
)

// A Product sets z to D(x, t), as a [Denoiser] does, and w to vᵀ ∂D/∂x, a vector-Jacobian product, image by image. (J·v will
// do as well: only v·w is used.)
type Product func(z, w, x, v []float32, t float64) error

// Difference returns the product J·v by central differences, (D(x + hv) − D(x − hv))/2h, at three evaluations: for a denoiser
// that has no derivative of its own. Its error is about h² of the curvature of D and 10⁻⁷/h of D; h about 0.01 balances them
// for numbers about 1. It is for one goroutine at a time. It panics with an [*ArgumentError] if h is not positive
// and finite.
func (d Denoiser) Difference(h float64) Product {
	if !(h > 0) || math.IsInf(h, 1) {
		panic(&ArgumentError{"Difference", "h must be positive and finite", h})
	}
	var moved []float32
	return func(z, w, x, v []float32, t float64) error {
		if len(moved) != len(x) {
			moved = make([]float32, len(x))
		}
		combine(moved, h, v, 1, x)
		if err := d(w, moved, t); err != nil {
			return err
		}
		combine(moved, -h, v, 1, x)
		if err := d(z, moved, t); err != nil {
			return err
		}
		combine(w, -0.5/h, z, 0.5/h, w)
		return d(z, x, t)
	}
}

// Likelihood computes log p(x), the density that the probability flow from N(0, σ²(Times[0])) gives to images at the last of
// Times (Chen et al. 2018; Song et al. 2021, eq. 39). In z = x/σ, τ = α/σ the flow is dz/dτ = D, and so, with n numbers,
//
//	log p(x) = −n/2 ln 2π − n ln σ_last − ‖z_first‖²/2 + ∫ σ tr(∂D/∂x) dτ,    from last to first
//
// by the classical Runge–Kutta method of order 4, with four products J·v for each probe and step. [LogSNR] is a good grid. σ must be
// positive at the last time. For dequantised images of 256 values in [−1, 1], bits per number are 7 − log p/(n ln 2).
type Likelihood struct {
	Process Process
	Times   []float64 // descending, as for a [Sampler], and walked backwards

	// Probes is how many random v, of signs, estimate tr J as the mean of vᵀJv (Hutchinson), the same all along the flow; the
	// result is a draw whose mean is log p. 0 is the exact trace: as many products as an image has numbers.
	Probes int
	Noise  Noise // whose signs v has, draw 0, 1, … for the probes; nil where there are none
}

// LogDensity sets logp[k] to log p of image k of the batch x, which it leaves as it is; images has their numbers, which
// choose the noise. An image's bits do not depend on its batch, and where D and the product commute with a permutation of
// pixels to the last bit, a turned image with turned probes has the same. Errors and panics are those of [Sampler.Solve]. It panics too if
// there is not one result for each image.
func (l *Likelihood) LogDensity(ctx context.Context, d Product, logp []float64, x []float32, images []int) error {
	if d == nil {
		panic(&ArgumentError{"Likelihood", "the product must be given", nil})
	}
	if len(logp) != len(images) {
		panic(&ArgumentError{"Likelihood", fmt.Sprintf("there must be one result for each of %d images; there are", len(images)), len(logp)})
	}
	if l.Probes < 0 || l.Probes > 0 && l.Noise == nil {
		return &ArgumentError{"Likelihood", "Probes must be 0, or positive with a Noise", l.Probes}
	}
	// A solution of its own, whose denoiser is never asked: products are.
	s := Sampler{Process: l.Process, Solver: DDIM{}, Times: l.Times, Noise: l.Noise}
	run, err := s.run(ctx, func(z, x []float32, t float64) error { return nil }, x, images)
	if err != nil {
		return err
	}
	last := l.Times[len(l.Times)-1]
	_, sigma := l.Process.Marginal(last)
	if sigma == 0 {
		return &ArgumentError{"Likelihood", "σ must be positive at the last time", last}
	}
	if err := run.checkFinite("the start", x, last); err != nil {
		return err
	}
	f := &fullFlow{Run: run, product: d}
	if err := f.begin(l.Probes); err != nil {
		return err
	}
	for i := len(l.Times) - 2; i >= 0; i-- {
		f.step = i
		if err := f.move(l.Times[i+1], l.Times[i]); err != nil {
			return err
		}
	}
	_, end := l.Process.Marginal(l.Times[0])
	n := float64(f.size)
	for k := range logp {
		z := f.Image(f.X, k)
		logp[k] = float64(-n*(log(2*math.Pi)/2+log(sigma))) - dot(z, z)/float64(2*end*end) + f.logdet[k]
	}
	return nil
}

// A fullFlow is the flow from data to noise with the logarithm of its determinant.
type fullFlow struct {
	*Run
	product Product
	probes  [][]float32 // nil: the basis, one by one
	v, w    []float32   // a vector of the basis; a product
	diag    []float32   // the diagonal of J
	d       [4][]float32
	y       []float32
	trace   [4][]float64 // of each stage and image
	logdet  []float64
}

// begin makes the buffers and draws the probes. It returns the context's error.
func (f *fullFlow) begin(probes int) error {
	f.X = append([]float32(nil), f.X...)
	f.w, f.y, f.logdet = f.Buffer(), f.Buffer(), make([]float64, f.Images())
	for j := range f.d {
		f.d[j], f.trace[j] = f.Buffer(), make([]float64, f.Images())
	}
	if probes == 0 {
		f.v, f.diag = f.Buffer(), f.Buffer()
	}
	for j := range probes {
		if err := f.stopped(); err != nil {
			return err
		}
		v := f.Buffer()
		f.Draw(v, j)
		for i := range v {
			v[i] = float32(math.Copysign(1, float64(v[i])))
		}
		f.probes = append(f.probes, v)
	}
	return nil
}

// move goes from time t to the later s.
func (f *fullFlow) move(t, s float64) error {
	alphaT, sigmaT := f.Process.Marginal(t)
	alphaS, sigmaS := f.Process.Marginal(s)
	from, length := alphaT/sigmaT, alphaS/sigmaS-alphaT/sigmaT
	middle := timeAt(f.Process, from+length/2, 1, t, s)
	_, sigmaM := f.Process.Marginal(middle)
	for j, stage := range []struct{ time, sigma, part float64 }{
		{t, sigmaT, 0}, {middle, sigmaM, 0.5}, {middle, sigmaM, 0.5}, {s, sigmaS, 1},
	} {
		f.Sum(f.y, Term{stage.sigma / sigmaT, f.X}, Term{stage.sigma * stage.part * length, f.d[max(j-1, 0)]})
		if err := f.differentiate(j, stage.time); err != nil {
			return err
		}
	}
	c := sigmaS * length / 6
	f.Sum(f.X, Term{sigmaS / sigmaT, f.X}, Term{c, f.d[0]}, Term{2 * c, f.d[1]}, Term{2 * c, f.d[2]}, Term{c, f.d[3]})
	for k := range f.logdet {
		ends := float64(sigmaT*f.trace[0][k]) + float64(sigmaS*f.trace[3][k])
		f.logdet[k] += float64(length / 6 * (ends + float64(2*sigmaM*(f.trace[1][k]+f.trace[2][k]))))
	}
	return f.checkFinite("the state", f.X, t)
}

// differentiate finds D and the trace of J at y, for stage j.
func (f *fullFlow) differentiate(j int, t float64) error {
	clear(f.trace[j])
	for _, v := range f.probes {
		if err := f.multiply(f.d[j], v, t); err != nil {
			return err
		}
		for k := range f.trace[j] {
			f.trace[j][k] += dot(f.Image(v, k), f.Image(f.w, k)) / float64(len(f.probes))
		}
	}
	if f.probes != nil {
		return nil
	}
	for i := range f.size {
		f.basis(i, 1)
		err := f.multiply(f.d[j], f.v, t)
		f.basis(i, 0)
		if err != nil {
			return err
		}
		for k := range f.Images() {
			f.Image(f.diag, k)[i] = f.Image(f.w, k)[i]
		}
	}
	for k := range f.trace[j] {
		f.trace[j][k] = sumOf(f.Image(f.diag, k))
	}
	return nil
}

// basis sets number i of every image of v.
func (f *fullFlow) basis(i int, value float32) {
	for k := range f.Images() {
		f.Image(f.v, k)[i] = value
	}
}

// multiply sets z = D(y, t) and w to the product with v.
func (f *fullFlow) multiply(z, v []float32, t float64) error {
	if err := f.stopped(); err != nil {
		return err
	}
	if err := f.product(z, f.w, f.y, v, t); err != nil {
		return err
	}
	if err := f.checkFinite("the denoiser's output", z, t); err != nil {
		return err
	}
	return f.checkFinite("the product's output", f.w, t)
}
