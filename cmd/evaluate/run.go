package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/progress"
	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
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
		return o.finish(say, t, began)
	}
	c, err := o.comparison()
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "evaluate: %s%s, %d threads, %s\n", c.Title, o.partText(), tensor.Workers(), asm.ISA())
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
	return o.finish(say, t, began)
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
	fmt.Fprintf(say, "made:   %s, %.1f s\nnext:   when all %d parts are there: go run ./cmd/evaluate -merge %s\n",
		path, time.Since(began).Seconds(), o.part.Of, shellPattern(o.out, o.part.Of))
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
func (o *options) comparison() (c spdiff.Comparison, err error) {
	if err := o.setSamples(&c); err != nil {
		return c, err
	}
	r, err := evaluation.OpenReference(o.reference)
	if err != nil {
		return c, err
	}
	if c.Reference, c.Statistics = r.Source, r.Statistics; o.limit > 0 && r.Source != nil {
		c.Reference = spdiff.Limit(r.Source, o.limit)
	}
	network, err := o.network(c)
	if err != nil {
		return c, err
	}
	c.Extractor, c.Invariant = network.Extractor, network.Invariant
	m := o.measures
	if _, once := c.Generator.(*spdiff.GAN); once && m["all"] {
		m["delta_x0"], m["psnr"], m["ssim"] = false, false, false // a GAN does not denoise
	}
	if m["classes"] {
		c.Classes, c.Orientations = network.Classes, network.Orientations
	}
	c.Inverse, c.Kernel, c.Cover = m["inv_fd"] && c.Group != group.C1, m["kid"], m["precision"] || m["recall"]
	if m["nearest"] {
		c.Nearest = o.near
	}
	if m["delta_x0"] || m["psnr"] || m["ssim"] {
		c.Restore = o.restore
		c.Denoising = spdiff.Denoising{Start: o.start, Reversal: c.Sampling.Reversal}
		if err := o.checkClasses(c.Generator, r.Source); err != nil {
			return c, err
		}
	}
	if c.Folds = o.folds; o.folds < 0 {
		c.Folds = network.Folds()
	}
	c.Part, c.Of = o.part.Index, o.part.Of
	title, err := o.title(c, r.What)
	c.Title = title
	return c, err
}

// checkClasses returns an error if images are to be denoised of whose class nobody tells a model that has classes.
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
func (o *options) setSamples(c *spdiff.Comparison) error {
	if o.samples != "" {
		s, err := evaluation.OpenImages("-samples", o.samples)
		if err != nil {
			return err
		}
		if c.Images, o.what = s, dataset.Describe(s); o.n > 0 {
			c.Images = spdiff.Limit(s, o.n)
		}
	} else {
		m, g, err := evaluation.OpenModel(o.model, o.as())
		if err != nil {
			return err
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

// network opens the features: those that were asked for, or those for images of the shape.
func (o *options) network(c spdiff.Comparison) (evaluation.Network, error) {
	if c.Generator == nil {
		h, w, channels := c.Images.Shape()
		return evaluation.OpenFor(o.features, h, w, channels)
	}
	h, w, channels := c.Generator.Shape()
	return evaluation.OpenFor(o.features, h, w, channels)
}

// title says what is compared, for people and so that parts of other comparisons do not merge: a model by its file's hash.
func (o *options) title(c spdiff.Comparison, reference string) (string, error) {
	of := ""
	if c.Statistics == nil {
		of = fmt.Sprintf("%d images of ", c.Reference.Len())
	}
	over := fmt.Sprintf(" over %v", c.Group)
	if c.Statistics != nil {
		over = "" // nobody has said whether turned copies count in them
	}
	against := fmt.Sprintf("against %s%s%s, features %s", of, reference, over, c.Extractor.Name())
	if o.samples != "" {
		return fmt.Sprintf("%d images of %s %s", c.Images.Len(), o.what, against), nil
	}
	hash, err := fileHash(o.model)
	precision := ""
	if p := c.Sampling.Precision; !p.IsZero() {
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
	return fmt.Sprintf("%d samples of %s (SHA-256 %s)%s%s, %s, %s %s", o.n, filepath.Base(o.model), hash, o.otherwise(), precision, drawn, seeds, against), err
}

// otherwise says in what a model is drawn from otherwise than as it was trained.
func (o *options) otherwise() (text string) {
	if as := o.as(); as != nil {
		text += fmt.Sprintf(", as %v", *as)
	}
	if o.guidance != 0 {
		text += fmt.Sprintf(", guidance %v", o.guidance)
	}
	return text
}

// fileHash returns the beginning of a file's SHA-256.
func fileHash(path string) (string, error) {
	f, _, err := atomicfile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), err
}
