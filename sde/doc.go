// Package sde moves images between data and noise: diffusion processes and the solvers of their reversal. It knows a
// score only as a function.
//
// A [Process] is a linear stochastic differential equation dx = u(t)·x dt + g(t) dw with Gaussian kernels
//
//	x_t | x₀ ~ N(α(t) x₀, σ²(t) I),   u = d ln α/dt,   g² = dσ²/dt − 2uσ²
//
// A network stands for its score ∇ log p_t in one of three equivalent forms, each a function of a batch x and a time t:
//
//	Denoiser  D = E[x₀ | x_t]      what solvers take
//	Epsilon   ε = (x − αD)/σ
//	Score     s = (αD − x)/σ² = −ε/σ
//
// A class, or any other condition, is captured by the function; so is a change of the output, such as [Denoiser.Clamp].
//
// A [Sampler] joins the three things that make a solution: what moves (a Process), how a step is made (a [Method]), how
// long it is (a list of times, such as [Uniform]).
//
//	method              solves                                              use it for                            σ̂
//	DDIM{}              the probability flow, exactly where D is constant   images in few steps, no new noise     .485
//	DDIM{Eta: 1}        the ancestral (DDPM) chain; other η lie between     images in many steps                  .468
//	EulerMaruyama{}     the probability flow, for any process               the flow itself, where it is smooth   .497
//	EulerMaruyama{1}    Anderson's reversal; any λ ≥ 0 (eq. 3)              the stochastic equation itself        .504
//
// The last column is the standard deviation of the result for Gaussian data of 0.5, [PaperCosine] and 50 uniform steps (the
// last row without the first time, see [EulerMaruyama]); at 400 steps it is .498, .495, .500, .500. All are of order 1.
//
// # Numbers
//
// States are float32; coefficients are computed in float64 and rounded once. A step computes each number from the same
// number of the state, of D and of the noise, by one fixed chain of multiply-adds: a solution commutes to the last bit
// with any permutation of pixels with which D commutes, if the noise is permuted too. Elementary functions in the
// coefficients are our own, so that they have the same bits on every machine.
//
// [Noise] is a function of the image's number and the step. Image k of a seed is therefore the same image alone and in
// any batch.
//
// A solution allocates its buffers at the start, stops between steps when its context is done, and returns an error when
// a number is not finite.
package sde
