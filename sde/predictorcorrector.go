package sde

import (
	"fmt"
	"math"

	"spdiff/asm"
	"spdiff/tensor"
)

// PredictorCorrector is the sampler of Song et al. 2021, alg. 1: a step of the predictor, then Langevin steps (alg. 4) at the
// time it has reached, which leave the time and bring the law nearer to that of the process,
//
//	x ← x + δ s(x) + √(2δ) z,    δ = 2 (SNR ‖z‖/‖s‖)²
//
// with fresh noise z (alg. 5, for VP, has a factor 1 − β_i in δ besides, which is about 1). Each image has the lengths of its
// own, by a sum that no permutation of pixels changes in a bit; the paper's code takes their mean over the batch. There is no
// correction where σ/α < 0.01: of s = (αD − x)/σ² few digits of float32 are left there (at σ = 3·10⁻⁴ corrections move the mean
// of Gaussian data of deviation 0.5 by 0.05).
//
// A step takes the predictor's evaluations and one a correction; corrections draw from number 2²⁴ on. The predictor should
// have no memory: [DPMSolver] mistakes a correction for a movement of D, and with two corrections gives Gaussian data
// of deviation 0.5 a deviation of 0.54; [DormandPrince] begins a step with the D of the state before the corrections.
type PredictorCorrector struct {
	Predictor   Solver  // nil: EulerMaruyama{1}
	Corrections int     // Langevin steps a step; 0: 1
	SNR         float64 // r, how large a correction is; 0: 0.16, the paper's
}

const (
	firstCorrection = 1 << 24 // above the draws of MaxSteps steps of any predictor here
	maxCorrections  = 1000    // so that the numbers of MaxSteps steps of them are below 2³¹
)

// Validate implements [Solver]. The predictor must be valid, and no PredictorCorrector: their corrections would draw the same
// noise.
func (m PredictorCorrector) Validate() error {
	err := validate("PredictorCorrector", setting{"Corrections", float64(m.Corrections), 0, maxCorrections, 1},
		setting{"SNR", m.SNR, 0, math.MaxFloat64, 0.16})
	if err != nil {
		return err
	}
	switch m.Predictor.(type) {
	case nil:
		return nil
	case PredictorCorrector, *PredictorCorrector:
		return &SettingError{"PredictorCorrector", "Predictor", fmt.Sprintf("%T", m.Predictor), "a solver without corrections", "EulerMaruyama{1}"}
	}
	return CheckSolver(m.Predictor)
}

// Traits implements [Solver]: order and steps are the predictor's.
func (m PredictorCorrector) Traits() Traits {
	m = m.withDefaults()
	t := m.Predictor.Traits()
	t.Evaluations += m.Corrections
	t.Stochastic = true
	return t
}

// Begin implements [Solver].
func (m PredictorCorrector) Begin(r *Run) func(i int) error {
	must(m.Validate())
	m = m.withDefaults()
	predict := m.Predictor.Begin(r)
	score, eps := r.Buffer(), r.Buffer()
	move := r.Each(func(k int) { langevin(r.Image(r.X, k), r.Image(score, k), r.Image(eps, k), m.SNR) })
	return func(i int) error {
		if err := predict(i); err != nil {
			return err
		}
		t := r.Times[i+1]
		alpha, sigma := r.Process.Marginal(t)
		for j := 0; j < m.Corrections && sigma >= 0.01*alpha; j++ {
			if err := r.Denoise(t); err != nil {
				return err
			}
			variance := float64(sigma * sigma)
			r.Sum(score, Term{-1 / variance, r.X}, Term{alpha / variance, r.Denoised})
			r.Draw(eps, firstCorrection+i*m.Corrections+j)
			tensor.Run(move)
		}
		return nil
	}
}

func (m PredictorCorrector) withDefaults() PredictorCorrector {
	if m.Predictor == nil {
		m.Predictor = EulerMaruyama{Lambda: 1}
	}
	if m.Corrections == 0 {
		m.Corrections = 1
	}
	if m.SNR == 0 {
		m.SNR = 0.16
	}
	return m
}

// langevin moves an image by its score and noise. Where the score is 0 it stays.
func langevin(x, score, eps []float32, snr float64) {
	length := rms(score)
	if length == 0 {
		return
	}
	ratio := snr * rms(eps) / length
	asm.AddScaled(x, float32(2*ratio*ratio), score, x)
	asm.AddScaled(x, float32(2*ratio), eps, x)
}

// Grid is the predictor's, of fewer evaluations, so that the corrections have theirs.
func (m PredictorCorrector) Grid(p Process, evaluations int) []float64 {
	m = m.withDefaults()
	all := int64(evaluations)
	steps := int64(len(Grid(p, m.Predictor, evaluations)) - 1)
	return Grid(p, m.Predictor, int(max(all*all/(all+steps*int64(m.Corrections)), 1)))
}
