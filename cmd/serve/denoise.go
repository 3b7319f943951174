package main

import (
	"context"
	"net/http"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/fit"
	pictures "spdiff/cmd/internal/picture"
	"spdiff/sde"
	"spdiff/tensor"
)

// A denoised says how an image was denoised, and what is to be known of it.
type denoised struct {
	Model string `json:"model"`
	Group string `json:"group"` // what acts on images of this size
	Exact bool   `json:"exact"` // turned images give turned results, bit for bit, before a lossy format has them
	Ties  int    `json:"ties"`  // what fit.Denoise counts, if more than one: then no noise can turn with the image

	Clipped clipped  `json:"clipped"`
	Left    []string `json:"left,omitempty"` // what the image's file says and the answer's does not
}

// An edit is a request about an image, read and looked at.
type edit struct {
	*server
	model *served
	upload
	settings
}

// editing returns what reads a request about an image, of which do makes the answer.
func (s *server) editing(do func(*edit, context.Context, report) (*answer, error)) func(*http.Request) (task, error) {
	return func(r *http.Request) (task, error) {
		e, err := s.readEdit(r)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, to report) (*answer, error) { return do(e, ctx, to) }, nil
	}
}

// readEdit reads one.
func (s *server) readEdit(r *http.Request) (*edit, error) {
	m, err := s.model(r)
	if err != nil {
		return nil, err
	}
	u, err := readUpload(r)
	if err != nil {
		return nil, err
	}
	e := &edit{server: s, model: m, upload: u}
	if e.settings, err = parseSettings(u.settings, denoiseNames, s.limits); err != nil {
		return nil, err
	}
	if err := cli.MissingClass(m.Model, e.class, e.guidance, "class", "guidance=-1"); err != nil {
		return nil, problemf(http.StatusBadRequest, "%v", err)
	}
	return e, look(r.Context(), u.picture, m.Model, s.limits.pixels)
}

// An original is an image that was read: its file, its numbers, and those that are denoised, which are damaged if that is asked for.
type original struct {
	*pictures.Whole
	before, given *tensor.Tensor
}

// image reads the image.
func (e *edit) image(ctx context.Context) (o original, err error) {
	if o.Whole, err = read(ctx, e.picture); err != nil {
		return o, err
	}
	o.before = floats(o.Whole)
	if o.given = o.before; e.degrade > 1 {
		o.given = spdiff.Degrade(o.before, e.degrade)
	}
	return o, nil
}

// solve denoises an image, the i-th of n, and reports each step. It returns what fit.Denoise does.
func (e *edit) solve(ctx context.Context, x *tensor.Tensor, i, n int, to report) (*tensor.Tensor, int, error) {
	d := e.denoising(e.limits)
	d.Trace = func(_ []int, s sde.Snapshot) {
		e.step(ctx)
		to.step(i*s.Of+s.Done, n*s.Of)
	}
	z, equal, err := fit.Denoise(ctx, e.model.Model, x, d)
	if err == nil {
		e.metrics.images.WithLabelValues(e.model.name).Inc()
	}
	return z, equal, err
}

// about says how an image was denoised; z and equal are what fit.Denoise returned. Nothing is promised of an image that ties, nor of damage,
// which begins at the top left of an image however it is turned.
func (e *edit) about(o original, z *tensor.Tensor, equal int) denoised {
	s := z.Shape()
	d := denoised{Model: e.model.name, Group: e.model.Symmetry(s[0], s[1]).Name(), Exact: e.model.Config().Method.Exact() && e.degrade <= 1 && equal <= 1,
		Clipped: clippedOf(z, o.before)}
	if equal > 1 {
		d.Ties = equal
	}
	return d
}

// denoise denoises an image as it is.
func (e *edit) denoise(ctx context.Context, to report) (*answer, error) {
	o, err := e.image(ctx)
	if err != nil {
		return nil, err
	}
	z, equal, err := e.solve(ctx, o.given, 0, 1, to)
	if err != nil {
		return nil, err
	}
	p, err := rewritten(o.Whole, z)
	if err != nil {
		return nil, err
	}
	to.send(event{"image", p})
	about := e.about(o, z, equal)
	about.Left = o.About.Left
	return &answer{report: about, pictures: []picture{p}, form: e.form, clipped: &about.Clipped, left: about.Left}, nil
}
