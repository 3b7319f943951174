package spdiff

import (
	"fmt"

	"spdiff/nn"
)

// A ganWatch sees when a training has collapsed: when nothing has moved for so long that nothing will.
type ganWatch struct {
	kind                     nn.GANLossKind
	certain, still, unguided int // consecutive steps
}

const (
	collapseSteps = 500  // so many steps in a row
	certainLoss   = 1e-3 // of the discriminator, whose relativistic loss is at least 0; one that cannot tell has 2 ln 2 = 1.386
	stillNorm     = 1e-7 // of a gradient
)

// see returns a *CollapsedError at the step at which a state of collapse has lasted, and again whenever it has lasted as long.
func (w *ganWatch) see(s Step) error {
	for _, sign := range []struct {
		count *int
		there bool
		what  string
	}{
		{&w.certain, w.kind == nn.Relativistic && s.Loss < certainLoss, "the discriminator's loss is at its bound: it tells all images apart, and the generator learns nothing from it"},
		{&w.still, s.Norm < stillNorm, "the discriminator's gradient has vanished"},
		{&w.unguided, s.Generator.Norm < stillNorm, "the generator's gradient has vanished"},
	} {
		if !sign.there {
			*sign.count = 0
			continue
		}
		if *sign.count++; *sign.count%collapseSteps == 0 {
			return &CollapsedError{s.Number, *sign.count, sign.what}
		}
	}
	return nil
}

// A CollapsedError says that the training of a GAN has come to a standstill. The step is done and the state is whole; one that was
// saved before the collapse is worth more.
type CollapsedError struct {
	Step  int    // at which it is told
	Since int    // so many steps
	What  string // has come to a standstill
}

// Error says what has collapsed and since when, and what may help.
func (e *CollapsedError) Error() string {
	return fmt.Sprintf("step %d: %s, for %d steps; go on from an earlier state, with lower learning rates or a larger penalty", e.Step, e.What, e.Since)
}
