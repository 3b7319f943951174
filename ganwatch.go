package spdiff

import (
	"fmt"
	"strings"

	"spdiff/nn"
)

// A ganWatch sees when a training has collapsed: when nothing has moved for so long that nothing will.
type ganWatch struct {
	kind  nn.GANLossKind
	count [len(ganSigns)]int // steps in a row with each sign
	worst *CollapsedError    // the sign that has lasted longest, if it is suspect
}

const (
	suspectSteps  = 100  // so many steps in a row, and nothing is saved any more
	collapseSteps = 500  // and it is told
	certainLoss   = 1e-3 // of the discriminator, whose relativistic loss is at least 0; one that cannot tell has 2 ln 2 = 1.386
	stillNorm     = 1e-7 // of a gradient
)

// ganSigns are those of collapse.
var ganSigns = [...]struct {
	what  string
	there func(nn.GANLossKind, Step) bool
}{
	{"the discriminator's loss is at its bound: it tells all images apart, and the generator learns nothing from it",
		func(k nn.GANLossKind, s Step) bool { return k == nn.Relativistic && s.Loss < certainLoss }},
	{"the discriminator's gradient has vanished", func(_ nn.GANLossKind, s Step) bool { return s.Norm < stillNorm }},
	{"the generator's gradient has vanished", func(_ nn.GANLossKind, s Step) bool { return s.Generator.Norm < stillNorm }},
}

// see returns a *CollapsedError when a sign of collapse has lasted for collapseSteps steps, and again after each further collapseSteps.
func (w *ganWatch) see(s Step) error {
	w.worst = nil
	for i, sign := range ganSigns {
		if w.count[i]++; !sign.there(w.kind, s) {
			w.count[i] = 0
		}
		if n := w.count[i]; n >= suspectSteps && (w.worst == nil || n > w.worst.Since) {
			w.worst = &CollapsedError{s.Number, n, sign.what}
		}
	}
	if w.worst != nil && w.worst.Since%collapseSteps == 0 {
		return w.worst
	}
	return nil
}

// watchKey is where a state has what its watch has counted.
const watchKey = "still"

// String returns the counts, as states have them.
func (w *ganWatch) String() string { return strings.Trim(fmt.Sprint(w.count), "[]") }

// parse sets the counts; to 0 where a state has none, as those of before.
func (w *ganWatch) parse(text string) error {
	if text == "" {
		return nil
	}
	_, err := fmt.Sscan(text, &w.count[0], &w.count[1], &w.count[2])
	if err != nil || min(w.count[0], w.count[1], w.count[2]) < 0 {
		return fmt.Errorf("its counts of steps in which nothing moved are %.40q; it is damaged", text)
	}
	return nil
}

// A CollapsedError says that the training of a GAN has come to a standstill. A state that was saved before is the last good one: a
// trainer saves none while this lasts.
type CollapsedError struct {
	Step  int    // at which it is told
	Since int    // so many steps
	What  string // has come to a standstill
}

// Error says what has collapsed and since when, and what may help.
func (e *CollapsedError) Error() string {
	return fmt.Sprintf("step %d: %s, for %d steps; the last good state is the one that was saved before; lower learning rates or a larger penalty may help", e.Step, e.What, e.Since)
}
