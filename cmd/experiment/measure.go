package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"spdiff"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/solvers"
	"spdiff/cmd/internal/train"
	"spdiff/tensor/atomicfile"
)

// A kept is a model of a training under way.
type kept struct {
	path    string
	step    int
	minutes float64
}

// measure measures a cell's model, or one that was kept on the way, and writes the record, if there is none yet.
func (l *lab) measure(ctx context.Context, c cell, m measure, k *kept) error {
	folder := l.path(c.folder)
	path := recordPath(folder, m.name)
	if is, err := done(path); err != nil {
		return err
	} else if is {
		return forgetDrawing(folder, m.name) // a kill may have come between the two
	}
	r := record{Cell: c.folder, Measure: m.name, Model: c.model.key, Variant: c.variant, Size: c.size, Images: cmp.Or(c.size, l.images.Len()), Seed: c.seed,
		Solver: m.named(), Evaluations: m.evaluations, Guidance: m.guidance, Distance: l.network.Distance}
	model, as := filepath.Join(l.path(c.folder), modelFile), (*spdiff.Method)(nil) // what the commands of the row have too
	if c.model.of != "" {
		model, as = filepath.Join(l.path(c.of), modelFile), &c.model.as
	}
	if k != nil {
		model, r.Step, r.Minutes = k.path, k.step, k.minutes
	}
	fmt.Printf("measuring: %s, %s\n", c.folder, m.name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	var err error
	if r.Training, err = l.trained(networkOf(c)); err != nil {
		return err
	}
	if r.Commands, err = l.commands(c, m, model, as); err != nil {
		return err
	}
	err = l.fill(ctx, &r, c, m, model, as)
	l.shown.Clear()
	var file *fs.PathError
	if err != nil && r.Training.Ended != "" && ctx.Err() == nil && !errors.As(err, &file) {
		r.Failed, err = err.Error(), nil // what a training that broke off has left may be no model at all
	}
	if err != nil {
		return err
	}
	if err := writeJSON(path, r); err != nil {
		return err
	}
	return forgetDrawing(folder, m.name)
}

// networkOf returns the folder of the training whose weights a cell has.
func networkOf(c cell) string {
	if c.flags == nil {
		return c.of
	}
	return c.folder
}

// fill draws samples, compares them, and denoises.
func (l *lab) fill(ctx context.Context, r *record, c cell, m measure, file string, as *spdiff.Method) error {
	g, _, err := evaluation.OpenModel(file, as)
	if err != nil {
		return err
	}
	q, err := l.comparison(ctx, c, m, file)
	if err != nil {
		return err
	}
	q.Generator = g
	var pictures func(x []float32) error
	if m.full {
		pictures = func(x []float32) error { return l.pictures(c, x, g) }
	}
	if err := l.draw(ctx, r, newDrawing(q, drawingFolder(l.path(c.folder), m.name), pictures)); err != nil || !m.full {
		return err
	}
	return l.residual(ctx, r, q, g)
}

// comparison says what a measure of a cell's model, which is in a file, compares, but for the generator.
func (l *lab) comparison(ctx context.Context, c cell, m measure, file string) (q spdiff.Comparison, err error) {
	q = spdiff.Comparison{Extractor: l.network.Extractor, Group: l.experiment.group, Invariant: l.network.Invariant, Folds: l.network.Folds(), Progress: l.shown.Update}
	if q.Statistics, err = l.against(ctx); err != nil {
		return q, err
	}
	solver, err := solvers.Find(solvers.All, m.solver)
	if err != nil {
		return q, err
	}
	settings := solvers.Default()
	if m.flow {
		settings = settings.Deterministic()
	}
	q.Sampling = spdiff.Sampling{N: m.samples, Reversal: spdiff.Reversal{Seed: c.seed, Steps: m.evaluations, Solver: solver.Make(settings), Guidance: m.guidance, Batch: 32}}
	if m.full {
		q.Inverse, q.Oriented, q.Classes, q.Orientations = true, l.network.InverseBy(), l.network.Classes, l.network.Orientations
	}
	q.Title, err = l.about(c, m, file)
	return q, err
}

// about says all that a drawing depends on: what another model, reference, setting or version has drawn does not go on.
func (l *lab) about(c cell, m measure, file string) (string, error) {
	model, err := checksum.Hash(file)
	if err != nil {
		return "", err
	}
	reference, err := checksum.Hash(filepath.Join(l.out, referenceFile))
	return fmt.Sprintf("%s, seed %d, %+v; model %s, reference %s, features %s, version %s", c.folder, c.seed, m, model, reference, l.network.Name(), spdiff.Version), err
}

// draw draws what is left of the samples, and compares all.
func (l *lab) draw(ctx context.Context, r *record, d *drawing) error {
	if n := d.parts(); n > 0 {
		fmt.Printf("going on: %d of %d parts are there\n", n, d.comparison.Of)
	}
	for d.parts() < d.comparison.Of {
		s, err := d.next(ctx)
		l.spent.drawing += s.Drawing
		l.spent.features += s.Features
		if err != nil {
			return err
		}
	}
	begun := time.Now()
	var err error
	r.Quality, err = d.tally.Quality(ctx)
	last, all := time.Since(begun), d.total()
	l.spent.features += last
	r.Drawing, r.Features = all.Drawing.Seconds(), (all.Features + last).Seconds()
	return err
}

// pictures writes a grid of the first samples, and a strip of some, for the figure of all models.
func (l *lab) pictures(c cell, x []float32, g spdiff.Generator) error {
	h, w, ch := g.Shape()
	folder, n := filepath.Join(l.path(c.folder), measuredDir), len(x)/(h*w*ch)
	if err := atomicfile.Written(grid.Write(filepath.Join(folder, samplesFile), x, n, h, w, ch)); err != nil {
		return err
	}
	n = min(n, strip)
	return atomicfile.Written(grid.WriteRows(filepath.Join(folder, stripFile), x[:n*h*w*ch], 1, n, h, w, ch))
}

// strip is how many samples of a model figure 5 shows.
const strip = 10

// residual measures Δx₀, of models that denoise.
func (l *lab) residual(ctx context.Context, r *record, q spdiff.Comparison, g spdiff.Generator) error {
	model, ok := g.(*spdiff.Model)
	if !ok || l.Restore == 0 {
		return nil
	}
	begun := time.Now()
	defer func() { l.spent.drawing += time.Since(begun) }()
	q.Generator, q.Statistics, q.Reference, q.Restore = model, nil, spdiff.Limit(l.reference.Source, l.Restore), l.Restore
	q.NoDistance, q.Denoising = true, spdiff.Denoising{Reversal: q.Sampling.Reversal}
	q.Inverse, q.Classes, q.Orientations = false, 0, 0
	quality, err := spdiff.Evaluate(ctx, q)
	r.Deltax = quality.Residual
	return err
}

var keptName = regexp.MustCompile(`^step-(\d+)\.safetensors$`)

// measureKept measures the points of the curve over minutes.
func (l *lab) measureKept(ctx context.Context, c cell) error {
	all, err := l.kept(c)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("%s: trained by a call without this curve, or elsewhere; no model of the way is here\n", networkOf(c))
		return nil
	}
	if err != nil {
		return err
	}
	for _, k := range all {
		if err := l.measure(ctx, c, l.point(k.step), &k); err != nil {
			return err
		}
	}
	return nil
}

// kept returns the models that a training kept, but those of its first thirtieth, and the one that it ended with, which may be there twice;
// an fs.ErrNotExist if it kept none.
func (l *lab) kept(c cell) (all []kept, err error) {
	folder := l.path(networkOf(c))
	p, err := train.Look(folder)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Join(folder, "models"))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		match := keptName.FindStringSubmatch(e.Name())
		if match == nil {
			continue
		}
		step, err := strconv.Atoi(match[1])
		if err != nil || 30*step < p.Steps || step > p.Steps { // of a training that broke off, some are later than its last state
			continue
		}
		all = append(all, kept{filepath.Join(folder, "models", e.Name()), step, p.Seconds(step) / 60})
	}
	return append(all, kept{filepath.Join(folder, modelFile), p.Steps, p.Seconds(p.Steps) / 60}), nil
}
