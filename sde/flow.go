package sde

// reversal returns the coefficients of the drift of eq. 3, u x − (1+λ²)/2 g² (αD − x)/σ² = a·x + b·D at time t.
func reversal(p Process, lambda, t float64) (a, b float64) {
	alpha, sigma := p.Marginal(t)
	g := p.Diffusion(t)
	pull := float64((1+float64(lambda*lambda))/2*float64(g*g)) / float64(sigma*sigma)
	return p.Drift(t) + pull, -float64(pull * alpha)
}

// straight returns the step of the probability flow from t to s ≤ t if D is constant along it, x ← a·x + b·D:
//
//	a = σ_s/σ_t,    b = α_s − α_t σ_s/σ_t
//
// It is DDIM's with η = 0, Euler's in the variables of [level], and at σ_s = 0 it lands on α_s D.
func straight(p Process, t, s float64) (a, b float64) {
	alphaT, sigmaT := p.Marginal(t)
	alphaS, sigmaS := p.Marginal(s)
	a = sigmaS / sigmaT
	return a, alphaS - float64(a*alphaT)
}
