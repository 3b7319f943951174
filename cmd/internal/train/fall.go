package train

import (
	"time"

	"spdiff/cmd/internal/cli"
	"spdiff/tensor/atomicfile"
)

// overtime is by which share of its minutes a run may be late whose learning rate falls: the fall was planned in steps, and the
// machine may have become slower.
const overtime = 0.1

// fall lets the learning rate fall when a share of the run is left, -fall. The run then ends with the fall.
func (r *trainRun) fall(note func(string)) {
	n := r.fallSteps()
	if n == 0 {
		return
	}
	if r.falling = r.trainer.fall(n); !r.falling {
		r.share = 0
		return
	}
	r.steps = r.trainer.Steps() + n
	if err := atomicfile.PutFile(r.path(configFile), r.trainer.settings()); err != nil {
		note("config.json is the old one: " + cli.Brief(advise(err).Error()))
	}
}

// fallSteps returns over how many steps the learning rate is to fall from now on: of minutes, as many as will be made at the speed so
// far. 0: not yet, or not at all.
func (r *trainRun) fallSteps() int {
	if r.falling || r.share == 0 {
		return 0
	}
	done := r.trainer.Steps()
	if r.budget == 0 {
		if left := r.steps - done; float64(left) <= r.share*float64(r.steps-r.first)+1e-6 { // a share of what is left of a run may be rounded down
			return left
		}
		return 0
	}
	spent := time.Since(r.started)
	if left := r.budget - spent; left <= time.Duration(r.share*float64(r.budget)) {
		return max(1, int(float64(done-r.first)*left.Seconds()/spent.Seconds()))
	}
	return 0
}

// over reports whether the minutes are.
func (r *trainRun) over() bool {
	limit := r.budget
	if r.falling {
		limit += time.Duration(overtime * float64(limit))
	}
	return r.budget > 0 && time.Since(r.started) > limit
}
