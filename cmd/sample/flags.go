package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/shard"
	"spdiff/cmd/internal/solvers"
)

// mostImages is how many are drawn at most, so that no sum of their numbers overflows.
const mostImages = math.MaxInt32

// options are the flags.
type options struct {
	model, out, solver, trajectory string
	n, steps, class, batch         int
	first, threads                 int
	seed                           uint64
	guidance                       float64
	settings                       solvers.Settings
	part                           shard.Shard
	method                         solvers.Solver
	as                             spdiff.Method
	precision                      spdiff.Precision
	bytes                          bool
	className                      string
	given                          map[string]bool
	hash                           string // the SHA-256 of the model that is loaded
}

// parse reads the flags and checks what can be checked without the model.
func parse(args []string) (*options, error) {
	o := &options{given: map[string]bool{}}
	f := flag.NewFlagSet("sample", flag.ContinueOnError)
	o.define(f)
	var s shard.Flags
	s.Define(f)
	if err := cli.Parse(f, args, usage, ""); err != nil {
		return nil, err
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	part, err := s.Find(os.Getenv)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return o, o.take(part)
}

// take makes the options those of a part: some of the images, in a file of its own, or in the folder of all.
func (o *options) take(part shard.Shard) error {
	from, to := part.Share(o.n)
	if from == to {
		return cli.Usagef("part %v of %d images is empty; make no more parts than images", part, o.n)
	}
	o.part, o.n, o.first = part, to-from, o.first+from
	if !isFolder(o.out) {
		o.out = part.Name(o.out)
	}
	if o.trajectory != "" {
		o.trajectory = part.Name(o.trajectory)
	}
	return nil
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.model, "model", "", "the `FILE` of a model, as train writes it")
	f.IntVar(&o.n, "n", 64, "how many images")
	f.IntVar(&o.first, "first", 0, "the number of the first image: image k of a seed is always the same")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the noise")
	f.IntVar(&o.steps, "steps", solvers.Evaluations(solvers.Usual), "evaluations of the network, about (default 50 for solvers other than "+solvers.Usual+"); dopri takes as many as its tolerance needs, 90 and more")
	f.StringVar(&o.out, "out", "samples.png", "a grid as `FILE`.png, the numbers as FILE.npz (images, float32, NHWC), or a folder for PNGs by number")
	f.StringVar(&o.solver, "solver", solvers.Usual, "how a step is made: see above")
	o.settings.Define(f)
	f.Func("method", "use the network by another method than it was trained for: plain, oc, reg, reg-oc or cf", func(s string) error { return o.as.UnmarshalText([]byte(s)) })
	f.BoolVar(&o.bytes, "uint8", false, "write FILE.npz as ADM's evaluator reads it: bytes, under arr_0, and classes under arr_1")
	f.StringVar(&o.className, "class", "", "the class to draw, by its `NAME` in training or its number from 0; empty or -1: each in turn")
	f.Float64Var(&o.guidance, "guidance", 0, "go this much further towards the class, such as 1, with a model trained with -drop-class, at twice the evaluations; -1: no class at all")
	f.IntVar(&o.batch, "batch", 32, "images at a time: bounds the memory, never changes an image")
	f.StringVar(&o.trajectory, "trajectory", "", "also write a `FILE`.png with the way of the first images from noise to image")
	cli.Precision(f, &o.precision)
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes an image")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: sample -model FILE [flags]

Draws images from a model that train made.

  sample -model runs/digits-1/model.safetensors -out grid.png
  sample -model M -n 1000 -out images/                        single PNGs: images/000000.png …
  sample -model M -n 1000 -first 1000 -out images/            a thousand more: images/001000.png …
  sample -model M -n 1000 -out images.npz                     float32 NHWC under the name images
  sample -model M -n 50000 -out images/ -shard 0/8            an eighth of them; see docs/cluster
  sample -model M -method oc                                  an ordinary network, averaged over the group
  sample -model M -solver em -lambda 1 -steps 200             the reverse SDE
  sample -model M -eta 0 -steps 15                            few evaluations, no new noise
  sample -model M -class 3 -n 16 -trajectory way.png          one class, and how it came to be

`)
	solvers.Write(w, solvers.All, true)
}

// check finds flags that do not fit together.
func (o *options) check() error {
	if !o.given["steps"] {
		o.steps = solvers.Evaluations(o.solver)
	}
	switch {
	case o.model == "":
		return cli.Usagef("-model is missing: the file of a model, as runs/digits-1/model.safetensors")
	case o.n < 1 || o.steps < 1 || o.batch < 1:
		return cli.Usagef("-n, -steps and -batch must be at least 1")
	case o.n > mostImages:
		return cli.Usagef("-n is %d; it is at most %d", o.n, mostImages)
	case o.first < 0:
		return cli.Usagef("-first must not be negative")
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case !writable(o.out):
		return cli.Usagef("-out %s: the name must end in .png or .npz, or be a folder's", o.out)
	case o.bytes && !strings.EqualFold(filepath.Ext(o.out), ".npz"):
		return cli.Usagef("-uint8 is of -out FILE.npz alone")
	case o.trajectory != "" && !strings.HasSuffix(o.trajectory, ".png"):
		return cli.Usagef("-trajectory %s: the name must end in .png", o.trajectory)
	case o.trajectory != "" && filepath.Clean(o.trajectory) == filepath.Clean(o.out):
		return cli.Usagef("-trajectory %s is where -out puts the images; name another", o.trajectory)
	}
	var err error
	if o.method, err = solvers.Choose(o.solver, o.settings, func(flag string) bool { return o.given[flag] }); err != nil {
		return &cli.UsageError{Err: err}
	}
	return nil
}

// writable reports whether write knows what a name stands for.
func writable(out string) bool { return out != "" && (isFile(out) || isFolder(out)) }

// isFile reports whether a name is a file's, into which images are written together.
func isFile(out string) bool {
	ext := strings.ToLower(filepath.Ext(out))
	return ext == ".png" || ext == ".npz"
}

// isFolder reports whether a name is that of a folder for images: it has no extension, or a folder is there, as for ".".
func isFolder(out string) bool {
	info, err := os.Stat(out)
	return filepath.Ext(out) == "" || !isFile(out) && err == nil && info.IsDir()
}
