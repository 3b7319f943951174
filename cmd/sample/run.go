package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/progress"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// run is the command: read the flags, load the model, draw, write.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	m, err := o.load()
	if err == nil {
		o.class, err = cli.Class(o.className, classNames(m), m.Classes())
	}
	if err != nil {
		return err
	}
	for _, f := range [][2]string{{"out", o.out}, {"trajectory", o.trajectory}} {
		if err := place(f[1]); err != nil {
			return fmt.Errorf("-%s %w", f[0], err)
		}
	}
	images, err := o.newSink(m, o.record(m))
	if err != nil {
		return err
	}
	o.announce(m)
	way := newStrip(o, m)
	if err := o.draw(ctx, m, way, images); err != nil {
		return err
	}
	return way.write(o.trajectory)
}

// load reads the model, as one of the method that is asked for.
func (o *options) load() (drawer, error) {
	g, hash, err := checksum.Load(o.model, spdiff.LoadGenerator)
	if err != nil {
		return nil, err
	}
	o.hash = hash
	if a, is := g.(*spdiff.GAN); is {
		return a, o.checkGAN()
	}
	m := g.(*spdiff.Model)
	if !o.given["method"] {
		return m, nil
	}
	if m, err = m.As(o.as); err != nil {
		return nil, cli.Usagef("-method %v: %w", o.as, err)
	}
	return m, nil
}

// classNames returns the names that a model's classes had in training, if it knows them.
func classNames(m drawer) []string {
	if a, is := m.(*spdiff.GAN); is {
		return a.Config().ClassNames
	}
	return m.(*spdiff.Model).Config().ClassNames
}

// A drawer is a model that draws images: a diffusion or a GAN.
type drawer interface {
	spdiff.Generator
	Parameters() int
}

// checkGAN returns an error if a flag asks a GAN for what only a diffusion can do.
func (o *options) checkGAN() error {
	if name := cli.NotAmong(o.given, ganFlags); name != "" {
		return cli.Usagef("-%s: %s is a GAN, which makes an image in one evaluation; it takes -%s alone", name, o.model, strings.Join(ganFlags, ", -"))
	}
	o.steps = 1
	return nil
}

// ganFlags are those that mean something for a GAN.
var ganFlags = []string{"model", "n", "first", "seed", "out", "uint8", "class", "batch", "precision", "threads", "shard", "shards"}

// products returns the precision of the network's products.
func (o *options) products(m drawer) spdiff.Precision {
	if a, is := m.(*spdiff.GAN); is {
		return o.precision.Or(a.Config().Precision)
	}
	return o.precision.Or(m.(*spdiff.Model).Config().Precision)
}

// method returns how a model respects its group, or what kind of GAN it is; and that group.
func method(m drawer) (name string, g group.Group) {
	if a, is := m.(*spdiff.GAN); is {
		c := a.Config()
		return "gan " + c.Variant.String(), c.Group
	}
	c := m.(*spdiff.Model).Config()
	return c.Method.String(), c.Group
}

// way returns by what an image is made of noise.
func (o *options) way(m drawer) string {
	if _, is := m.(*spdiff.GAN); is {
		return "one evaluation"
	}
	return fmt.Sprintf("%s %+v, guidance %v", o.solver, o.method.Make(o.settings), o.guidance)
}

// record returns what draws the images.
func (o *options) record(m drawer) record {
	h, w, c := m.Shape()
	name, _ := method(m)
	precision := o.products(m)
	if precision.IsZero() {
		precision = spdiff.DefaultPrecision
	}
	return record{o.hash, name, o.seed, o.steps, o.way(m), o.class, [3]int{h, w, c}, precision.String()}
}

func (o *options) announce(m drawer) {
	name, over := method(m)
	how := fmt.Sprintf("%s, %d steps", o.solver, o.steps)
	if _, is := m.(*spdiff.GAN); is {
		how = o.way(m)
	}
	h, w, channels := m.Shape()
	fmt.Printf("sample: %d images of %v from %s (%s over %v, %.2f million parameters), %s, seed %d, %v, %d threads, %s, into %s\n",
		o.n, tensor.Shape{h, w, channels}, o.model, name, over, float64(m.Parameters())/1e6, how, o.seed,
		o.products(m), tensor.Workers(), asm.ISA(), o.out)
}

