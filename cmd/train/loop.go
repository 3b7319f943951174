package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/cmd/internal/events"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/plot"
	"spdiff/cmd/internal/progress"
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
	p := progress.New(os.Stdout, progress.Goal{Steps: r.steps, Done: r.first, Time: r.budget, Images: r.trainer.Config().Batch})
	saved, show := r.started, r.started.Add(firstGrid)
	var m mean
	err := r.each(ctx, func(s spdiff.Step) {
		m.add(s)
		if time.Now().After(show) {
			r.showNow(ctx, p)
			show = r.started.Add(time.Duration(1.5 * float64(time.Since(r.started))))
		}
		if s.Number%every != 0 {
			return
		}
		p.Update(s.Number, r.log(&m, p.Note).say())
		if time.Since(saved) >= r.saves {
			saved = time.Now()
			if err := r.save(); err != nil {
				p.Note(fmt.Sprintf("not saved: %v; the state of step %d is whole; it is tried again in %s", err, r.saved, progress.Short(r.saves)))
			}
		}
	})
	if m.n > 0 {
		p.Update(r.trainer.Steps(), r.log(&m, p.Note).say())
	}
	p.Finish()
	return r.end(ctx, err)
}

// showNow shows how far the training is. A failure is said, and no more.
func (r *trainRun) showNow(ctx context.Context, p *progress.Progress) {
	path, err := r.show(ctx, min(r.samples, 36), 25)
	switch {
	case err == nil && path != "":
		p.Note("samples: " + path)
	case err != nil && ctx.Err() == nil:
		p.Note(fmt.Sprintf("no samples: %v", advise(err)))
	}
}

// log writes an entry of the steps in m. That it could not is said once.
func (r *trainRun) log(m *mean, note func(string)) entry {
	e := m.entry(r.before + time.Since(r.started).Seconds())
	err := r.journal.add(e)
	if err == nil {
		err = r.events.Scalars(e.Step, events.Scalar{Name: "train/loss", Value: e.Loss}, events.Scalar{Name: "train/norm", Value: e.Norm},
			events.Scalar{Name: "train/rate", Value: e.Rate}, events.Scalar{Name: "speed/steps_per_second", Value: r.journal.speed(r.before)})
	}
	if err != nil && !r.behind {
		note(fmt.Sprintf("not logged yet: %v", advise(err)))
	}
	r.behind = err != nil
	return e
}

// each makes steps and calls do after each.
func (r *trainRun) each(ctx context.Context, do func(spdiff.Step)) error {
	for r.steps == 0 || r.trainer.Steps() < r.steps {
		if ctx.Err() != nil || r.budget > 0 && time.Since(r.started) > r.budget {
			return ctx.Err()
		}
		s, err := r.trainer.Step()
		if err != nil {
			return err
		}
		do(s)
	}
	return nil
}

// show draws a grid of samples from a fixed seed, if any are wanted, and the loss. It returns the path of the grid.
func (r *trainRun) show(ctx context.Context, n, steps int) (path string, err error) {
	if n > 0 {
		if path, err = r.draw(ctx, n, steps); err != nil {
			return "", err
		}
	}
	done, losses := r.journal.losses()
	if len(losses) < 2 {
		return path, nil
	}
	return path, plot.Write(r.path(plotFile), done, losses)
}

func (r *trainRun) draw(ctx context.Context, n, steps int) (string, error) {
	z, err := r.trainer.Model().Sample(ctx, spdiff.Sampling{N: n, Reversal: spdiff.Reversal{Steps: steps}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(r.path(samplesDir), fmt.Sprintf("step-%06d.png", r.trainer.Steps()))
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

// save writes the state and the model, after the log of what led to them.
func (r *trainRun) save() error {
	if err := r.journal.sync(); err != nil {
		return advise(err)
	}
	var left *spdiff.LeftoverError // a warning: the next save tries again
	if err := r.trainer.Checkpoint(r.folder); err != nil && !errors.As(err, &left) {
		return advise(err)
	}
	r.saved = r.trainer.Steps()
	return advise(r.trainer.Model().Save(r.path(modelFile)))
}

// end saves what there is, draws the last samples, and says what was made and what to do next. A training that failed, or
// diverged, has its state still, and saves it no more where it is saved already.
func (r *trainRun) end(ctx context.Context, err error) error {
	var diverged *spdiff.DivergedError
	interrupted := errors.Is(err, context.Canceled)
	if errors.As(err, &diverged) {
		return fmt.Errorf("%w; the run's files are those of the last save, in %s", err, r.folder)
	}
	if e := r.save(); e != nil {
		return fmt.Errorf("%w; the state of step %d is whole: go on with -resume %s", errors.Join(err, e), r.saved, r.folder)
	}
	fmt.Printf("saved: step %d, %s and its state, in %s\n", r.trainer.Steps(), modelFile, r.folder)
	if err != nil && !interrupted {
		return err
	}
	var path string
	if !interrupted {
		path, err = r.show(ctx, r.samples, 50)
		interrupted = errors.Is(err, context.Canceled)
	}
	if interrupted {
		fmt.Printf("next:  go run ./cmd/train -resume %s\n", r.folder)
		return nil
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
	fmt.Printf("next:  go run ./cmd/sample -model %s -n 64 -out grid.png\n", r.path(modelFile))
	return nil
}
