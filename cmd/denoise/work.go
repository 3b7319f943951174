package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"spdiff"
	"spdiff/cmd/internal/fit"
	"spdiff/cmd/internal/progress"
	"spdiff/sde"
	"spdiff/tensor"
)

// A work is what the command does, one image after another, and how far it is.
type work struct {
	model    *spdiff.Model
	options  *options
	hash     string // of the model's file
	from     time.Time
	out      io.Writer
	progress *progress.Progress // of evaluations, as -steps counts them; nil: not shown
	done     int                // images
	truth    *tensor.Tensor     // the image without noise; nil: none is named
}

// A page is an image before and after.
type page struct {
	before, given, result *tensor.Tensor // as it came, as the model was given it, and what came of it
	stored                *tensor.Tensor // the result as its file is made of it: padding, and what lies outside of -values, stayed
	start                 string
}

// file denoises all pages of a file, and returns the first.
func (w *work) file(ctx context.Context, in input) (first page, err error) {
	for i := range in.pages() {
		img, err := in.page(ctx, i)
		if err != nil {
			return first, err
		}
		p := page{before: img, given: img}
		if w.options.degrade > 1 {
			p.given = spdiff.Degrade(img, w.options.degrade)
		}
		if w.options.start == "auto" {
			_, p.start = chosenStart(w.model.Process(), p.given)
			fmt.Fprintf(w.out, "start:   %s\n", p.start)
		}
		var equal int
		if p.result, equal, err = w.denoise(ctx, p.given); err != nil {
			return first, err
		}
		if equal > 1 {
			w.sayTied(in, i, equal)
		}
		if err := in.set(i, img, p.result); err != nil {
			return first, err
		}
		if i == 0 {
			if w.options.report != "" {
				p.stored = in.numbers(0)
			}
			first = p
		}
	}
	return first, nil
}

// sayTied says that page i of a file has a symmetry, by which so many of its orientations are equal.
func (w *work) sayTied(in input, i, equal int) {
	what := "the image"
	if in.pages() > 1 {
		what = fmt.Sprintf("frame %d", i)
	}
	fmt.Fprintf(w.out, "tie:     %s has a symmetry of its own (%d orientations cannot be told apart): no noise can turn with it\n", what, equal)
}

// denoise denoises one image (H, W, C) of any size, and of one channel or three. It also returns how many of the image's orientations
// cannot be told apart, as fit.Denoise does.
func (w *work) denoise(ctx context.Context, img *tensor.Tensor) (z *tensor.Tensor, equal int, err error) {
	d := w.options.denoising()
	if w.options.start == "auto" {
		d.Start, _ = chosenStart(w.model.Process(), img)
	}
	if w.progress != nil {
		_, _, c := w.model.Shape()
		steps := w.options.steps * fit.Parts(img.Shape()[2], c)
		d.Trace = func(_ []int, s sde.Snapshot) { w.progress.Update(w.done*steps+s.Done*steps/s.Of, "") }
		defer w.progress.Clear()
	}
	z, equal, err = fit.Denoise(ctx, w.model, img, d)
	w.done++
	return z, equal, err
}
