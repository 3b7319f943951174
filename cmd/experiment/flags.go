package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/shard"
	"spdiff/cmd/internal/solvers"
)

// options are the flags.
type options struct {
	settings
	experiment experiment
	sizes      sizes
	models     words
	tables     words
	seeds      int
	seed       uint64
	out        string
	threads    int
	plan       bool
	merge      bool
	folders    []string // of -merge
	part       shard.Shard
	given      map[string]bool
}

// tables are what -tables takes, besides the table of sizes, which is always there.
var tables = []string{"solvers", "minutes", "ablation"}

// parse reads the name of the experiment, the flags, and the folders of -merge.
func parse(args []string) (*options, error) {
	o := &options{given: map[string]bool{}, models: keys(), tables: slices.Clone(tables)}
	o.Name, args = named(args)
	f := flag.NewFlagSet("experiment", flag.ContinueOnError)
	var s shard.Flags
	o.define(f)
	s.Define(f)
	rest, err := cli.ParseAll(f, args, usage)
	if err != nil {
		return nil, err
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if o.folders = rest; len(rest) > 0 && !o.merge {
		return nil, cli.Usagef("%q is no flag; folders follow -merge", rest[0])
	}
	if o.part, err = s.Find(os.Getenv); err != nil {
		return nil, err
	}
	return o, o.check()
}

// named returns the name, which may stand before, between or after the flags, and all other arguments.
func named(args []string) (name string, others []string) {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	new(options).define(f)
	new(shard.Flags).Define(f)
	if f.Parse(args) != nil || f.NArg() == 0 {
		return "", args
	}
	at := len(args) - f.NArg()
	return args[at], slices.Concat(args[:at], args[at+1:])
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.Data, "data", "", "the images, in any form of train's -data; default: the experiment's own, if it has any")
	f.StringVar(&o.Reference, "reference", "", "what samples are compared with, in any form of -data; default: all images of -data")
	f.StringVar(&o.Features, "features", "", "the feature network: digits, cells, digits-oriented, cells-oriented or inception:FILE (FID); default: the one for such images")
	f.Var(&o.sizes, "sizes", "how many of the images are trained on, `N,N,all`; the paper's")
	f.Var(&o.models, "models", "the `MODELS`, of "+strings.Join(keys(), ", "))
	f.Var(&o.tables, "tables", "what is made besides the tables of sizes and speeds, of "+strings.Join(tables, ", ")+"; empty: nothing")
	f.IntVar(&o.seeds, "seeds", 2, "trainings of each model, of the seeds -seed, -seed + 1, …")
	f.Uint64Var(&o.seed, "seed", 1, "the first seed")
	f.Float64Var(&o.Minutes, "minutes", 12, "train each model for so long")
	f.IntVar(&o.Steps, "steps", 0, "train each for so many steps, instead of -minutes: then all numbers but speeds are the same every time")
	f.IntVar(&o.Samples, "samples", 2000, "samples that a distance is of")
	f.IntVar(&o.CurveSamples, "curve-samples", 500, "samples of each point of the curves over evaluations and minutes")
	f.IntVar(&o.Restore, "restore", 64, "images that Δx₀ is the mean of")
	f.IntVar(&o.Evaluations, "evaluations", 50, "evaluations of the network a sample")
	f.StringVar(&o.Solver, "solver", "ddim", "how a step of sampling is made: see sample -h")
	f.StringVar(&o.Diffusion, "diffusion", "", "more `FLAGS` of train for all diffusions, as \"-width 32 -batch 16\"")
	f.StringVar(&o.GAN, "gan", "", "more `FLAGS` of train for all GANs")
	f.StringVar(&o.out, "out", "", "the `FOLDER` of the experiment, to go on with or new (experiments/NAME)")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes a number but speeds")
	f.BoolVar(&o.plan, "n", false, "say what is left to do, how long it takes and how much room, and write nothing")
	f.BoolVar(&o.merge, "merge", false, "write the report of what is there, in -out and in the folders that follow the flags")
}

func usage(w io.Writer) {
	fmt.Fprintf(w, `usage: experiment NAME [flags]
       experiment NAME -merge [flags] [FOLDER…]

Repeats an experiment of section 6 of the paper, and writes a report with the paper's figures beside its own. NAME is one of

%s
  experiment -n rotmnist                                       what is left to do, how long, how much room
  experiment rotmnist -data mnist:FOLDER                       all of it
  experiment rotmnist -sizes 600 -models wt,gc -seeds 1 -tables= -minutes 2      a little of it
  experiment rotmnist -data mnist:FOLDER -shard 3/80 -out E    one of the jobs that -n lists
  experiment rotmnist -data mnist:FOLDER -merge -out E         the report, when all of them are done

Each training is a run of the command train in a folder of its own. Ctrl-C saves and leaves; the same command again goes on
where it was, after a kill too. A call that has done all writes the report anew: report.md, report.csv, speed.csv
and pictures. In a Slurm array or an indexed Kubernetes job each task does one part, as with evaluate: see docs/cluster.

-data and -reference take

%s
`, listed(), dataset.Help())
}

