package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/plot"
	"spdiff/cmd/internal/progress"
	"spdiff/tensor"
)

// A trainRun is a run under way.
type trainRun struct {
	folder  string
	spec    dataSpec
	trainer *spdiff.Trainer
	journal *journal
	steps   int           // to do in all; 0: until the time is over
	budget  time.Duration // of this call
	first   int           // steps done before this call
	started time.Time
	before  float64 // seconds of training before this call
}

// begin makes a new run, or opens the one to go on with.
func begin(o *options) (*trainRun, error) {
	tensor.SetWorkers(o.threads)
	r := &trainRun{steps: o.steps, budget: time.Duration(o.minutes * float64(time.Minute))}
	if r.steps > 0 {
		r.budget = 0
	}
	if o.resume != "" {
		return r, r.open(o)
	}
	return r, r.create(o)
}

func (r *trainRun) create(o *options) error {
	c, err := o.config()
	if err != nil {
		return err
	}
	r.spec = dataSpec{o.data, o.limit}
	source, err := r.spec.source()
	if err != nil {
		return err
	}
	if r.trainer, err = spdiff.NewTrainer(c, source); err != nil {
		return err
	}
	if r.folder, err = newFolder(o.out, o.data); err != nil {
		return err
	}
	if err := r.spec.write(r.folder); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(r.folder, configFile), c.JSON()); err != nil {
		return err
	}
	return r.ready()
}

func (r *trainRun) open(o *options) (err error) {
	r.folder = o.resume
	if r.spec, err = readDataSpec(r.folder); err != nil {
		return err
	}
	source, err := r.spec.source()
	if err != nil {
		return err
	}
	if r.trainer, err = spdiff.Resume(r.path(stateFile), source, o.steps); err != nil {
		return err
	}
	if r.steps > 0 && r.trainer.Steps() >= r.steps {
		return usageError{fmt.Errorf("-steps %d: the run has done %d steps already", r.steps, r.trainer.Steps())}
	}
	return r.ready()
}

// source opens the images.
func (s dataSpec) source() (spdiff.Source, error) {
	source, err := dataset.Open(s.Data)
	if err != nil {
		return nil, err
	}
	if s.Limit > 0 {
		source = spdiff.Limit(source, s.Limit)
	}
	return source, nil
}

// ready opens the log and says what the run is about to do.
func (r *trainRun) ready() (err error) {
	if err := os.MkdirAll(r.path(samplesDir), 0o755); err != nil {
		return err
	}
	r.first = r.trainer.Steps()
	if r.journal, err = openJournal(r.path(logFile), r.first); err != nil {
		return err
	}
	r.before = r.journal.seconds()
	r.announce()
	return nil
}

func (r *trainRun) path(name string) string { return filepath.Join(r.folder, name) }

func (r *trainRun) announce() {
	c := r.trainer.Config()
	source, _ := r.spec.source()
	h, w, ch := source.Shape()
	turned := ""
	if c.Rotate {
		turned += fmt.Sprintf(", each moved once by a random element of %v", c.Group)
	}
	if c.Augment {
		turned += fmt.Sprintf(", moved by a fresh element of %v at each draw", c.Group)
	}
	fmt.Printf("train: %s, %d images of %v%s\n", r.spec.Data, source.Len(), tensor.Shape{h, w, ch}, turned)
	fmt.Printf("model: U-Net, %s over %v, %.2f million parameters; predicts %v, %v schedule\n",
		c.Method, c.Group, float64(c.Network.Parameters())/1e6, c.Predict, c.Schedule)
	until := fmt.Sprintf("%v", r.budget)
	if r.steps > 0 {
		until = fmt.Sprintf("until step %d", r.steps)
	}
	if r.first > 0 {
		until = fmt.Sprintf("from step %d, %s", r.first, until)
	}
	fmt.Printf("run: %s, batch %d, %d threads, %s, seed %d, into %s\n", until, c.Batch, tensor.Workers(), asm.ISA(), c.Seed, r.folder)
}

