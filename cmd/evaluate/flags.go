package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/shard"
	"spdiff/cmd/internal/solvers"
	"spdiff/group"
)

// options are the flags.
type options struct {
	model, samples, reference string
	features, groupName       string
	measures                  map[string]bool
	n, steps, seeds, batch    int
	first, folds, near        int
	restore, limit, threads   int
	seed                      uint64
	start, guidance           float64
	method                    spdiff.Method // if it is given; as it was trained
	solver                    string
	settings                  solvers.Settings
	precision                 spdiff.Precision
	by                        solvers.Solver
	out, picture, saveStats   string
	json, merge               bool
	part                      shard.Shard
	parts                     []string
	group                     *group.Group // nil: the model's, or none
	given                     map[string]bool
	hash                      string   // the SHA-256 of the model that is loaded
	what                      string   // the samples are, where they are images
	notes                     []string // of images: what was left out, and what was inferred
}

// names are what -measure takes, in the words of the JSON.
var names = []string{"fd", "inv_fd", "kid", "precision", "recall", "delta_x0", "psnr", "ssim", "nearest", "classes", "all"}

func parse(args []string) (*options, error) {
	o := &options{given: map[string]bool{}}
	f := flag.NewFlagSet("evaluate", flag.ContinueOnError)
	var s shard.Flags
	measures := o.define(f)
	s.Define(f)
	rest, err := cli.ParseAll(f, args, usage)
	if err != nil {
		return nil, err
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if o.parts = rest; o.merge {
		return o, o.checkMerge()
	}
	if len(rest) > 0 {
		return nil, cli.Usagef("%q is no flag; files of parts follow -merge", rest[0])
	}
	if o.part, err = s.Find(os.Getenv); err != nil {
		return nil, err
	}
	return o, o.check(*measures)
}

func (o *options) define(f *flag.FlagSet) (measures *string) {
	f.StringVar(&o.model, "model", "", "the `FILE` of a model, as train writes it, whose samples are measured")
	f.StringVar(&o.samples, "samples", "", "measure these images instead of a -model's: a `FOLDER`, ZIP or FILE.npz, or another form listed above")
	f.StringVar(&o.reference, "reference", "", "what the samples are compared with: `DATA` in any form listed above, or an .npz with mu and sigma")
	f.StringVar(&o.features, "features", "", "the feature network: see above; default: the one for images of this shape, if there is one")
	f.StringVar(&o.groupName, "group", "", "the group: the reference is taken with all its turned copies, and Inv-FID is over them; default: the model's, or C1")
	measures = f.String("measure", "fd,inv_fd", "what is measured, of "+strings.Join(names, ", "))
	f.IntVar(&o.n, "n", 0, "how many samples; 0: 10,000 of a model, all of a folder")
	f.IntVar(&o.limit, "limit", 0, "take only the first so many images of the reference; 0: all")
	f.IntVar(&o.seeds, "seeds", 1, "number of sets of samples, each of a seed of its own: -seed, -seed + 1, …")
	f.Uint64Var(&o.seed, "seed", 1, "the first seed")
	f.IntVar(&o.first, "first", 0, "the number of the first sample")
	f.IntVar(&o.steps, "steps", 50, "evaluations of the network a sample, about")
	f.StringVar(&o.solver, "solver", "ddim", "how a step is made: see sample -h")
	o.settings.Define(f)
	f.Float64Var(&o.guidance, "guidance", 0, "go this much further towards the class, as sample -guidance does")
	f.Func("method", "use the network by another method than it was trained for: see sample -h", func(s string) error { return o.method.UnmarshalText([]byte(s)) })
	f.IntVar(&o.batch, "batch", 32, "samples drawn at a time: bounds the memory, never changes a number")
	f.IntVar(&o.folds, "jackknife", -1, "jackknife over this many disjoint parts of the samples, two or more in each, for the interval of a single seed; -1: 10, or none above 512 features; 0: none")
	f.IntVar(&o.near, "nearest", 16, "with -measure nearest: how many samples to compare with their nearest image of the reference")
	f.IntVar(&o.restore, "restore", 64, "how many images of the reference are degraded and denoised, for delta_x0, psnr and ssim")
	f.Float64Var(&o.start, "start", 0, "the time from which images are denoised, for delta_x0, psnr and ssim; 0: where there is as much noise as image")
	f.StringVar(&o.out, "out", "evaluation.npz", "the `FILE` of a part; it gets the part in its name")
	f.StringVar(&o.picture, "picture", "nearest.png", "the `FILE`.png of samples beside the images of the reference that are nearest to them")
	f.StringVar(&o.saveStats, "statistics", "", "write mean and covariance of the reference to a `FILE`.npz, for -reference and for pytorch-fid")
	f.BoolVar(&o.json, "json", false, "print the numbers as JSON, and all else on standard error")
	f.BoolVar(&o.merge, "merge", false, "add up parts, the files that follow the flags")
	cli.Precision(f, &o.precision)
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes a number")
	return measures
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: evaluate -model FILE | -samples IMAGES   -reference DATA [flags]
       evaluate -merge PART…

Says how good a model, or a folder of images, is: the same numbers on every machine, to the last digit (a distance may differ in
it, if it lies between two roundings).

  evaluate -model runs/digits-1/model.safetensors -reference digits
  evaluate -samples images/ -reference mnist:FOLDER -group C4
  evaluate -model M -reference DATA -features inception:pt_inception-2015-12-05-6726825d.pth -n 50000      FID
  evaluate -model M -reference DATA -seeds 3 -json                         mean, lowest and highest of three
  evaluate -model M -reference DATA -measure delta_x0,psnr,ssim            how it denoises
  evaluate -model M -reference DATA -measure fd,nearest                    are the samples copies?
  evaluate -model M -reference DATA -shard 0/4                             a quarter of it; see docs/cluster
  evaluate -merge evaluation.*-of-4.npz                                    and all quarters together

kid, precision and recall keep the features of all samples and take minutes for 10,000 images.

-features takes:
`)
	fmt.Fprintf(w, "%s\n-reference and -samples take:\n%s\n", evaluation.Help(), dataset.Help())
}

// checkMerge checks flags beside -merge.
func (o *options) checkMerge() error {
	if err := cli.CheckThreads(o.threads); err != nil {
		return err
	}
	if len(o.parts) == 0 {
		return cli.Usagef("-merge is followed by the files of the parts")
	}
	if err := o.findParts(); err != nil {
		return err
	}
	if name := cli.NotAmong(o.given, []string{"merge", "json", "picture", "statistics", "threads"}); name != "" {
		return cli.Usagef("-%s does not go with -merge: the parts say what was measured", name)
	}
	return o.checkFiles()
}

// findParts puts the files that a pattern stands for in its place: some shells, as those of Windows, pass a star on.
func (o *options) findParts() error {
	var all []string
	for _, part := range o.parts {
		if _, err := os.Lstat(part); err == nil || !strings.Contains(part, "*") {
			all = append(all, part)
			continue
		}
		found, err := filepath.Glob(part)
		if err != nil || len(found) == 0 {
			return cli.Usagef("-merge %s: no file has such a name; name the files of the parts", part)
		}
		all = append(all, found...)
	}
	o.parts = all
	return nil
}

// check finds flags that do not fit together.
func (o *options) check(measures string) error {
	switch {
	case (o.model == "") == (o.samples == ""):
		return cli.Usagef("either -model or -samples must be given: the file of a model, or images")
	case o.reference == "":
		return cli.Usagef("-reference is missing: the images that the samples are compared with, as digits or a folder")
	case o.n < 0 || o.n == 1 || o.limit < 0 || o.limit == 1:
		return cli.Usagef("-n and -limit must be 2 or more, or 0")
	case o.seeds < 1 || o.steps < 1 || o.batch < 1 || o.near < 1 || o.restore < 1:
		return cli.Usagef("-seeds, -steps, -batch, -nearest and -restore must be at least 1")
	case o.first < 0:
		return cli.Usagef("-first is %d; it must not be negative", o.first)
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case o.folds < -1 || o.folds == 1:
		return cli.Usagef("-jackknife is %d; it must be 2 or more, 0 for none, or -1", o.folds)
	case !(o.start >= 0) || math.IsInf(o.start, 0):
		return cli.Usagef("-start is %v; it must be a time of the process", o.start)
	}
	if err := o.checkModelFlags(); err != nil {
		return err
	}
	for _, name := range []string{"statistics", "picture"} {
		if o.given[name] && !o.part.Whole() {
			return cli.Usagef("-%s is of all parts together: give it to -merge", name)
		}
	}
	if o.groupName != "" {
		g, err := group.Parse(o.groupName)
		if err != nil {
			return cli.Usagef("-group: %v", err)
		}
		o.group = &g
	}
	if err := o.setMeasures(measures); err != nil {
		return err
	}
	if err := o.checkIdle(); err != nil {
		return err
	}
	return o.checkFiles()
}

// bound are flags that mean something only beside one of some measures.
var bound = []struct {
	flag     string
	measures []string
}{
	{"restore", []string{"delta_x0", "psnr", "ssim"}},
	{"start", []string{"delta_x0", "psnr", "ssim"}},
	{"nearest", []string{"nearest"}},
	{"picture", []string{"nearest"}},
	{"features", ofAll},
	{"n", append([]string{"nearest"}, ofAll...)},
	{"first", append([]string{"nearest"}, ofAll...)},
}

// ofAll are the measures of all samples: nearest is of the first, and the others are of images of the reference.
var ofAll = []string{"fd", "inv_fd", "kid", "precision", "recall", "classes"}

// checkIdle returns an error if a flag says something of what is not done.
func (o *options) checkIdle() error {
	for _, b := range bound {
		if o.given[b.flag] && !o.measuresOne(b.measures) {
			return cli.Usagef("-%s is only for -measure %s: ask for that, or leave it out", b.flag, strings.Join(b.measures, " or "))
		}
	}
	switch {
	case o.folds > 0 && (o.seeds > 1 || !o.measures["fd"]):
		return cli.Usagef("-jackknife is for the distance of one seed: leave it out, or ask for -measure fd without -seeds")
	case o.n > o.near && !o.measuresOne(ofAll):
		return cli.Usagef("-n is %d, and -measure nearest is of the first %d samples: say by -nearest how many, and leave -n out", o.n, o.near)
	case o.given["out"] && o.part.Whole():
		return cli.Usagef("-out is the file of a part: give -shard I/N with it; the numbers of the whole are printed, and with -json as JSON")
	}
	return nil
}

// measuresOne reports whether one of these is measured.
func (o *options) measuresOne(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return o.measures[name] })
}

// checkModelFlags checks what is for models alone, and the solver.
func (o *options) checkModelFlags() (err error) {
	if o.samples != "" {
		for _, name := range slices.Concat([]string{"seeds", "seed", "first", "steps", "solver", "batch", "start", "restore", "guidance", "method", "precision"}, solvers.Flags()) {
			if o.given[name] {
				return cli.Usagef("-%s is for a -model: images that are there already are not drawn", name)
			}
		}
	}
	if o.by, err = solvers.Choose(o.solver, o.settings, func(flag string) bool { return o.given[flag] }); err != nil {
		return &cli.UsageError{Err: err}
	}
	return nil
}

// as returns the method that the model is measured as, nil for its own.
func (o *options) as() *spdiff.Method {
	if !o.given["method"] {
		return nil
	}
	return &o.method
}

func (o *options) setMeasures(text string) error {
	o.measures = map[string]bool{}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(names, name) {
			return cli.Usagef("-measure: there is no %q; there are %s", name, strings.Join(names, ", "))
		}
		o.measures[name] = true
	}
	if o.measures["all"] {
		for _, name := range names {
			o.measures[name] = o.model != "" || !slices.Contains([]string{"delta_x0", "psnr", "ssim"}, name)
		}
	}
	return nil
}

// checkFiles checks the names of what is written, and that it can be.
func (o *options) checkFiles() error {
	for _, f := range [][3]string{{"out", o.out, ".npz"}, {"picture", o.picture, ".png"}, {"statistics", o.saveStats, ".npz"}} {
		if f[1] != "" && strings.ToLower(filepath.Ext(f[1])) != f[2] {
			return cli.Usagef("-%s %s: the name must end in %s", f[0], f[1], f[2])
		}
	}
	for _, path := range o.written() {
		if err := cli.WritableFile(path); err != nil {
			return err
		}
		if err := o.stays(path); err != nil {
			return err
		}
	}
	return nil
}

// stays returns an error if what is written at a path would take the place of a file that is read.
func (o *options) stays(path string) error {
	there, err := os.Stat(path)
	if err != nil {
		return nil // nothing is there
	}
	_, weights, _ := strings.Cut(o.features, ":")
	for _, read := range append([]string{o.model, dataset.Path(o.samples), dataset.Path(o.reference), weights}, o.parts...) {
		if info, err := os.Stat(read); err == nil && os.SameFile(info, there) {
			return cli.Usagef("%s is the same file as %s, which is read and must stay; name another", path, read)
		}
	}
	return nil
}

// written returns the files that will be.
func (o *options) written() (paths []string) {
	if !o.merge && !o.part.Whole() {
		return []string{o.part.Name(o.out)}
	}
	if o.measures["nearest"] || o.merge && o.given["picture"] {
		paths = append(paths, o.picture)
	}
	if o.saveStats != "" {
		paths = append(paths, o.saveStats)
	}
	return paths
}
