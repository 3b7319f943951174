package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/progress"
	"spdiff/sde"
	"spdiff/tensor"
)

// run is the command: read the flags, the model and the image, denoise, write, check.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	m, err := spdiff.Load(o.model)
	if err != nil {
		return err
	}
	c := m.Config()
	if n := c.Network.Classes; n > 0 && o.class < 0 {
		return fmt.Errorf("the model was trained with %d classes; say by -class of which the image is", n)
	}
	img, err := read(ctx, o.in, c.Network.Out)
	if err != nil {
		return err
	}
	if err := place(o.out); err != nil {
		return err
	}
	s := img.Shape()
	g := m.Symmetry(s[0], s[1])
	fmt.Printf("denoise: %s of %v with %s (%s over %v, %.2f million parameters), %s, %d steps, seed %d, %d threads, %s, into %s\n",
		o.in, s, o.model, c.Method, c.Group, float64(m.Parameters())/1e6, o.how(), o.steps, o.seed, tensor.Workers(), asm.ISA(), o.out)
	if g != c.Group {
		fmt.Printf("group:   %v is what acts on %d×%d pixels; %v needs a square\n", g, s[0], s[1], c.Group)
	}
	if o.degrade > 1 {
		img = spdiff.Degrade(img, o.degrade)
	}
	images := 1
	if o.check {
		images += g.Order()
	}
	work := &work{model: m, options: o, from: time.Now(), progress: progress.New(os.Stdout, progress.Goal{Steps: images * o.steps})}
	z, err := work.denoise(ctx, img)
	if err != nil {
		return err
	}
	if err := write(o.out, z); err != nil {
		return err
	}
	fmt.Printf("made:    %s, %.1f s\n", o.out, time.Since(work.from).Seconds())
	if !o.check {
		return nil
	}
	return work.check(ctx, g, img, z)
}

// how says which solver it is, and whether it is deterministic.
func (o *options) how() string {
	if o.deterministic {
		return o.solver + ", deterministic"
	}
	return o.solver
}

// place returns an error if nothing can be written at path: before the work, not after it.
func place(path string) error {
	if err := cli.Writable(filepath.Dir(path)); err != nil {
		return fmt.Errorf("-out %s cannot be written: %w; make the folder, or name another", path, err)
	}
	return nil
}

// A work is what the command does, one image after another, and how far it is.
type work struct {
	model    *spdiff.Model
	options  *options
	from     time.Time
	progress *progress.Progress // of evaluations, as -steps counts them
	done     int                // images
}

// denoise denoises one image. Ties are said once, of the first.
func (w *work) denoise(ctx context.Context, img *tensor.Tensor) (*tensor.Tensor, error) {
	d := w.options.denoising()
	d.Trace = func(_ []int, s sde.Snapshot) {
		w.progress.Update(w.done*w.options.steps+s.Done*w.options.steps/s.Of, "")
	}
	z, ties, err := w.model.Denoise(ctx, img, d)
	w.progress.Clear()
	if err != nil {
		return nil, err
	}
	if w.done == 0 {
		for _, t := range ties {
			fmt.Printf("tie:     the image has a symmetry of its own (%d orientations are equal to its frame): no noise can turn with it\n", t.Elements)
		}
	}
	w.done++
	return z, nil
}
