package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/progress"
	"spdiff/cmd/internal/solvers"
	"spdiff/group"
	"spdiff/tensor"
)

// run is the command: read the flags, measure or merge, say what came of it.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	say := io.Writer(os.Stdout)
	if o.json {
		say = os.Stderr
	}
	began := time.Now()
	if o.merge {
		t, err := merged(o.parts)
		if err != nil {
			return err
		}
		fmt.Fprintf(say, "evaluate: %s, of %d parts\n", t.Title(), len(o.parts))
		return o.finish(ctx, say, t, began)
	}
	c, err := o.comparison(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "evaluate: %s%s, %d threads, %s\n", c.Title, o.partText(), tensor.Workers(), asm.ISA())
	for _, n := range o.notes {
		fmt.Fprintln(say, "data:  "+n)
	}
	show := progress.NewStages(say)
	c.Progress = show.Update
	t, err := spdiff.Measure(ctx, c)
	show.Clear()
	if err != nil {
		return err
	}
	if !o.part.Whole() {
		return o.savePart(say, t, began)
	}
	return o.finish(ctx, say, t, began)
}

func (o *options) partText() string {
	if o.part.Whole() {
		return ""
	}
	return fmt.Sprintf(", part %v", o.part)
}

func (o *options) savePart(say io.Writer, t *spdiff.Tally, began time.Time) error {
	path := o.part.Name(o.out)
	if err := t.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(say, "made:   %s, %.1f s\nnext:   when all %d parts are there: %s -merge %s\n",
		path, time.Since(began).Seconds(), o.part.Of, cli.Command("evaluate"), shellPattern(o.out, o.part.Of))
	return nil
}

