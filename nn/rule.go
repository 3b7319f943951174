package nn

import (
	"cmp"
	"math"

	"spdiff/asm"
	"spdiff/tensor/elementary"
)

// A Rule turns gradients into steps. Both rules keep running means m of the gradient and v of its square, and multiply the
// parameters by 1 − ηλ first (decoupled weight decay), η being the learning rate, n = 1, 2, … the step and bᵢ = 1 − βᵢⁿ:
//
//	AdamW    p −= η · (m/b₁) / (√(v/b₂) + ε)                       Loshchilov and Hutter, 2019
//	RAdam    p −= η · r · (m/b₁) · √b₂ / (√v + ε)    ρ > 5          Liu et al., 2020, algorithm 2
//	         p −= η · (m/b₁)                         else
//
// with ρ∞ = 2/(1 − β₂) − 1, ρ = ρ∞ − 2nβ₂ⁿ/b₂, r² = (ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ). They are those of torch.optim,
// but that its RAdam by default adds λp to the gradient instead; ours is its decoupled_weight_decay.
type Rule struct {
	Rectified bool    `json:"rectified"` // RAdam, else AdamW
	Beta1     float64 `json:"beta1"`
	Beta2     float64 `json:"beta2"`
	Eps       float64 `json:"eps"`
	Decay     float64 `json:"decay"` // λ
}

// AdamW returns the rule with PyTorch's settings: β = 0.9, 0.999, ε = 10⁻⁸, λ = 0.01.
func AdamW() Rule { return Rule{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.01} }

// RAdam returns the rule with PyTorch's settings: β = 0.9, 0.999, ε = 10⁻⁸, λ = 0. It is the paper's.
func RAdam() Rule { return Rule{Rectified: true, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8} }

// Validate returns a *ConfigError that names the first setting with which training would be lost, and one that works.
func (r Rule) Validate() error {
	return cmp.Or(
		inRange("optimiser", "rule.beta1", r.Beta1, 0, maxMemory),
		inRange("optimiser", "rule.beta2", r.Beta2, 0, maxMemory),
		inRange("optimiser", "rule.eps", r.Eps, 1e-30, 10), // in float32, √v + ε is not 0
		inRange("optimiser", "rule.decay", r.Decay, 0, 1))  // 1 − ηλ is not negative
}

// step returns the numbers of step n = 1, 2, … with learning rate eta, for gradients times clip. They are computed in
// float64, with the same bits on every machine, and rounded once.
func (r Rule) step(n int, eta, clip float64) asm.AdamStep {
	b1 := 1 - elementary.PowInt(r.Beta1, n)
	b2 := 1 - elementary.PowInt(r.Beta2, n)
	s := asm.AdamStep{
		Clip:  float32(clip),
		Beta1: float32(r.Beta1), Gain1: float32(1 - r.Beta1),
		Beta2: float32(r.Beta2), Gain2: float32(1 - r.Beta2),
		Decay: float32(1 - float64(eta*r.Decay)),
		Root:  1,
	}
	rho := r.length(n)
	switch {
	case !r.Rectified:
		s.Rate, s.Eps = float32(eta*math.Sqrt(b2)/b1), float32(r.Eps*math.Sqrt(b2))
	case rho > 5:
		all := 2/(1-r.Beta2) - 1
		rect := math.Sqrt((rho - 4) * (rho - 2) * all / ((all - 4) * (all - 2) * rho))
		s.Rate, s.Eps = float32(eta*rect*math.Sqrt(b2)/b1), float32(r.Eps)
	default:
		s.Rate, s.Root, s.Eps = float32(eta/b1), 0, 1
	}
	return s
}

// length returns ρ, the effective number of gradients that v is the mean of.
func (r Rule) length(n int) float64 {
	power := elementary.PowInt(r.Beta2, n)
	return 2/(1-r.Beta2) - 1 - 2*float64(n)*power/(1-power)
}
