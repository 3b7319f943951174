package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/sde"
)

// options are the flags.
type options struct {
	out, model                string
	only                      numbers
	steps, cells, evaluations int
	threads                   int
	seed                      uint64
	precision                 spdiff.Precision
}

// maxCells bounds -cells: its densities take 160 times 8 bytes a cell, and far fewer than so many can be seen.
const maxCells = 20_000

// numbers is a flag of numbers of figures between commas. Empty, it stands for all.
type numbers []int

// String implements flag.Value.
func (l *numbers) String() string {
	parts := make([]string, len(*l))
	for i, n := range *l {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value.
func (l *numbers) Set(s string) error {
	*l = nil
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || !slices.ContainsFunc(figures, func(f figure) bool { return f.number == n }) {
			return fmt.Errorf("there is no figure %q", part)
		}
		*l = append(*l, n)
	}
	return nil
}

// wants reports whether a figure is to be drawn.
func (o *options) wants(n int) bool { return len(o.only) == 0 || slices.Contains(o.only, n) }

// parse reads the flags and checks what can be checked before the work.
func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("figures", flag.ContinueOnError)
	o.define(f)
	if err := cli.Parse(f, args, usage, "; figures are chosen by -only 1,2"); err != nil {
		return nil, err
	}
	switch {
	case o.out == "":
		return nil, cli.Usagef("-out is empty; it is the folder of the figures")
	case o.steps < 1 || o.evaluations < 1:
		return nil, cli.Usagef("-steps and -evaluations must be at least 1")
	case o.evaluations > sde.MaxSteps:
		return nil, cli.Usagef("-evaluations is %d; at most %d are made", o.evaluations, sde.MaxSteps)
	case o.model != "" && !o.wants(1):
		return nil, cli.Usagef("-model is for figure 1, which -only %s leaves out", o.only.String())
	case cli.CheckThreads(o.threads) != nil:
		return nil, cli.CheckThreads(o.threads)
	case o.cells < 8 || o.cells > maxCells || o.cells%2 != 0:
		return nil, cli.Usagef("-cells is %d; it must be even, and from 8 to %d", o.cells, maxCells)
	}
	return o, nil
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.out, "out", "figures", "the `FOLDER` to draw into; it is made if there is none, and figures in it are replaced")
	f.Var(&o.only, "only", "draw `1,2,…` alone (all)")
	f.StringVar(&o.model, "model", "", "for figure 1 a model of grey images of 28×28 pixels, a `FILE` as train writes it (a small one is trained)")
	f.IntVar(&o.steps, "steps", 700, "`STEPS` of training for the model that figure 1 trains, most of a minute on two cores")
	f.IntVar(&o.evaluations, "evaluations", 50, "evaluations of the network for each image that figure 1 denoises, about")
	f.IntVar(&o.cells, "cells", 240, "cells of the grid on which figure 4 evolves densities")
	f.Uint64Var(&o.seed, "seed", 1, "seed of everything random")
	cli.Precision(f, &o.precision)
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes a number")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: figures [flags]

Draws the figures of the paper (Lu, Szabados & Yu, "Structure Preserving Diffusion Models") from runs made here and now, each
as PNG and as SVG, with what was measured in it as text beside them.

`)
	for _, g := range figures {
		fmt.Fprintf(w, "  %d  %s\n", g.number, g.title)
	}
	fmt.Fprint(w, `
  figures                                                all, in about a minute on two cores
  figures -only 2,3,4                                    those that need no network, in seconds
  figures -only 1 -model runs/digits-1/model.safetensors -out better

`)
}
