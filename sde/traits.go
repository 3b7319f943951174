package sde

// Traits say what kind of solver one is, with the settings that it has.
type Traits struct {
	// Order is that of convergence, measured where coefficients are smooth: of the result where nothing is drawn, else of its law
	// (the weak order).
	Order int

	// Evaluations is how many evaluations of the denoiser a step takes at most; where the solver chooses its steps, each try of
	// one.
	Evaluations int

	// Stochastic says that the solver draws noise after the start.
	Stochastic bool

	// OwnSteps says that each image of a batch has steps of its own. Then an evaluation is of the whole batch, and what it says of
	// images that wait is thrown away. A denoiser that remembers its last evaluation, as in self-conditioning, would remember that
	// of another state and time: an image would depend on its batch.
	OwnSteps bool
}
