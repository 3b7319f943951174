package sde

import "spdiff/asm"

// A Method is how a step is made.
type Method interface {
	// Begin makes what one solution needs beyond its Run (buffers, memory of earlier steps) and returns the function that
	// moves r.X from r.Times[i] to r.Times[i+1], called for i = 0, 1, … . It panics with an *ArgumentError if the
	// method's settings make no sense.
	Begin(r *Run) (step func(i int) error)
}

// A Run is a solution under way: what a [Method] works with.
type Run struct {
	Process  Process
	Times    []float64 // descending
	X        []float32 // the state: the images of the batch, one after another
	Denoised []float32 // the last D(X, t)

	denoise Denoiser
	noise   Noise
	images  []int
	eps     []float32 // made when noise is first added
	step    int
}

// Denoise sets r.Denoised = D(r.X, t). It returns the denoiser's error, or a [*NotFiniteError].
func (r *Run) Denoise(t float64) error {
	if err := r.denoise(r.Denoised, r.X, t); err != nil {
		return err
	}
	return r.checkFinite("the denoiser's output", r.Denoised, t)
}

// Combine sets r.X = fma(b, r.Denoised, a·r.X), a and b rounded to float32.
func (r *Run) Combine(a, b float64) { combine(r.X, b, r.Denoised, a, r.X) }

// AddNoise sets r.X = fma(c, ε, r.X), c rounded to float32, with the noise of that draw: see [Noise]. For c = 0 it leaves
// r.X as it is and draws nothing. It panics with an [*ArgumentError] if noise is needed and the [Sampler] has none.
func (r *Run) AddNoise(c float64, draw int) {
	if c == 0 {
		return
	}
	if r.noise == nil {
		panic(&ArgumentError{"Sampler", "Noise must be given: the start, or the method, is random", nil})
	}
	if r.eps == nil {
		r.eps = make([]float32, len(r.X))
	}
	d := len(r.X) / len(r.images)
	for k, image := range r.images {
		r.noise(r.eps[k*d:(k+1)*d], image, draw)
	}
	asm.AddScaled(r.X, float32(c), r.eps, r.X)
}

func (r *Run) checkFinite(what string, x []float32, t float64) error {
	i := notFinite(x)
	if i < 0 {
		return nil
	}
	d := len(x) / len(r.images)
	return &NotFiniteError{what, x[i], r.images[i/d], i % d, r.step, t}
}