// every is how many steps a line of the log stands for.
const every = 10

// saves is the time between two saves of the state.
const saves = 2 * time.Minute

// train makes steps until the time, the steps or the user's patience are over, then saves.
func (r *trainRun) train(ctx context.Context) error {
	r.started = time.Now()
	p := progress.New(os.Stdout, progress.Goal{Steps: r.steps, Done: r.first, Time: r.budget, Images: r.trainer.Config().Batch})
	saved := r.started
	show := r.started.Add(firstGrid)
	var m mean
	err := r.each(ctx, func(s spdiff.Step) error {
		m.add(s)
		if s.Number%every == 0 {
			e := m.entry(r.before + time.Since(r.started).Seconds())
			p.Update(s.Number, e.Loss)
			if err := r.journal.add(e); err != nil {
				return err
			}
		}
		if now := time.Now(); now.After(show) {
			path, err := r.show(ctx, 36, 25)
			if err != nil {
				return err
			}
			p.Note("samples: " + path)
			show = r.started.Add(time.Duration(1.5 * float64(time.Since(r.started))))
		}
		if time.Since(saved) > saves {
			saved = time.Now()
			return r.save()
		}
		return nil
	})
	p.Finish()
	return r.end(ctx, err)
}

// firstGrid is when the first samples are drawn; each next grid comes after half as much again.
const firstGrid = 40 * time.Second

// each makes steps and calls do after each.
func (r *trainRun) each(ctx context.Context, do func(spdiff.Step) error) error {
	for r.steps == 0 || r.trainer.Steps() < r.steps {
		if ctx.Err() != nil || r.budget > 0 && time.Since(r.started) > r.budget {
			return ctx.Err()
		}
		s, err := r.trainer.Step()
		if err != nil {
			return err
		}
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// show draws a grid of samples from a fixed seed, and the loss.
func (r *trainRun) show(ctx context.Context, n, steps int) (string, error) {
	z, err := r.trainer.Model().Sample(ctx, spdiff.Sampling{N: n, Steps: steps})
	if err != nil {
		return "", err
	}
	path := filepath.Join(r.path(samplesDir), fmt.Sprintf("step-%06d.png", r.trainer.Steps()))
	s := z.Shape()
	if err := grid.Write(path, z.Data(), s[0], s[1], s[2], s[3]); err != nil {
		return "", err
	}
	steps2, losses := r.journal.losses()
	if len(losses) < 2 {
		return path, nil
	}
	return path, plot.Write(r.path(plotFile), steps2, losses)
}

// save writes the state and the model.
func (r *trainRun) save() error {
	if err := r.trainer.Save(r.path(stateFile)); err != nil {
		return err
	}
	return r.trainer.Model().Save(r.path(modelFile))
}

// end saves what there is, draws the last samples, and says what was made and what to do next. A training that diverged
// saves nothing more.
func (r *trainRun) end(ctx context.Context, err error) error {
	var diverged *spdiff.DivergedError
	interrupted := errors.Is(err, context.Canceled)
	if errors.As(err, &diverged) {
		return fmt.Errorf("%w; the run's files are those of the last save, in %s", err, r.folder)
	}
	if err != nil && !interrupted {
		return err
	}
	if err := r.save(); err != nil {
		return err
	}
	fmt.Printf("saved: step %d, %s and %s in %s\n", r.trainer.Steps(), modelFile, stateFile, r.folder)
	var path string
	if !interrupted {
		path, err = r.show(ctx, 64, 50)
		interrupted = errors.Is(err, context.Canceled)
	}
	if interrupted {
		fmt.Printf("next:  go run ./cmd/train -resume %s\n", r.folder)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Printf("made:  %s\n", path)
	if _, err := os.Stat(r.path(plotFile)); err == nil {
		fmt.Printf("made:  %s\n", r.path(plotFile))
	}
	fmt.Printf("next:  go run ./cmd/sample -model %s -n 64 -out grid.png\n", r.path(modelFile))
	return nil
}
