package spdiff

import "fmt"

// A Step is what a step of the training did.
type Step struct {
	Number int     // of steps done, this one included
	Loss   float64 // the mean square of the prediction's error, weighted by Config.Weight, before the step
	Norm   float64 // the length of the gradient, before clipping
	Rate   float64 // the learning rate

	Penalty float64 // the mean square of what is not equivariant, before its weight, for Reg and RegOC

	// Of a GAN all of the above is of the last update of its discriminator, the penalty that of its gradient; and this is of the update
	// of the generator.
	Generator struct{ Loss, Norm, Rate float64 }

	regularised, adversarial bool
}

// A Scalar is a number of a step and its name, in lower case: what a journal, a table or a plot shows of a training, of whatever
// kind of model.
type Scalar struct {
	Name  string
	Value float64
}

// Scalars returns all numbers of the step: loss, norm, rate, and penalty where there is one; of a GAN generator_loss, generator_norm
// and generator_rate too. Those of one training have
// the same names and order at every step.
func (s Step) Scalars() []Scalar {
	all := []Scalar{{"loss", s.Loss}, {"norm", s.Norm}, {"rate", s.Rate}}
	if s.regularised || s.adversarial {
		all = append(all, Scalar{"penalty", s.Penalty})
	}
	if g := s.Generator; s.adversarial {
		all = append(all, Scalar{"generator_loss", g.Loss}, Scalar{"generator_norm", g.Norm}, Scalar{"generator_rate", g.Rate})
	}
	return all
}

// A DivergedError says that a step met a loss or a gradient that is not a finite number. The step was not done; some updates of
// a GAN's discriminator may have been made, but none of its generator.
type DivergedError struct {
	Step  int     // its number, from 1
	Loss  float64 // its loss
	Cause error   // the first layer with such a number: an *autodiff.NonFiniteError or a *nn.GradientError

	adversarial bool // the step is a GAN's
}

// Error says at which step, with which cause, and which weights are left.
func (e *DivergedError) Error() string {
	left := fmt.Sprintf("the weights are those of step %d", e.Step-1)
	if e.adversarial {
		left = fmt.Sprintf("the generator's weights are those of step %d, the discriminator's may be later ones", e.Step-1)
	}
	return fmt.Sprintf("step %d: the loss is %v: %v; %s; a lower learning rate may help", e.Step, e.Loss, e.Cause, left)
}

// Unwrap returns the cause.
func (e *DivergedError) Unwrap() error { return e.Cause }
