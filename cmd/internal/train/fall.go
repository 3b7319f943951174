package train

import (
	"time"

	"spdiff/cmd/internal/cli"
	"spdiff/nn"
	"spdiff/tensor/atomicfile"
)

// overtime is by which share of its minutes a run may be late whose learning rate falls: the fall was planned in steps, and the
// machine may have become slower.
const overtime = 0.1

// fallen are the steps of a fall at the end of some steps, a share of them; nil if that is less than one.
func fallen(first, steps int, share float64) []nn.Fall {
	n := int(share*float64(steps-first) + 1e-6) // 0.29 of 100 are 29
	if n < 1 {
		return nil
	}
	return []nn.Fall{{From: steps - n, To: steps}}
}

// fall lets the learning rate fall in a share of the run at its end, -fall: of steps it is planned before the first, of minutes when
// that share is left. The run then ends with the fall.
func (r *trainRun) fall(note func(string)) {
	all := r.nextFall()
	if len(all) == 0 {
		return
	}
	if r.falling = r.trainer.fall(all[0].From, all[0].To); !r.falling {
		r.share = 0 // it falls there already
		return
	}
	r.steps = all[0].To
	if err := atomicfile.PutFile(r.path(configFile), r.trainer.settings()); err != nil {
		note("config.json is the old one: " + cli.Brief(advise(err).Error()))
	}
}

// nextFall returns the fall that is to be planned now, if there is one: of minutes over as many steps as will be made at the speed so far.
func (r *trainRun) nextFall() []nn.Fall {
	switch {
	case r.falling || r.share == 0:
		return nil
	case r.budget == 0:
		return fallen(r.first, r.steps, r.share)
	}
	done, spent := r.trainer.Steps(), time.Since(r.started)
	left := r.budget - spent
	if left > time.Duration(r.share*float64(r.budget)) {
		return nil
	}
	return []nn.Fall{{From: done, To: done + max(1, int(float64(done-r.first)*left.Seconds()/spent.Seconds()))}}
}

// over reports whether the minutes are.
func (r *trainRun) over() bool {
	limit := r.budget
	if r.falling {
		limit += time.Duration(overtime * float64(limit))
	}
	return r.budget > 0 && time.Since(r.started) > limit
}