// merged reads parts and adds them up.
func merged(paths []string) (*spdiff.Tally, error) {
	var all []*spdiff.Tally
	for _, path := range paths {
		t, err := spdiff.LoadTally(path)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return spdiff.MergeTallies(all...)
}

// comparison opens all that the flags name.
func (o *options) comparison(ctx context.Context) (c spdiff.Comparison, err error) {
	if err := o.setSamples(ctx, &c); err != nil {
		return c, err
	}
	r, err := evaluation.OpenReference(ctx, o.reference)
	if err != nil {
		return c, err
	}
	o.note("-reference", r.Source)
	switch c.Reference, c.Statistics = r.Source, r.Statistics; {
	case o.limit > 0 && r.Source == nil:
		return c, cli.Usagef("-limit: -reference %s has statistics alone, and no images to take the first of; leave it out", o.reference)
	case o.limit > 0:
		c.Reference = spdiff.Limit(r.Source, o.limit)
	}
	m := o.measures
	if _, once := c.Generator.(*spdiff.GAN); once && m["all"] {
		m["delta_x0"], m["psnr"], m["ssim"] = false, false, false // a GAN does not denoise
	}
	if m["nearest"] {
		c.Nearest = o.near
		if err := o.pictureIsApart(c.Images, r.Source); err != nil {
			return c, err
		}
	}
	if err := o.setFeatures(&c); err != nil {
		return c, err
	}
	if m["delta_x0"] || m["psnr"] || m["ssim"] {
		c.Restore = o.restore
		c.Denoising = spdiff.Denoising{Start: o.start, Reversal: c.Sampling.Reversal}
		if err := o.checkClasses(c.Generator, r.Source); err != nil {
			return c, err
		}
	}
	c.Part, c.Of = o.part.Index, o.part.Of
	c.Title = o.title(c, r.What)
	return c, nil
}

// pictureIsApart returns an error if the picture would be one of the images that are read.
func (o *options) pictureIsApart(sources ...spdiff.Source) error {
	for _, s := range sources {
		if dataset.Inside(s, o.picture) {
			return cli.Usagef("-picture %s lies among the images that are read, and would be one of them; name another place", o.picture)
		}
	}
	return nil
}

// setFeatures sets what is measured of features, and opens their network if there is anything.
func (o *options) setFeatures(c *spdiff.Comparison) error {
	m := o.measures
	c.Inverse, c.Kernel, c.Cover = m["inv_fd"] && c.Group != group.C1, m["kid"], m["precision"] || m["recall"]
	c.NoDistance = !m["fd"]
	sets := !c.NoDistance || c.Inverse || c.Kernel || c.Cover
	switch {
	case !sets && m["inv_fd"]:
		return cli.Usagef("-measure inv_fd: over C1 there are no turned copies; name a group by -group, as C4")
	case !sets && o.saveStats != "":
		return cli.Usagef("-statistics needs a comparison of features: add -measure fd, inv_fd, kid, precision or recall")
	case !sets && !m["classes"] && o.seeds > 1:
		return cli.Usagef("-seeds needs a measure of all samples: add -measure fd, inv_fd, kid, precision, recall or classes")
	case !sets && !m["classes"]:
		o.n = min(o.n, c.Nearest)
		return nil
	case o.folds > o.n/2:
		return cli.Usagef("-jackknife %d: %d samples make %d parts of two at most; name no more, or take more samples", o.folds, o.n, o.n/2)
	}
	network, err := o.network(*c)
	if err != nil {
		return err
	}
	c.Extractor, c.Invariant = network.Extractor, network.Invariant
	if c.Inverse {
		c.Oriented = network.InverseBy()
	}
	if m["classes"] {
		c.Classes, c.Orientations = network.Classes, network.Orientations
	}
	if m["classes"] && !m["all"] && c.Classes+c.Orientations == 0 {
		return cli.Usagef("-measure classes: the features %s do not tell them", network.Extractor.Name())
	}
	if c.Folds = o.folds; o.folds < 0 {
		c.Folds = network.Folds()
	}
	return nil
}

// checkClasses returns an error if a model with classes is to denoise images whose classes are not known.
func (o *options) checkClasses(g spdiff.Generator, reference spdiff.Source) error {
	m, ok := g.(*spdiff.Model)
	if !ok || reference == nil || !dataset.Unlabelled(reference) {
		return nil
	}
	if err := cli.MissingClass(m, -1, o.guidance, "labels", "-guidance -1"); err != nil {
		return cli.Usagef("-reference %s: its images have no labels, and some are to be denoised; %w", o.reference, err)
	}
	return nil
}

// setSamples opens what is measured.
func (o *options) setSamples(ctx context.Context, c *spdiff.Comparison) error {
	if o.samples != "" {
		s, err := evaluation.OpenImages(ctx, "-samples", o.samples)
		if err != nil {
			return err
		}
		o.note("-samples", s)
		if c.Images, o.what = s, dataset.Describe(s); o.n > 0 {
			c.Images = spdiff.Limit(s, o.n)
		}
		o.n = c.Images.Len()
	} else {
		m, g, err := o.open()
		if err != nil {
			return err
		}
		if _, once := m.(*spdiff.GAN); once {
			if err := o.checkGAN(); err != nil {
				return err
			}
		}
		if o.n == 0 {
			o.n = 10_000
		}
		c.Generator, c.Seeds, c.Group = m, o.seeds, g
		c.Sampling = spdiff.Sampling{N: o.n, Reversal: spdiff.Reversal{Seed: o.seed, First: o.first, Steps: o.steps, Batch: o.batch,
			Solver: o.by.Make(o.settings), Guidance: o.guidance, Precision: o.precision}}
	}
	if o.group != nil {
		c.Group = *o.group
	}
	return nil
}

// open reads the model, and keeps its hash: a training may put another in its place before the title is written.
func (o *options) open() (m spdiff.Generator, g group.Group, err error) {
	m, o.hash, err = checksum.Load(o.model, func(path string) (m spdiff.Generator, err error) {
		m, g, err = evaluation.OpenModel(path, o.as())
		return m, err
	})
	return m, g, err
}

// note keeps what was left out of the images of a flag, and what was inferred, to be said.
func (o *options) note(flag string, images spdiff.Source) {
	for _, n := range dataset.Notes(images) {
		o.notes = append(o.notes, flag+": "+n)
	}
}

// checkGAN returns an error if a flag asks a GAN for what only a diffusion can do.
func (o *options) checkGAN() error {
	for _, name := range slices.Concat([]string{"steps", "solver", "start", "restore", "guidance", "method"}, solvers.Flags()) {
		if o.given[name] {
			return cli.Usagef("-%s: %s is a GAN, which makes an image in one evaluation, and does not denoise", name, o.model)
		}
	}
	return nil
}

// network opens the features: those that were asked for, or those for images of the shape.
func (o *options) network(c spdiff.Comparison) (evaluation.Network, error) {
	if c.Generator == nil {
		h, w, channels := c.Images.Shape()
		return evaluation.OpenFor(o.features, h, w, channels)
	}
	h, w, channels := c.Generator.Shape()
	n, err := evaluation.OpenFor(o.features, h, w, channels)
	if _, denoises := c.Generator.(*spdiff.Model); err != nil && denoises {
		err = fmt.Errorf("%w; -measure delta_x0,psnr,ssim needs no features", err)
	}
	return n, err
}

// title says what is compared, for people and so that parts of other comparisons do not merge: a model by its file's hash.
func (o *options) title(c spdiff.Comparison, reference string) string {
	of := ""
	if c.Statistics == nil {
		of = fmt.Sprintf("%d images of ", c.Reference.Len())
	}
	over := fmt.Sprintf(" over %v", c.Group)
	if c.Statistics != nil {
		over = "" // nobody has said whether turned copies count in them
	}
	against := fmt.Sprintf("against %s%s%s", of, reference, over)
	if c.Extractor != nil {
		against += ", features " + c.Extractor.Name()
	}
	if o.samples != "" {
		return fmt.Sprintf("%d images of %s %s", o.n, o.what, against)
	}
	precision := ""
	if p := c.Sampling.Precision; p != spdiff.DefaultPrecision {
		precision = fmt.Sprintf(", %v", p)
	}
	seeds := fmt.Sprintf("seed %d", o.seed)
	if o.seeds > 1 {
		seeds = fmt.Sprintf("seeds %d to %d", o.seed, o.seed+uint64(o.seeds)-1)
	}
	drawn := fmt.Sprintf("%s %+v, %d steps", o.solver, c.Sampling.Solver, o.steps)
	if _, once := c.Generator.(*spdiff.GAN); once {
		drawn = "one evaluation"
	}
	samples := ""
	if o.n > 0 {
		samples = fmt.Sprintf("%d samples of ", o.n)
	}
	return fmt.Sprintf("%s%s (SHA-256 %s)%s%s, %s, %s %s", samples, filepath.Base(o.model), o.hash[:16], o.otherwise(), precision, drawn, seeds, against)
}

// otherwise says how drawing from a model differs from how it was trained.
func (o *options) otherwise() (text string) {
	if as := o.as(); as != nil {
		text += fmt.Sprintf(", as %v", *as)
	}
	if o.guidance != 0 {
		text += fmt.Sprintf(", guidance %v", o.guidance)
	}
	return text
}
