package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/progress"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/metrics"
)

// A lab is where cells are made: the reference, its features, and what time went into what.
type lab struct {
	*options
	images     spdiff.Source // of -data
	reference  evaluation.Reference
	network    evaluation.Network
	statistics *metrics.Statistics // of the reference; nil until they are needed
	shown      *progress.Stages
	look       time.Duration // that the features of an image take, for -n
	spent      struct{ training, drawing, features time.Duration }
}

// newLab opens the reference and checks all that can be checked before the first training.
func newLab(ctx context.Context, o *options) (l *lab, err error) {
	l = &lab{options: o, shown: progress.NewStages(os.Stdout)}
	if l.reference, err = cli.Await(ctx, func() (evaluation.Reference, error) { return evaluation.OpenReference(ctx, o.Reference) }); err != nil {
		return nil, err
	}
	if l.reference.Source == nil {
		return nil, cli.Usagef("-reference %s: these are statistics alone, and Δx₀ needs images; name images, as -reference %s", o.Reference, o.Data)
	}
	if l.images, err = cli.Await(ctx, func() (spdiff.Source, error) { return evaluation.OpenImages(ctx, "-data", o.Data) }); err != nil {
		return nil, err
	}
	if n := l.reference.Source.Len(); n < 2 {
		return nil, cli.Usagef("-reference %s: it has %d image, and a distance is to 2 or more", o.Reference, n)
	}
	if o.Images, err = cli.Await(ctx, l.identities); err != nil {
		return nil, err
	}
	for _, n := range o.sizes {
		if n > l.images.Len() {
			return nil, cli.Usagef("-sizes %s: %s has %d images; -sizes all takes all of them", o.sizes.String(), o.Data, l.images.Len())
		}
	}
	h, w, c := l.images.Shape()
	if rh, rw, rc := l.reference.Source.Shape(); rh != h || rw != w || rc != c {
		return nil, cli.Usagef("-reference %s: its images are %d×%d×%d, and those of -data %d×%d×%d; they must be of one size", o.Reference, rh, rw, rc, h, w, c)
	}
	if l.network, err = evaluation.OpenFor(o.Features, h, w, c); err != nil {
		return nil, err
	}
	return l, l.checkTrainings()
}

func (l *lab) path(folder string) string { return filepath.Join(l.out, filepath.FromSlash(folder)) }

// do does a job: its training, then all that is measured.
func (l *lab) do(ctx context.Context, j job) error {
	for _, c := range j {
		if err := l.make(ctx, c); err != nil {
			if errors.Is(err, context.Canceled) {
				return err
			}
			return fmt.Errorf("%s: %w", c.folder, err)
		}
	}
	return nil
}

// make makes a cell.
func (l *lab) make(ctx context.Context, c cell) error {
	do := l.train
	if c.flags == nil {
		do = l.derive
	}
	if err := do(ctx, c); err != nil {
		return err
	}
	for _, m := range c.measures {
		if err := l.measure(ctx, c, m, nil); err != nil {
			return err
		}
	}
	if c.minutes {
		return l.measureKept(ctx, c)
	}
	return nil
}

// derive writes the model of a cell that has no training of its own: the network of another cell as a model of another method, or the
// last weights of its training.
func (l *lab) derive(ctx context.Context, c cell) error {
	folder := l.path(c.folder)
	path := filepath.Join(folder, modelFile)
	if is, err := done(path); is || err != nil || len(l.left(c).measures) == 0 {
		return err
	}
	if err := l.here(c); err != nil {
		return err
	}
	m, err := spdiff.Load(filepath.Join(l.path(c.of), modelFile))
	if err == nil && c.model.of != "" {
		m, err = m.As(c.model.as)
	}
	if err == nil {
		err = os.MkdirAll(folder, 0o777)
	}
	if err == nil {
		err = atomicfile.PutFile(filepath.Join(folder, "config.json"), m.Config().JSON())
	}
	if err != nil {
		return err
	}
	if c.model.of == "" {
		return l.runTrain(ctx, l.lastWeights(c))
	}
	return atomicfile.Written(m.Save(path))
}

// lastWeights returns the arguments of train that write the last weights of the training of another cell as the model of a cell.
func (l *lab) lastWeights(c cell) []string {
	return []string{"-resume", l.path(c.of), "-model", filepath.Join(l.path(c.folder), modelFile), "-average", "0"}
}

// against returns the statistics of the reference, which are computed once for an experiment and kept in its folder.
func (l *lab) against(ctx context.Context) (*metrics.Statistics, error) {
	if l.statistics != nil {
		return l.statistics, nil
	}
	path := filepath.Join(l.out, referenceFile)
	s, err := metrics.LoadStatistics(path)
	if errors.Is(err, os.ErrNotExist) {
		begun := time.Now()
		s, err = spdiff.Comparison{Reference: l.reference.Source, Extractor: l.network.Extractor, Group: l.experiment.group,
			Invariant: l.network.Invariant, Progress: l.shown.Update}.Against(ctx)
		l.shown.Clear()
		l.spent.features += time.Since(begun)
		if err == nil {
			err = atomicfile.Written(s.Save(path))
		}
	}
	if err == nil {
		l.statistics = s
	}
	return s, err
}
