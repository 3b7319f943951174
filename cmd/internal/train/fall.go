package train

import (
	"time"

	"spdiff/cmd/internal/cli"
)

// overtime is the share of its minutes by which a run with a falling learning rate may be late: the fall was planned in steps, and the
// machine may have become slower.
const overtime = 0.1

// fallFrom returns the step at which the learning rate begins to fall, if it falls in the last share of the steps from first on.
func fallFrom(first, steps int, share float64) int {
	return steps - int(share*float64(steps-first)+1e-6) // 0.29 of 100 are 29
}

// fall lets the learning rate fall in a share of the run at its end, -fall. In a run by steps it is planned after the first step of the
// call, in a run by minutes when that share is left. The run then ends with the fall.
func (r *trainRun) fall() {
	from, to := r.nextFall()
	if from == to {
		return
	}
	if r.falling = r.trainer.fall(from, to); !r.falling {
		r.share = 0 // it falls there already
		return
	}
	r.steps = to
	if err := r.put(configFile, r.trainer.settings()); err != nil {
		r.note("config.json is the old one: " + cli.Brief(err.Error()))
	}
}

// nextFall returns the steps of the fall that is to be planned now, equal ones if there is none: of minutes it is as many as will be
// made at the speed so far.
func (r *trainRun) nextFall() (from, to int) {
	switch {
	case r.falling || r.share == 0:
		return 0, 0
	case r.budget == 0:
		return fallFrom(r.first, r.steps, r.share), r.steps
	}
	done, spent := r.trainer.Steps(), time.Since(r.started)
	left := r.budget - spent
	if left > time.Duration(r.share*float64(r.budget)) {
		return 0, 0
	}
	return done, done + max(1, int(float64(done-r.first)*left.Seconds()/spent.Seconds()))
}

// over reports whether the minutes are.
func (r *trainRun) over() bool {
	limit := r.budget
	if r.falling {
		limit += time.Duration(overtime * float64(limit))
	}
	return r.budget > 0 && time.Since(r.started) > limit
}
