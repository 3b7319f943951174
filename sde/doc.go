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
// A network may also be asked for v, or be preconditioned: see [Preconditioning], and [Weight] for how its loss counts.
//
// Processes: [PaperCosine], [Nichol] and [SongLinear] keep the variance of the data at 1, [SongSubVP] below, [SongVE] and [EDM] let
// it explode. Times are any descending list: [Uniform], [Karras], [LogSNR], [CosineLevels], or what [Grid] thinks best.
//
// A [Sampler] joins the three things that make a solution: what moves (a Process), how a step is made (a [Solver]), how
// long it is (times).
//
//	solver                solves                          order            evaluations  use it for                           σ̂₅₀
//	DDIM{}                flow                            1                1            images in few steps, no new noise    .485
//	DDIM{Eta: 1}, DDPM{}  ancestral chain                 weak 1           1            images in many steps                 .468
//	DDPM{Large: true}     the same, large variance        weak 1           1            as Ho et al. had it                  .508
//	DPMSolver{}           flow                            2                1            images in few steps                  .502
//	DPMSolver{Eta: 1}     reversal                        weak 2           1            images in few steps, with new noise  .511
//	Heun{}                flow                            2                2            EDM's images; Karras times           .513
//	Heun{Churn: 10}       flow, and noise there and back  weak 2           2            the same, errors washed out          .536
//	EulerMaruyama{}       flow                            1                1            the flow as it stands in eq. 3       .500
//	EulerMaruyama{1}      reversal, any λ ≥ 0             strong 1         1            the paper's eq. 19                   .507
//	SRA1{}                flow                            2                2            smooth flows                         .500
//	SRA1{1}               reversal, any λ ≥ 0             strong 1.5       2            single paths of the reversal         .502
//	DormandPrince{}       flow                            5, adaptive      6            the flow to a tolerance              .500
//	PredictorCorrector{}  reversal, and Langevin steps    the predictor's  1 + 1        a law nearer to the network's own    .506
//
// The flow is the deterministic probability flow, the reversal the stochastic equation with λ = 1 (Anderson's). Orders are
// measured; of a stochastic solver the strong order is that of single paths, the weak one that of their law. SRA1 has strong
// order 2 where D is affine, and weak order 2. The last column is the standard deviation of the result for Gaussian data of
// 0.5 with [PaperCosine] and 50 evaluations on the solver's own [Grid], except that DormandPrince takes what it needs, some
// 100.
//
// A solver says its order, its evaluations a step, and whether it draws noise: see [Traits]. Settings and times that make no sense
// are errors of the solution, before it begins.
//
// Paths: a [Brownian] is noise over intervals, which several solutions share. [Likelihood] is the density that the flow gives
// to an image.
//
// # Symmetry
//
// [Average] and [Canonical] make any denoiser equivariant under a group, by |G| evaluations in one batch and by one in a frame
// that moves with the image; AverageN and CanonicalN do it for a [Network] of several spatial inputs. A [Tiling] makes a
// denoiser of larger images, as symmetric as that of its tiles. [Framed] turns the noise
// with the image that a solution starts from. Then the whole solution commutes with the group, with every solver.
//
// # Numbers
//
// States are float32; coefficients are computed in float64 and rounded once. A step computes each number from the same
// number of the state, of D and of the noise, by one fixed chain of multiply-adds: a solution commutes to the last bit
// with any permutation of pixels with which D commutes, if the noise is permuted too. What is computed from a whole image, such
// as the error of an adaptive step, is a sum of integers, of which no permutation changes a bit. Elementary functions in the
// coefficients are our own, so that they have the same bits on every machine.
//
// [Noise] is a function of the image's number and the step. Image k of a seed is therefore the same image alone and in
// any batch. The work is cut by image into tasks for all workers.
//
// A solution allocates its buffers at the start, stops between evaluations when its context is done (within one by
// [Denoiser.Until]), and returns an error when a number is not finite. Its last state may leave the range of the data a little:
// see [Sampler.Solve].
package sde