// check finds flags that do not fit together, and sets those that follow from the experiment.
func (o *options) check() error {
	e, ok := experimentOf(o.Name)
	switch {
	case o.Name == "":
		return cli.Usagef("say which experiment:\n%s", listed())
	case !ok:
		return cli.Usagef("there is no experiment %q; there are\n%s", o.Name, listed())
	case o.Data == "" && e.data == "":
		return cli.Usagef("-data is missing: the experiment %s needs its file, -data %s:training.h5", o.Name, o.Name)
	case o.given["steps"] && o.given["minutes"]:
		return cli.Usagef("-steps and -minutes: give one of them")
	case o.given["steps"] && (o.Steps < 1 || o.Steps > 1<<30):
		return cli.Usagef("-steps is %d; it must be at least 1, as -steps 2000", o.Steps)
	case !o.given["steps"] && !(o.Minutes > 0 && o.Minutes <= year):
		return cli.Usagef("-minutes is %v; it must be more than 0 and at most %d, a year, as -minutes 12", o.Minutes, year)
	case o.seeds < 1 || o.seeds > 1000:
		return cli.Usagef("-seeds is %d; it is from 1 to 1000, as -seeds 2", o.seeds)
	case o.Samples < 2 || o.Samples > 1e6 || o.CurveSamples < 2 || o.CurveSamples > 1e6:
		return cli.Usagef("-samples is %d and -curve-samples %d; they are from 2 to 1000000, as -samples 2000 -curve-samples 500", o.Samples, o.CurveSamples)
	case o.Restore < 0 || o.Restore > 1e6:
		return cli.Usagef("-restore is %d; it is from 0, which leaves Δx₀ out, to 1000000, as -restore 64", o.Restore)
	case o.Evaluations < 1 || o.Evaluations > 1e5:
		return cli.Usagef("-evaluations is %d; it is from 1 to 100000, as -evaluations 50", o.Evaluations)
	case o.plan && o.merge:
		return cli.Usagef("-n and -merge: give one of them")
	case o.merge && (o.given["shard"] || o.given["shards"]):
		return cli.Usagef("-merge and a part (-shard, -shards): a merge is of all parts; give one of them")
	}
	if err := cli.CheckThreads(o.threads); err != nil {
		return err
	}
	if _, err := solvers.Find(solvers.All, o.Solver); err != nil {
		return &cli.UsageError{Err: err}
	}
	if err := cmp.Or(o.checkWords(), o.checkPrecision(), checkOwn("-diffusion", o.Diffusion), checkOwn("-gan", o.GAN)); err != nil {
		return err
	}
	o.settle(e)
	return nil
}

const year = 365 * 24 * 60 // minutes

// own are the flags of train that an experiment sets itself: they are what a row, a seed or a folder says, or the length of all.
var own = []string{"data", "limit", "group", "method", "gan", "seed", "steps", "minutes", "samples", "threads", "out", "resume", "new-data", "model", "n", "check"}

// checkPrecision returns an error if -diffusion gives a precision, and a row has its own.
func (o *options) checkPrecision() error {
	if _, given := valueOf(strings.Fields(o.Diffusion), "precision"); !given {
		return nil
	}
	for _, key := range o.models {
		m, _ := modelOf(key)
		if _, is := valueOf(strings.Fields(m.flags), "precision"); is {
			return cli.Usagef("-diffusion has -precision, and the row %s has its own: leave one of them out, by -models", key)
		}
	}
	return nil
}

// checkOwn returns an error if the flags that -diffusion or -gan gives have one that the experiment sets itself.
func checkOwn(flag, text string) (err error) {
	each(strings.Fields(text), func(name, _ string, _ []string) {
		if slices.Contains(own, name) && err == nil {
			err = cli.Usagef("%s has -%s, which the experiment sets itself, by its own flags or a row's: leave it out", flag, name)
		}
	})
	return err
}

// checkWords checks what is chosen from lists.
func (o *options) checkWords() error {
	for _, key := range o.models {
		if _, ok := modelOf(key); !ok {
			return cli.Usagef("-models: there is no %q; there are %s", key, strings.Join(keys(), ","))
		}
	}
	for _, t := range o.tables {
		if !slices.Contains(tables, t) {
			return cli.Usagef("-tables: there is no %q; there are %s", t, strings.Join(tables, ","))
		}
	}
	if len(o.models) == 0 {
		return cli.Usagef("-models is empty; there are %s", strings.Join(keys(), ","))
	}
	return nil
}

// settle sets what follows from the experiment and was not said.
func (o *options) settle(e experiment) {
	o.experiment = e
	if o.Data == "" {
		o.Data = e.data
	}
	if o.Reference == "" {
		o.Reference = o.Data
	}
	if len(o.sizes) == 0 {
		o.sizes = slices.Clone(e.sizes)
	}
	slices.SortFunc(o.sizes, func(a, b int) int { return cmp.Compare(uint(a-1), uint(b-1)) }) // all, which is 0, comes last
	o.sizes = slices.Compact(o.sizes)
	if o.out == "" {
		o.out = filepath.Join("experiments", o.Name)
	}
	if o.given["steps"] {
		o.Minutes = 0
	}
}
