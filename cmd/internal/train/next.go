package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"spdiff/cmd/internal/cli"
)

// interrupted says how to go on, and returns the context's error.
func (r *trainRun) interrupted(ctx context.Context) error {
	if r.rest() == "" {
		r.sayTrained()
	} else {
		fmt.Printf("next:  %s %s\n", cli.Command("train"), r.resuming())
	}
	return ctx.Err()
}

// sayTrained says what to do with a run that is trained.
func (r *trainRun) sayTrained() {
	fmt.Printf("next:  %s -model %s -n 64 -out grid.png\n", cli.Command("sample"), cli.Quoted(r.path(modelFile)))
}

// resuming returns the flags that go on from the newest state to where this call was to end: where that is done, to the state itself.
func (r *trainRun) resuming() string {
	rest := r.rest()
	if rest == "" && r.saved > 0 {
		rest = fmt.Sprintf(" -steps %d", r.saved)
	}
	return "-resume " + cli.Quoted(r.folder) + rest + r.again
}

// rest returns the flag of what is left to train after the newest state, "" if nothing is. A run by minutes whose learning rate falls
// already ends at a step.
func (r *trainRun) rest() string {
	left := r.left()
	switch {
	case r.steps > r.saved:
		return fmt.Sprintf(" -steps %d", r.steps)
	case r.steps > 0 || left <= 0:
		return ""
	}
	return fmt.Sprintf(" -minutes %v", math.Ceil(100*left.Minutes())/100)
}

// left returns how much is left of the time of this call: all of it before the training begins.
func (r *trainRun) left() time.Duration {
	if r.started.IsZero() {
		return r.budget
	}
	return r.budget - time.Since(r.started)
}
