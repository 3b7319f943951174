package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/progress"
	"spdiff/cmd/internal/train"
	"spdiff/group"
	"spdiff/tensor"
)

// A cost is what a kind of cell takes.
type cost struct {
	train.Description
	draw time.Duration // of an image, an evaluation
	once bool          // an image is one evaluation
}

// estimate says what there is to do, how long it takes and how much room, and writes nothing.
func estimate(ctx context.Context, o *options) error {
	l, err := newLab(ctx, o)
	if err != nil {
		return err
	}
	if err := o.fit(o.out); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	jobs := l.jobs()
	fmt.Printf("experiment: %s: %s\n", o.Name, o.experiment.what)
	fmt.Printf("images: %s, sizes %s; reference %s; features %s, distances are called %s\n", o.Data, o.sizes.String(), l.reference.What, l.network.Name(), l.network.Distance)
	fmt.Printf("timing each kind of training here, on %d threads with %s; what is made is thrown away; Ctrl-C leaves at once\n\n", tensor.Workers(), asm.ISA())
	from, to := o.part.Share(len(jobs))
	costs, err := l.costs(ctx, jobs[from:to])
	if err != nil {
		return err
	}
	if err := l.timeFeatures(ctx); err != nil {
		return err
	}
	long, room := l.list(jobs, costs)
	fmt.Printf("\njobs:   %d; one a process: -shard I/%d, I from 0\n", to-from, len(jobs))
	fmt.Printf("time:   about %s for what is left of them, one after another\n", short(long))
	fmt.Printf("disk:   about %.0f MB more, into %s; nothing is written now\n", room/1e6, o.out)
	return nil
}

// short is progress.Short of seconds, of which there may be more than a Duration has.
func short(seconds float64) string {
	const most = 1 << 33 // 272 years
	return progress.Short(time.Duration(min(seconds, most) * float64(time.Second)))
}

// list prints the jobs of this part, and returns how many seconds what is left of them takes, and how many bytes it adds.
func (l *lab) list(jobs []job, costs map[string]cost) (long, room float64) {
	if !has(filepath.Join(l.out, referenceFile)) {
		long = l.looking(l.reference.Source.Len(), true)
		fmt.Printf("\nthe reference's features: %s, once\n", short(long))
	}
	fmt.Println()
	from, to := l.part.Share(len(jobs))
	for i, j := range jobs[from:to] {
		if !l.remains(j) {
			fmt.Printf("job %3d  done                %s\n", from+i, j)
			continue
		}
		t, r := l.priced(j, costs)
		long, room = long+t, room+r
		fmt.Printf("job %3d  %-8s %6.0f MB  %s\n", from+i, short(t), r/1e6, j)
	}
	return long, room
}

// kind is what cells of one cost have in common.
func kind(c cell) string { return c.model.key + " " + c.variant }

// costs times each kind of cell of which something is left, once.
func (l *lab) costs(ctx context.Context, jobs []job) (map[string]cost, error) {
	all := map[string]cost{}
	for _, j := range jobs {
		if !l.remains(j) {
			continue
		}
		var base cost
		for _, c := range j {
			k, ok := all[kind(c)]
			if !ok {
				var err error
				if k, err = l.cost(ctx, c, base); err != nil {
					return nil, fmt.Errorf("%s: %w", c.folder, err)
				}
				all[kind(c)] = k
			}
			if c.flags != nil {
				base = k
			}
		}
	}
	for name, k := range all {
		k.Generator = nil
		all[name] = k
	}
	return all, nil
}

// cost times a cell and says what it takes; base is the cost of the training whose weights it has, if it has none of its own.
func (l *lab) cost(ctx context.Context, c cell, base cost) (k cost, err error) {
	k = base
	switch {
	case c.flags != nil:
		k.Description, err = train.Describe(ctx, append(c.flags[:len(c.flags):len(c.flags)], "-threads", fmt.Sprint(l.threads)))
	case c.model.of != "":
		k.Generator, err = k.Generator.(*spdiff.Model).As(c.model.as)
	}
	if err == nil {
		err = k.time(ctx)
	}
	if err == nil {
		l.say(k, c)
	}
	return k, err
}

