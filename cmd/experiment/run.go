package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/progress"
	"spdiff/tensor"
)

// run is the command: read the flags; then plan, or merge, or do the jobs and report.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	switch {
	case o.merge:
		return merge(o)
	case o.plan:
		return estimate(ctx, o)
	}
	l, err := newLab(ctx, o)
	if err != nil {
		return err
	}
	if err := o.place(); err != nil {
		return err
	}
	begun := time.Now()
	err = l.work(ctx)
	l.sayTimes(time.Since(begun))
	if errors.Is(err, context.Canceled) {
		fmt.Printf("next:  the same command goes on where it was\n")
	}
	if err != nil {
		return err
	}
	if !o.part.Whole() {
		fmt.Printf("next:  when all %d parts are done: %s %s -merge -out %s\n", o.part.Of, cli.Command("experiment"), o.Name, cli.Quoted(o.out))
		return nil
	}
	return report(o)
}

// place makes the folder, and sees that it is this experiment's.
func (o *options) place() error {
	if err := cli.WritableFolder(o.out); err != nil {
		return fmt.Errorf("-out %w", err)
	}
	return o.keep(o.out)
}

// work does the jobs of the part.
func (l *lab) work(ctx context.Context) error {
	jobs := l.jobs()
	from, to := l.part.Share(len(jobs))
	fmt.Printf("experiment: %s, jobs %d to %d of %d, %d threads, %s, into %s\n", l.Name, from+1, to, len(jobs), tensor.Workers(), asm.ISA(), l.out)
	for i := from; i < to; i++ {
		fmt.Printf("\njob %d of %d: %s\n", i+1, len(jobs), jobs[i])
		if err := l.do(ctx, jobs[i]); err != nil {
			return err
		}
	}
	return nil
}

// String names the cells of a job.
func (j job) String() string {
	text := ""
	for i, c := range j {
		if i > 0 {
			text += ", "
		}
		text += c.folder
	}
	return text
}

// sayTimes says what the time went into.
func (l *lab) sayTimes(all time.Duration) {
	s := l.spent
	rest := all - s.training - s.drawing - s.features
	share := func(d time.Duration) float64 { return 100 * d.Seconds() / max(all.Seconds(), 1e-9) }
	fmt.Printf("\ntime:  %s: training %.1f %%, drawing %.1f %%, features %.1f %%, all else %.1f %%\n", progress.Short(all),
		share(s.training), share(s.drawing), share(s.features), share(rest))
}

// made says what was written.
func made(folder string, names ...string) {
	for _, name := range names {
		fmt.Printf("made:  %s\n", filepath.Join(folder, name))
	}
}
