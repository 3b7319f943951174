package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/fit"
	"spdiff/cmd/internal/picture"
	"spdiff/cmd/internal/progress"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// run is the command: read the flags and the model, and denoise one file or all of many.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	m, hash, err := checksum.Load(o.model, spdiff.Load)
	if err != nil {
		return err
	}
	if o.class, err = cli.Class(o.className, m.Config().ClassNames, m.Classes()); err != nil {
		return err
	}
	if err := cli.MissingClass(m, o.class, o.guidance, "-class", "-guidance -1"); err != nil {
		return err
	}
	if c := m.Config().Network.Out; c != 1 && c != 3 {
		return fmt.Errorf("the model's images have %d channels; only grey ones (1) and colours (3) are in files", c)
	}
	w := &work{model: m, options: o, hash: hash, from: time.Now(), out: os.Stdout}
	if o.many() {
		return w.all(ctx)
	}
	return w.one(ctx)
}

// one denoises one file.
func (w *work) one(ctx context.Context) error {
	o := w.options
	in, err := openFile(ctx, "-in", o.in, o)
	if err != nil {
		return err
	}
	read := filesAt(o.in, o.model, o.clean)
	for _, path := range o.writes() {
		if err := place(path, read); err != nil {
			return err
		}
	}
	if err := in.takes(format(o.out)); err != nil {
		return fmt.Errorf("-out %s: %w", o.out, err)
	}
	img, err := in.page(ctx, 0)
	if err != nil {
		return fmt.Errorf("-in %s: %w", o.in, err)
	}
	if o.clean != "" {
		if w.truth, err = w.clean(ctx, in, img); err != nil {
			return err
		}
	}
	w.introduce(in, img)
	first, err := w.file(ctx, in)
	if err != nil {
		return fmt.Errorf("-in %s: %w", o.in, err)
	}
	if err := w.write(o.out, in); err != nil {
		return err
	}
	for _, n := range in.notes() {
		fmt.Println(n)
	}
	fmt.Printf("made:    %s, %.1f s\n", o.out, time.Since(w.from).Seconds())
	return w.show(ctx, first, in.notes())
}

// introduce says what is about to be done.
func (w *work) introduce(in input, img *tensor.Tensor) {
	o, m, s := w.options, w.model, img.Shape()
	c, g := m.Config(), m.Symmetry(s[0], s[1])
	fmt.Printf("denoise: %s of %v with %s (%s over %v, %.2f million parameters), %s, %d steps, seed %d, %v, %d threads, %s, into %s\n",
		o.in, s, o.model, c.Method, c.Group, float64(m.Parameters())/1e6, o.how(), o.steps, o.seed, o.precision.Or(c.Precision), tensor.Workers(), asm.ISA(), o.out)
	if g != c.Group {
		fmt.Printf("group:   %v is what acts on %s; %v needs a square\n", g, picture.Size(s[0], s[1]), c.Group)
	}
	h, width, channels := m.Shape()
	if s[0] < h || s[1] < width {
		fmt.Printf("edges:   the image is smaller than the network's %s; its mirror images stand at its edges\n", picture.Size(h, width))
	}
	if s[2] != channels {
		fmt.Printf("colours: %s\n", map[bool]string{true: "each is denoised as a grey image of its own, with the same noise", false: "the grey image is denoised in three colours, whose mean is the result"}[channels == 1])
	}
	images := in.pages()
	if o.check || o.report != "" {
		images += g.Order()
	}
	w.progress = progress.New(os.Stdout, progress.Goal{Steps: images * fit.Parts(s[2], channels) * o.steps})
}

// show makes what a person looks at beside the result, of the first page.
func (w *work) show(ctx context.Context, p page, notes []string) error {
	o := w.options
	if !o.check && o.report == "" {
		return nil
	}
	turned, err := w.orientations(ctx, w.model.Symmetry(p.given.Shape()[0], p.given.Shape()[1]), p.given, p.result)
	if err != nil {
		return err
	}
	if o.check {
		if err := turned.say(o.checkName()); err != nil {
			return err
		}
	}
	if o.report == "" {
		return nil
	}
	return w.report(p, turned, notes)
}

// how says which solver it is, and whether it is deterministic.
func (o *options) how() string {
	if o.deterministic {
		return o.solver + ", deterministic"
	}
	return o.solver
}

// place returns an error if nothing can be written at path, or if one of the files that are read is there: before the work, not
// after it.
func place(path string, read files) error {
	if err := cli.WritableFile(path); err != nil {
		return err
	}
	return read.free(path)
}

// write writes a file whole, in the format of its name.
func (w *work) write(path string, in input) error {
	return atomicfile.Write(path, func(out io.Writer) error { return in.write(out, format(path), w.derivation()) })
}

// derivation says what was done.
func (w *work) derivation() derivation {
	return derivation{"denoised by diffusion, " + w.options.made(w.options.precision.Or(w.model.Config().Precision)), w.hash}
}