// time draws a few images.
func (k *cost) time(ctx context.Context) error {
	const n, steps = 16, 2
	evaluations := steps
	if _, k.once = k.Generator.(*spdiff.GAN); k.once {
		evaluations = 1
	}
	begun := time.Now()
	_, err := cli.Await(ctx, func() (int, error) {
		for _, err := range k.Generator.Samples(ctx, spdiff.Sampling{N: n, Reversal: spdiff.Reversal{Steps: steps, Batch: n}}) {
			if err != nil {
				return 0, err
			}
		}
		return n, nil
	})
	k.draw = time.Since(begun) / time.Duration(n*evaluations)
	return err
}

// say says what a kind of cell takes.
func (l *lab) say(k cost, c cell) {
	name := c.model.name
	if v, ok := variantOf(c.variant); ok {
		name += ", " + v.name
	}
	if c.flags == nil {
		fmt.Printf("%s: of the training of %s; %s an image and evaluation\n", name, parent(c.model).name, progress.Three(k.draw))
		return
	}
	steps := l.Steps
	if steps == 0 {
		steps = int(l.Minutes * float64(time.Minute) / float64(k.Step))
	}
	fmt.Printf("%s: %s; %s a step of %d images, so %d steps; %s an image and evaluation\n", name, k.Model, progress.Three(k.Step), k.Batch, steps, progress.Three(k.draw))
	if k.Warning != "" {
		fmt.Printf("warning: %s\n", k.Warning)
	}
}

// priced returns how many seconds what is left of a job takes, and how many bytes it adds.
func (l *lab) priced(j job, costs map[string]cost) (all, room float64) {
	for _, c := range j {
		k, left := costs[kind(c)], l.left(c)
		weights := 4 * float64(k.Parameters)
		if !has(filepath.Join(l.path(c.folder), modelFile)) {
			room += weights
		}
		if left.trains {
			all += l.rest(c, k)
			room += 2*k.StateBytes + 1e5
			if c.minutes {
				room += 12 * weights
			}
		}
		for _, m := range left.measures {
			all += l.measuring(k, m, undrawn(l.path(c.folder), m))
		}
	}
	return all, room
}

// rest returns how many seconds what is left of a training takes.
func (l *lab) rest(c cell, k cost) float64 {
	p, err := train.Look(l.path(c.folder))
	if err != nil { // it has not begun
		p = train.Progress{}
	}
	if l.Steps > 0 {
		return float64(max(0, l.Steps-p.Steps)) * k.Step.Seconds()
	}
	return max(0, 60*l.Minutes-p.Seconds(p.Steps))
}

// timeFeatures times the feature network, on a few images.
func (l *lab) timeFeatures(ctx context.Context) error {
	const n = 32
	h, w, c := l.reference.Source.Shape()
	begun := time.Now()
	_, err := l.network.Extractor.Of(ctx, tensor.New(n, h, w, c))
	l.look = time.Since(begun) / n
	return err
}

// looking returns how many seconds the features of n images take, of their turned copies too where a network tells these apart.
func (l *lab) looking(n int, turned bool) float64 {
	all := float64(n) * l.look.Seconds()
	if turned && l.network.Invariant == group.C1 {
		all *= float64(l.experiment.group.Order())
	}
	return all
}

// inverting returns how many seconds those features of n images take that Inv-FID has of its own, about as long a copy as the others.
func (l *lab) inverting(n int) float64 {
	if l.network.InverseBy() == nil {
		return 0
	}
	return float64(n*l.experiment.group.Order()) * l.look.Seconds()
}

// measuring returns how many seconds a measure takes of which a share is left to draw: samples, their features, and the images of Δx₀,
// which are denoised and, turned, once more.
func (l *lab) measuring(k cost, m measure, share float64) float64 {
	all := k.drawing(m) + l.looking(m.samples, m.full)
	if m.full {
		all += l.inverting(m.samples)
	}
	all *= share
	if m.full && !k.once {
		all += 2 * float64(l.Restore) * float64(m.evaluations) * k.draw.Seconds()
	}
	return all
}

// drawing returns how many seconds the samples of a measure take.
func (k cost) drawing(m measure) float64 {
	all := float64(m.samples) * k.draw.Seconds()
	if !k.once {
		all *= float64(m.evaluations)
	}
	if m.guidance != 0 {
		all *= 2
	}
	return all
}
