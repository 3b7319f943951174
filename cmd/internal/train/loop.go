package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/events"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/lock"
	"spdiff/cmd/internal/plot"
	"spdiff/cmd/internal/progress"
	"spdiff/cmd/internal/solvers"
)

// every is how many steps a line of the log stands for. The state is saved after such a step alone, or at the end, so that a run
// that was killed goes on with the same lines.
const every = 10

// firstGrid is when the first samples are drawn; each next grid comes after half as much again.
const firstGrid = 40 * time.Second

// train makes steps until the time, the steps or the user's patience are over, then saves. What cannot be written on the way, on
// a disk that is full, is said and tried again later: the training is worth more than its log.
func (r *trainRun) train(ctx context.Context) error {
	r.started = time.Now()
	p := progress.New(os.Stdout, progress.Goal{Steps: r.steps, Done: r.first, Time: r.budget, Images: r.trainer.about().batch})
	plain := r.note
	r.note = p.Note
	saved, show := r.started, r.started.Add(r.shows)
	var m mean
	stop := r.sayInterrupted(ctx)
	defer stop()
	err := r.each(ctx, func(s spdiff.Step) error {
		m.add(s)
		r.fall()
		if err := r.keepModel(); err != nil {
			r.note(fmt.Sprintf("a model is not kept: %s", cli.Brief(advise(err).Error())))
		}
		if time.Now().After(show) {
			r.showNow(ctx)
			show = r.started.Add(time.Duration(1.5 * float64(time.Since(r.started))))
		}
		if s.Number%every != 0 {
			return nil
		}
		p.Update(s.Number, r.log(&m).say())
		if time.Since(saved) >= r.saves {
			saved = time.Now()
			err := r.save()
			var lost *lock.LostError
			if errors.As(err, &lost) {
				return err
			}
			if err != nil {
				r.note(fmt.Sprintf("not saved: %s; the state of step %d is whole; it is tried again in %s", cli.Brief(err.Error()), r.saved, progress.Short(r.saves)))
			}
		}
		return nil
	})
	if m.n > 0 {
		p.Update(r.trainer.Steps(), r.log(&m).say())
	}
	p.Finish()
	r.note = plain // p.Note would draw the last line once more
	return r.end(ctx, err)
}

// showNow shows how far the training is. A failure is said, and no more.
func (r *trainRun) showNow(ctx context.Context) {
	path, err := r.show(ctx, min(r.samples, 36))
	if e := r.measure(ctx); e != nil && ctx.Err() == nil {
		r.note(fmt.Sprintf("not measured: %s", cli.Brief(advise(e).Error())))
	}
	switch {
	case err == nil && path != "":
		r.note("samples: " + path)
	case err != nil && ctx.Err() == nil:
		r.note(fmt.Sprintf("no samples: %v", advise(err)))
	}
}

// log writes an entry of the steps in m. That it could not is said once.
func (r *trainRun) log(m *mean) entry {
	e := m.entry(r.before + time.Since(r.started).Seconds())
	err := r.journal.add(e)
	if err == nil {
		scalars := []events.Scalar{{Name: "speed/steps_per_second", Value: r.journal.speed(r.before)}}
		for _, s := range e.Scalars {
			scalars = append(scalars, events.Scalar{Name: "train/" + s.Name, Value: s.Value})
		}
		err = r.events.Scalars(e.Step, scalars...)
	}
	if err != nil && !r.behind {
		r.note(fmt.Sprintf("not logged yet: %s", cli.Brief(advise(err).Error())))
	}
	r.behind = err != nil
	return e
}

// sayInterrupted says, when the context is cancelled, what happens next: a step may be long.
func (r *trainRun) sayInterrupted(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		fmt.Fprintln(os.Stderr, "\ninterrupted: the run saves what it has not saved yet and leaves, which may take as long as a step; a second signal ends it at once, with the last state saved")
	})
}

