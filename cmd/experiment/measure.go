package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"spdiff"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/solvers"
	"spdiff/cmd/internal/train"
)

// A timer is a generator that knows how long it drew, and keeps the first images.
type timer struct {
	spdiff.Generator
	drew  time.Duration
	keep  int
	first []float32
}

// Samples implements spdiff.Generator.
func (t *timer) Samples(ctx context.Context, s spdiff.Sampling) iter.Seq2[spdiff.Drawn, error] {
	return func(yield func(spdiff.Drawn, error) bool) {
		begun := time.Now()
		for d, err := range t.Generator.Samples(ctx, s) {
			t.drew += time.Since(begun)
			if err == nil && t.keep > 0 {
				t.first, t.keep = append(t.first, d.Pixels.Data()...), t.keep-1
			}
			if !yield(d, err) {
				return
			}
			begun = time.Now()
		}
	}
}

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
	if is, err := done(path); is || err != nil {
		return err
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
	return writeJSON(path, r)
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
	statistics, err := l.against(ctx)
	if err != nil {
		return err
	}
	solver, err := solvers.Find(solvers.All, m.solver)
	if err != nil {
		return err
	}
	settings := solvers.Default()
	if m.flow {
		settings = settings.Deterministic()
	}
	t := &timer{Generator: g}
	q := spdiff.Comparison{Generator: t, Statistics: statistics, Extractor: l.network.Extractor, Group: l.experiment.group, Invariant: l.network.Invariant, Folds: l.network.Folds(), Progress: l.shown.Update,
		Sampling: spdiff.Sampling{N: m.samples, Reversal: spdiff.Reversal{Seed: c.seed, Steps: m.evaluations, Solver: solver.Make(settings), Guidance: m.guidance, Batch: 32}}}
	if m.full {
		q.Inverse, q.Classes, q.Orientations = true, l.network.Classes, l.network.Orientations
		t.keep = min(64, m.samples)
	}
	begun := time.Now()
	if r.Quality, err = spdiff.Evaluate(ctx, q); err != nil {
		return err
	}
	r.Drawing, r.Features = t.drew.Seconds(), (time.Since(begun) - t.drew).Seconds()
	l.spent.drawing += t.drew
	l.spent.features += time.Since(begun) - t.drew
	if !m.full {
		return nil
	}
	if err := l.pictures(c, t.first, g); err != nil {
		return err
	}
	return l.residual(ctx, r, q, g)
}

// pictures writes a grid of the first samples, and a strip of some, for the figure of all models.
func (l *lab) pictures(c cell, x []float32, g spdiff.Generator) error {
	h, w, ch := g.Shape()
	folder, n := filepath.Join(l.path(c.folder), measuredDir), len(x)/(h*w*ch)
	if err := grid.Write(filepath.Join(folder, samplesFile), x, n, h, w, ch); err != nil {
		return err
	}
	n = min(n, strip)
	return grid.WriteRows(filepath.Join(folder, stripFile), x[:n*h*w*ch], 1, n, h, w, ch)
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
	q.Generator, q.Statistics, q.Reference, q.Restore = model, nil, spdiff.Limit(l.reference.Source, max(2, l.Restore)), l.Restore
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