// draw draws the images into a sink. What it has when it is stopped stays, unless a file would not say that it is not whole: see keeps.
func (o *options) draw(ctx context.Context, m drawer, way *strip, images sink) error {
	start, done := time.Now(), 0
	p := progress.New(os.Stdout, progress.Goal{Steps: (o.n + o.batch - 1) / o.batch * o.steps})
	var stopped error
	for d, err := range m.Samples(ctx, o.sampling(way, p)) {
		if err == nil {
			err = images.put(d)
		}
		if stopped = err; err != nil {
			break
		}
		done++
	}
	p.Clear()
	if stopped != nil && done > 0 && !o.keeps() {
		return fmt.Errorf("%w; nothing is written to %s; run this again", stopped, o.out)
	}
	if err := images.close(); err != nil {
		return errors.Join(err, stopped)
	}
	switch {
	case stopped != nil && done > 0:
		return fmt.Errorf("%w; %d of the %d images are in %s; %s", stopped, done, o.n, o.out, o.rest(done))
	case stopped != nil:
		return stopped
	}
	took := time.Since(start).Seconds()
	fmt.Printf("made:   %s, %.1f s, %.1f images a second\n", o.out, took, float64(o.n)/took)
	return nil
}

// keeps reports whether what there is when the drawing is stopped is kept: in a folder it is there already, but a part's file is whole or
// not there, and a file that was there stays.
func (o *options) keeps() bool {
	_, err := os.Lstat(o.out)
	return isFolder(o.out) || o.part.Whole() && errors.Is(err, fs.ErrNotExist)
}

// rest says how to draw the images that are left, into the folder or, as a file is made anew, beside the file.
func (o *options) rest(done int) string {
	switch {
	case !o.part.Whole():
		return "run this part again"
	case !isFolder(o.out):
		return fmt.Sprintf("the next is -first %d, into another -out", o.first+done)
	}
	return fmt.Sprintf("the next is -first %d", o.first+done)
}

// sampling returns what to draw. The progress counts evaluations, as -steps does.
func (o *options) sampling(way *strip, p *progress.Progress) spdiff.Sampling {
	s := spdiff.Sampling{N: o.n, Reversal: spdiff.Reversal{First: o.first, Seed: o.seed, Steps: o.steps, Solver: o.method.Make(o.settings), Batch: o.batch, Guidance: o.guidance, Precision: o.precision}}
	if o.class >= 0 {
		s.Classes = []int{o.class}
	}
	s.Trace = func(images []int, step sde.Snapshot) {
		way.add(images, step)
		batch := (images[0] - o.first) / o.batch
		p.Update(batch*o.steps+step.Done*o.steps/step.Of, "")
	}
	return s
}

// place returns an error if nothing can be written at path: before the work, not after it.
func place(path string) error {
	switch {
	case path == "":
		return nil
	case isFolder(path):
		return cli.WritableFolder(path)
	}
	return cli.WritableFile(path)
}

// A strip collects the way of the first images from noise to image.
type strip struct {
	rows, columns int
	first         int
	h, w, c       int
	images        []float32 // rows × columns images; made at the first step, which knows how many there are
}

// newStrip returns nil if none is wanted.
func newStrip(o *options, g spdiff.Generator) *strip {
	if o.trajectory == "" {
		return nil
	}
	h, w, c := g.Shape()
	return &strip{rows: min(o.n, o.batch, 8), first: o.first, h: h, w: w, c: c}
}

// add keeps the state after a step, if it is one of those shown: the last step is, and others at equal distances.
func (s *strip) add(images []int, step sde.Snapshot) {
	if s == nil || images[0] != s.first {
		return
	}
	size := s.h * s.w * s.c
	if s.images == nil {
		s.columns = min(step.Of, 12)
		s.images = make([]float32, s.rows*s.columns*size)
	}
	column := step.Done*s.columns/step.Of - 1
	if column < 0 || (step.Done-1)*s.columns/step.Of-1 == column {
		return
	}
	for row := range s.rows {
		copy(s.images[(row*s.columns+column)*size:][:size], step.X[row*size:])
	}
}

func (s *strip) write(path string) error {
	if s == nil {
		return nil
	}
	if err := grid.WriteRows(path, s.images, s.rows, s.columns, s.h, s.w, s.c); err != nil {
		return err
	}
	fmt.Printf("made:   %s, the first %d images from noise to image\n", path, s.rows)
	return nil
}
