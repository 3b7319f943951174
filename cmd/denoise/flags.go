package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/solvers"
	"spdiff/sde"
)

// options are the flags.
type options struct {
	model, in, out, solver string
	start, guidance        float64
	steps, class, batch    int
	degrade, threads       int
	seed                   uint64
	deterministic, check   bool
}

// parse reads the flags and checks what can be checked without the model.
func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("denoise", flag.ContinueOnError)
	o.define(f)
	if err := cli.Parse(f, args, usage, "; the image is -in FILE"); err != nil {
		return nil, err
	}
	if o.out == "" && o.in != "" {
		o.out = beside(o.in, "-denoised", extension(o.in))
	}
	return o, o.validate()
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.model, "model", "", "the `FILE` of a model, as train writes it")
	f.StringVar(&o.in, "in", "", "the image, a `FILE` in PNG, JPEG, TIFF, BMP, GIF or WebP of the network's size or larger; made grey for a model of grey images, upright as EXIF says, laid over white where it is transparent")
	f.StringVar(&o.out, "out", "", "the denoised image, a `FILE`.png or .jpg of 8 bits a channel (NAME-denoised beside the image, in its format)")
	f.Float64Var(&o.start, "start", 0, "the `TIME` to which noise is added: the later, the more is made anew; 0: where noise and image are equally strong")
	f.IntVar(&o.steps, "steps", 50, "evaluations of the network from there to time 0, about")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the noise")
	f.StringVar(&o.solver, "solver", "ddim", "how a step is made: see above")
	f.BoolVar(&o.deterministic, "deterministic", false, "no new noise on the way: the probability flow")
	f.IntVar(&o.degrade, "degrade", 1, "first reduce the image to a `K`-th of its resolution and back; the paper's experiment has 4")
	f.IntVar(&o.class, "class", -1, "the class of the image, for a model trained with classes")
	f.Float64Var(&o.guidance, "guidance", 0, "go so much further towards the class, with a model trained with -drop-class; two evaluations for one")
	f.BoolVar(&o.check, "check", false, "also turn the image by each element of the group before, and after; print the difference and draw it into NAME-check.png beside -out")
	f.IntVar(&o.batch, "batch", 8, "tiles of a large image at a time: bounds the memory, never changes the image")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes the image")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: denoise -model FILE -in FILE [flags]

Adds noise to an image, up to a time, and lets a model remove it again, and with it what the model takes for damage. The
noise turns with the image: with a model that respects its group exactly, the image turned and then denoised is the image
denoised and then turned, to the last bit. Larger images are denoised by overlapping tiles, the same exactness kept.

  denoise -model runs/digits-1/model.safetensors -in digit.png
  denoise -model M -in digit.png -out better.png -start 0.3      less is made anew
  denoise -model M -in digit.png -degrade 4 -check               the paper's experiment (section 6.3), drawn
  denoise -model M -in slide.jpg -solver dpm -steps 15           few steps

`)
	solvers.Write(w, solvers.Both(), false)
}

// validate finds flags that make no sense.
func (o *options) validate() error {
	switch {
	case o.model == "":
		return cli.Usagef("-model is missing: the file of a model, as runs/digits-1/model.safetensors")
	case o.in == "":
		return cli.Usagef("-in is missing: an image, as a PNG or a JPEG")
	case o.steps < 1 || o.batch < 1 || o.degrade < 1:
		return cli.Usagef("-steps, -batch and -degrade must be at least 1")
	case !(o.start >= 0):
		return cli.Usagef("-start is %v; it is a time, 0 for the middle", o.start)
	case o.class < -1:
		return cli.Usagef("-class is %d; classes are numbered from 0", o.class)
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case !writable(o.out):
		return cli.Usagef("-out %s: the name must end in .png, .jpg or .jpeg", o.out)
	case filepath.Clean(o.out) == filepath.Clean(o.in):
		return cli.Usagef("-out %s is the image itself; name another", o.out)
	}
	_, err := o.method()
	return err
}

// method returns the solver, or an error that lists those that there are.
func (o *options) method() (sde.Solver, error) {
	s, err := solvers.Find(solvers.Both(), o.solver)
	if err != nil {
		return nil, &cli.UsageError{Err: err}
	}
	settings := solvers.Default()
	if o.deterministic {
		settings = settings.Deterministic()
	}
	return s.Make(settings), nil
}

// denoising returns what is to be done.
func (o *options) denoising() spdiff.Denoising {
	solver, _ := o.method() // validate has asked
	d := spdiff.Denoising{Start: o.start, Reversal: spdiff.Reversal{Steps: o.steps, Seed: o.seed, Solver: solver, Batch: o.batch, Guidance: o.guidance}}
	if o.class >= 0 {
		d.Classes = []int{o.class}
	}
	return d
}

// beside returns the name of a file beside path: with an end to its name, and an extension.
func beside(path, end, extension string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + end + extension
}

// extension returns that of a file that can be written in the format of path: its own, or .png.
func extension(path string) string {
	if e := filepath.Ext(path); writable(path) {
		return e
	}
	return ".png"
}
