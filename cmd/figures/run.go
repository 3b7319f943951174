package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/tensor"
)

// A figure is one of the paper's, and how it is made from a run.
type figure struct {
	number int
	name   string // of its files
	title  string
	make   func(ctx context.Context, o *options) (*page, error)
}

var figures []figure

func init() { // parse and the figures use each other
	figures = []figure{
		{1, "denoising", "One image in all orientations, denoised", denoising},
		{2, "scores", "Scores under a mirror and under quarter turns", scores},
		{3, "transitions", "Transitions that keep a symmetric distribution", transitions},
		{4, "evolution", "How a symmetric density evolves under two drifts", evolution},
	}
}

// run is the command: read the flags, see to the folder, and for each figure make, write and say what was measured.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	if err := cli.WritableFolder(o.out); err != nil {
		return fmt.Errorf("-out %w", err)
	}
	fmt.Printf("figures: %s, seed %d, %d threads, %s, into %s\n", o.which(), o.seed, tensor.Workers(), asm.ISA(), o.out)
	for _, f := range figures {
		if !o.wants(f.number) {
			continue
		}
		if err := f.draw(ctx, o); err != nil {
			return fmt.Errorf("figure %d: %w", f.number, err)
		}
	}
	return nil
}

// draw makes a figure and its files, and prints what there is to say of it.
func (f figure) draw(ctx context.Context, o *options) error {
	fmt.Printf("\nfigure %d: %s\n", f.number, f.title)
	from := time.Now()
	p, err := f.make(ctx, o)
	if err != nil {
		return err
	}
	p.title = fmt.Sprintf("Figure %d. %s", f.number, f.title)
	base := filepath.Join(o.out, f.file())
	if err := p.write(base); err != nil {
		return err
	}
	for _, line := range p.measured {
		fmt.Printf("         %s\n", line)
	}
	fmt.Printf("made:    %s.png, .svg and .txt, which says this; %.1f s\n", base, time.Since(from).Seconds())
	return nil
}

// file returns the name of its files, without what names the format.
func (f figure) file() string { return fmt.Sprintf("figure%d-%s", f.number, f.name) }

// which says which figures are drawn.
func (o *options) which() string {
	if len(o.only) == 0 {
		return fmt.Sprintf("1 to %d", len(figures))
	}
	return o.only.String()
}