// each makes steps and calls do after each.
func (r *trainRun) each(ctx context.Context, do func(spdiff.Step) error) error {
	for r.steps == 0 || r.trainer.Steps() < r.steps {
		if ctx.Err() != nil || r.over() {
			return ctx.Err()
		}
		s, err := r.step(ctx)
		if err != nil {
			return err
		}
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// step makes a step. If all steps before it are saved, an interrupt abandons it; else it is waited for.
func (r *trainRun) step(ctx context.Context) (spdiff.Step, error) {
	if r.saved != r.trainer.Steps() {
		return r.trainer.Step()
	}
	s, err := cli.Await(ctx, r.trainer.Step)
	r.abandoned = err != nil && ctx.Err() != nil
	return s, err
}

// show draws a grid of samples from a fixed seed, if any are wanted, and the loss. It returns the path of the grid.
func (r *trainRun) show(ctx context.Context, n int) (path string, err error) {
	if err := r.lock.Check(); err != nil {
		return "", err
	}
	if n > 0 {
		if path, err = r.draw(ctx, n); err != nil {
			return "", err
		}
	}
	axis := r.trainer.about().loss
	done, losses := r.journal.losses(axis)
	if len(losses) < 2 {
		return path, nil
	}
	return path, plot.Write(r.path(plotFile), axis, done, losses)
}

// drawn is how a run draws n samples, as sample does if nobody tells it how.
func drawn(n int) spdiff.Sampling {
	return spdiff.Sampling{N: n, Reversal: spdiff.Reversal{Solver: solvers.Usually(), Steps: solvers.Evaluations(solvers.Usual)}}
}

// samplesPath returns the file of the samples of this step.
func (r *trainRun) samplesPath() string {
	return filepath.Join(r.path(samplesDir), fmt.Sprintf("step-%06d.png", r.trainer.Steps()))
}

func (r *trainRun) draw(ctx context.Context, n int) (string, error) {
	how := drawn(n)
	how.Guidance = r.guided
	z, err := r.trainer.model().Sample(ctx, how)
	if err != nil {
		return "", err
	}
	if err := r.lock.Check(); err != nil { // the drawing may have taken long
		return "", err
	}
	path := r.samplesPath()
	s := z.Shape()
	if err := grid.Write(path, z.Data(), s[0], s[1], s[2], s[3]); err != nil {
		return "", err
	}
	return path, r.addPicture(path)
}

// addPicture shows a PNG in TensorBoard.
func (r *trainRun) addPicture(path string) error {
	picture, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return r.events.PNG(r.trainer.Steps(), "samples", picture)
}

// save writes the state and the models, after the log of what led to them, into the folder that is this run's.
func (r *trainRun) save() error {
	if err := r.lock.Check(); err != nil {
		return err
	}
	if err := r.syncLogs(); err != nil {
		return advise(err)
	}
	there, err := spdiff.Checkpoints(r.folder)
	if n := r.trainer.Steps(); r.saved != n || err != nil || len(there) > 2 { // a third is one that a killed process had no time to remove
		if err := r.warning(r.trainer.Checkpoint(r.folder)); err != nil {
			return advise(err)
		}
		r.saved = n
	}
	return advise(r.trainer.saveModels(r.path(modelFile), r.warning))
}

// syncLogs waits until what is logged and measured is on the disk.
func (r *trainRun) syncLogs() error {
	err := r.journal.sync()
	if r.watching != nil {
		err = errors.Join(err, r.table.sync())
	}
	return err
}

// end saves what there is, and finishes a run that has done all that it was to do. A training that diverged or collapsed is not saved: its
// files are those of the last save. One that was interrupted ends with the context's error, once it is saved, or unsaved if its step is
// abandoned or if it is a GAN that seems to have collapsed.
func (r *trainRun) end(ctx context.Context, err error) error {
	var diverged *spdiff.DivergedError
	var collapsed *spdiff.CollapsedError
	var lost *lock.LostError
	switch {
	case errors.As(err, &diverged), errors.As(err, &collapsed):
		return fmt.Errorf("%w; the run's files are those of the last save, in %s", err, r.folder)
	case errors.As(err, &lost):
		return fmt.Errorf("%w; nothing was written there since the state of step %d", err, r.saved)
	case r.abandoned:
		return r.leave(ctx, "the step under way is left")
	}
	interrupted := errors.Is(err, context.Canceled)
	if e := r.save(); e != nil {
		if interrupted && errors.As(e, &collapsed) {
			return r.leave(ctx, collapsed.Error())
		}
		if !interrupted {
			e = errors.Join(err, e)
		}
		return fmt.Errorf("%w; the state of step %d is whole: go on with %s", e, r.saved, r.resuming())
	}
	fmt.Printf("saved: step %d, %s and its state, in %s\n", r.trainer.Steps(), modelFile, r.folder)
	if interrupted {
		return r.interrupted(ctx)
	}
	if err != nil {
		return r.withoutDamaged(err)
	}
	return r.finish(ctx)
}

// finish draws the last samples of a run that is saved, measures it, and says what was made and what to do next.
func (r *trainRun) finish(ctx context.Context) error {
	samples := r.samples
	if _, err := os.Stat(r.samplesPath()); err == nil && r.first == r.trainer.Steps() && samples > 0 {
		samples = 0
		r.note("samples: drawn already: " + r.samplesPath())
	}
	path, err := r.show(ctx, samples)
	if err == nil {
		err = r.measure(ctx)
	}
	if errors.Is(err, context.Canceled) {
		r.sayTrained()
		return ctx.Err()
	}
	if err != nil {
		return advise(err)
	}
	if path != "" {
		fmt.Printf("made:  %s\n", path)
	}
	if _, err := os.Stat(r.path(plotFile)); err == nil {
		fmt.Printf("made:  %s\n", r.path(plotFile))
	}
	r.sayTrained()
	return nil
}

// leave ends a run that saves nothing of what it has done since its newest state, and says why. That state has a model.
func (r *trainRun) leave(ctx context.Context, why string) error {
	if r.saved == r.first { // nothing was written in this call, and a call before may have been killed before it wrote its models
		if err := r.exportNewest(); err != nil {
			return err
		}
	}
	fmt.Printf("saved: step %d, by an earlier save, in %s; %s\n", r.saved, r.folder, why)
	return r.interrupted(ctx)
}
