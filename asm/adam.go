package asm

// AdamStep is one step of Adam's family, reduced to the numbers that the inner loop needs. With step size η, decays β₁ and
// β₂, weight decay λ, step number t ≥ 1, and bᵢ = 1 − βᵢᵗ:
//
//	               Rate            Root   Eps
//	AdamW          η·√b₂/b₁        1      ε·√b₂
//	RAdam          η·r·√b₂/b₁      1      ε          where its rectification r is defined
//	               η/b₁            0      1          before that
//
// and for each of them Gain1 = 1 − β₁, Gain2 = 1 − β₂, Decay = 1 − η·λ, all computed in float64 and rounded once.
//
// Source: Loshchilov and Hutter, arXiv:1711.05101; Liu et al., arXiv:1908.03265, algorithm 2; both as in torch.optim.
type AdamStep struct {
	Clip  float32 // factor of the gradient, 1 for none
	Beta1 float32
	Gain1 float32
	Beta2 float32
	Gain2 float32
	Decay float32 // factor of the parameters, 1 for none
	Rate  float32
	Root  float32 // factor of √v
	Eps   float32
}

// Adam updates parameters p and moments m and v in place by the gradient g:
//
//	g' = Clip·g
//	m  = fma(Beta1, m, Gain1·g')
//	v  = fma(Beta2, v, (Gain2·g')·g')
//	p  = fma(−Rate, m/fma(Root, √v, Eps), Decay·p)
//
// where each product and quotient rounds. No two slices may overlap.
func Adam(p, m, v, g []float32, s *AdamStep) {
	same("Adam", p, m, v, g)
	adam(p, m, v, g, s)
}
