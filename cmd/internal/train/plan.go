package train

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/peak"
	"spdiff/cmd/internal/progress"
	"spdiff/tensor"
)

// plan says what the run would do and cost, and writes nothing. The time is that of two steps, made here and thrown away.
func plan(ctx context.Context, o *options) error {
	r := newRun(o)
	defer r.close()
	fmt.Println("opening the images and making the network; nothing is written")
	prepare := r.prepare
	if o.resume != "" {
		prepare = func(ctx context.Context, o *options) error {
			if err := checkOwn(o.resume); err != nil {
				return err
			}
			_, err := r.load(ctx, o)
			return err
		}
	}
	if err := prepare(ctx, o); err != nil {
		return err
	}
	if r.folder == "" {
		r.folder = "a new folder"
	}
	if o.out != "" {
		if err := cmp.Or(r.checkOutside(o.out), checkFree(o.out)); err != nil {
			return err
		}
		r.folder = o.out
	}
	r.announce()
	if err := r.check(ctx); err != nil {
		return err
	}
	fmt.Println("timing three steps, which are thrown away; Ctrl-C leaves at once")
	step, err := r.timeSteps(ctx)
	if err != nil {
		return err
	}
	r.printCost(step)
	return nil
}

// timeSteps returns how long the faster of two steps takes, after one that touches the memory.
func (r *trainRun) timeSteps(ctx context.Context) (time.Duration, error) {
	best := time.Duration(0)
	for i := range 3 {
		begun := time.Now()
		if _, err := cli.Await(ctx, r.trainer.Step); err != nil {
			r.abandoned = ctx.Err() != nil
			return 0, err
		}
		if took := time.Since(begun); i > 0 && (best == 0 || took < best) {
			best = took
		}
	}
	return best, nil
}

func (r *trainRun) printCost(step time.Duration) {
	const mb = 1e6
	a := r.trainer.about()
	fmt.Printf("parameters: %d\n", a.parameters)
	fmt.Printf("work:       %.3g G multiply-adds a step, forward and backward, counted as if no kernels were tied\n", a.work/1e9)
	fmt.Printf("memory:     %.0f MB, the most that this process has held in the steps just made\n", float64(peak.Memory())/mb)
	fmt.Printf("disk:       %.0f MB a state; two are kept, and a third exists while it is written; the model and the log come on top\n", a.state/mb)
	fmt.Printf("speed:      %s a step (%.1f images/s), the faster of two steps made now on %d threads with %s and thrown away\n",
		progress.Three(step), float64(a.batch)/step.Seconds(), tensor.Workers(), asm.ISA())
	if r.steps > 0 {
		left := r.steps - r.trainer.Steps() + 3 // those three were made to measure
		fmt.Printf("time:       about %s for %d steps at this speed; samples on the way take some more\n", progress.Short(time.Duration(left)*step), left)
		return
	}
	fmt.Printf("time:       %v, as -minutes says: about %.0f steps at this speed\n", r.budget, r.budget.Seconds()/step.Seconds())
}
