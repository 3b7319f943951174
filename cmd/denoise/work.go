package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"spdiff"
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
	done     int                // images of the network's channels
}

// A page is an image before and after.
type page struct {
	before, given, result *tensor.Tensor // as it came, as the model was given it, and what came of it
	start                 string
}

// file denoises all pages of a file, and returns the first.
func (w *work) file(ctx context.Context, in input) (first page, err error) {
	for i := range in.pages() {
		img, err := in.page(i)
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
		if p.result, err = w.denoise(ctx, p.given); err != nil {
			return first, err
		}
		if err := in.set(i, img, p.result); err != nil {
			return first, err
		}
		if i == 0 {
			first = p
		}
	}
	return first, nil
}

// denoise denoises one image (H, W, C) of any size, and of one channel or three.
func (w *work) denoise(ctx context.Context, img *tensor.Tensor) (*tensor.Tensor, error) {
	s := img.Shape()
	d := w.options.denoising()
	if w.options.start == "auto" {
		d.Start, _ = chosenStart(w.model.Process(), img)
	}
	h, width, c := w.model.Shape()
	img = padded(img, h, width)
	way, several := upright{}, s[2] > c
	if several {
		way = uprightOf(w.model.Symmetry(img.Shape()[0], img.Shape()[1]), img)
		img = way.turned(img)
	}
	all := parts(img, c)
	for k, part := range all {
		z, ties, err := w.part(ctx, part, d)
		if err != nil {
			return nil, err
		}
		if several {
			z, ties = way.back(z), way.equal-1
		}
		if w.done == 1 && ties > 0 {
			fmt.Fprintf(w.out, "tie:     the image has a symmetry of its own (%d orientations are equal to its frame): no noise can turn with it\n", ties+1)
		}
		all[k] = cropped(z, s[0], s[1])
	}
	return joined(all, s[2]), nil
}

// part denoises an image as the network takes it, and says how many orientations are equal to its frame.
func (w *work) part(ctx context.Context, img *tensor.Tensor, d spdiff.Denoising) (z *tensor.Tensor, ties int, err error) {
	if w.progress != nil {
		d.Trace = func(_ []int, s sde.Snapshot) {
			w.progress.Update(w.done*w.options.steps+s.Done*w.options.steps/s.Of, "")
		}
		defer w.progress.Clear()
	}
	z, all, err := w.model.Denoise(ctx, img, d)
	if err != nil {
		return nil, 0, err
	}
	for _, t := range all {
		ties = t.Elements - 1
	}
	w.done++
	return z, ties, nil
}
