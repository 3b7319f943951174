package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/nn/fd"
)

// A network is one that the command can train.
type network struct {
	name     string
	data     string // by default
	training fd.Training
	train    trainer
}

var networks = []network{
	{"digits", "", fd.DigitsTraining(), fd.TrainDigits},
	{"cells", "cells", fd.CellsTraining(), fd.TrainCells},
}

// options are the flags, and the argument.
type options struct {
	fd.Training
	network   network
	data, out string
	threads   int
}

// parse reads the arguments. What is not given is the network's own.
func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("features", flag.ContinueOnError)
	f.StringVar(&o.data, "data", "", "the `IMAGES` to train on, see above (default cells for cells)")
	f.StringVar(&o.out, "out", "", "the `FILE` of the weights (default NETWORK.safetensors)")
	f.IntVar(&o.threads, "threads", runtime.GOMAXPROCS(0), "threads; the weights do not depend on them")
	f.IntVar(&o.Steps, "steps", 0, "`STEPS` of training (default that of the weights that come with the program)")
	f.Uint64Var(&o.Seed, "seed", 0, "the seed (default likewise)")
	rest, err := cli.ParseAll(f, args, usage)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return o, o.complete(rest, given)
}

// complete sets what was not given, and checks the rest.
func (o *options) complete(rest []string, given map[string]bool) error {
	if len(rest) != 1 {
		return cli.Usagef("name one network after the flags: %s", names())
	}
	for _, n := range networks {
		if n.name == rest[0] {
			o.network = n
		}
	}
	steps, seed := o.Steps, o.Seed
	if o.Training = o.network.training; given["steps"] {
		o.Steps = steps
	}
	if given["seed"] {
		o.Seed = seed
	}
	if o.out == "" {
		o.out = o.network.name + ".safetensors"
	}
	if o.data == "" {
		o.data = o.network.data
	}
	switch {
	case o.network.train == nil:
		return cli.Usagef("there is no network %q; there are: %s", rest[0], names())
	case o.data == "":
		return cli.Usagef("-data is missing: %s are trained on mnist:FOLDER", o.network.name)
	case o.Steps < 1 || o.threads < 1:
		return cli.Usagef("-steps and -threads must be at least 1")
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case !strings.HasSuffix(o.out, ".safetensors"):
		return cli.Usagef("-out %s: the name must end in .safetensors", o.out)
	}
	return nil
}

func names() string {
	var all []string
	for _, n := range networks {
		all = append(all, n.name)
	}
	return strings.Join(all, ", ")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: features [flags] NETWORK

Trains a feature network, in whose features sets of images are compared (docs/features.md). Those that come with the program are
what these commands make, on any machine:

  features -data mnist:FOLDER digits     C4, the last hidden layer of a classifier of MNIST's 60,000 training digits
  features cells                         D4, the last hidden layer of an autoencoder's encoder, of generated cells

The same flags and images give the same bits; the SHA-256 of the file is printed at the end. It takes some minutes, and is not
resumed: an interrupted training leaves nothing.

IMAGES are

`+dataset.Help()+`
`)
}
