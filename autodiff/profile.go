package autodiff

import (
	"fmt"
	"time"

	"spdiff/tensor"
)

// Profile does what Prepare and Run do, and adds the time that operation i of
// Program.Ops takes to total[i]. The time of operations that go image by image
// together is divided among them as that of the workers is. It panics with a
// *UseError if total is not as long as Ops.
func (w *Workspace) Profile(total []time.Duration) {
	if len(total) != len(w.steps) {
		panic(&UseError{"Workspace.Profile", fmt.Sprintf("%d times for %d operations", len(total), len(w.steps))})
	}
	w.enter("Workspace.Profile")
	defer w.busy.Store(false)
	w.prepared = false
	steps := w.steps
	done := 0
	timed := func(s stage) {
		n := 0
		for _, node := range s.nodes {
			if node.computes() {
				n++
			}
		}
		if n > 0 {
			profileStage(s, steps[done:done+n], total[done:done+n])
		}
		done += n
	}
	for _, n := range w.program.order[:w.program.prologue] {
		timed(stage{nodes: []*Node{n}})
	}
	w.prepared = true
	for _, s := range w.program.stages {
		timed(s)
	}
}

// profileStage runs the steps of one stage and adds their times to total.
func profileStage(s stage, steps []step, total []time.Duration) {
	start := time.Now()
	if len(steps) == 1 {
		tensor.Run(steps[0].tasks...)
		total[0] += time.Since(start)
		return
	}
	spent := make([][]time.Duration, tensor.MaxWorkers) // by worker and step
	for i := range spent {
		spent[i] = make([]time.Duration, len(steps))
	}
	tensor.Run(tensor.Task{N: s.images, Do: func(i, worker int) {
		last := time.Now()
		for k := range steps {
			steps[k].tasks[0].Do(i, worker)
			now := time.Now()
			spent[worker][k] += now.Sub(last)
			last = now
		}
	}})
	wall := time.Since(start)
	var sum time.Duration
	for _, times := range spent {
		for _, t := range times {
			sum += t
		}
	}
	for k := range steps {
		var own time.Duration
		for _, times := range spent {
			own += times[k]
		}
		total[k] += time.Duration(float64(wall) * float64(own) / float64(max(sum, 1)))
	}
}
