package main

import (
	"context"
	"net/http"

	"spdiff"
	pictures "spdiff/cmd/internal/picture"
	"spdiff/sde"
	"spdiff/tensor"
)

// A denoised says how an image was denoised, and what is to be known of it.
type denoised struct {
	Model string `json:"model"`
	Group string `json:"group"` // what acts on images of this size
	Exact bool   `json:"exact"` // turned images give turned results, bit for bit
	Ties  int    `json:"ties"`  // how many elements leave the image as it is, if more than one: then no noise can turn with it
}

// An edit is a request about an image, read and looked at.
type edit struct {
	*server
	model *served
	upload
	settings
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
	if n := m.Classes(); n > 0 && e.class < 0 {
		return nil, problemf(http.StatusBadRequest, "the model has %d classes; say by class of which the image is", n)
	}
	return e, look(r.Context(), u.picture, s.limits.pixels)
}

// image reads the image, and returns its numbers too: damaged, if that is asked for.
func (e *edit) image(ctx context.Context) (*pictures.Whole, *tensor.Tensor, error) {
	w, err := read(ctx, e.picture, e.model.Config().Network.Out)
	if err != nil {
		return nil, nil, err
	}
	x := floats(w)
	if e.degrade > 1 {
		x = spdiff.Degrade(x, e.degrade)
	}
	return w, x, nil
}

// solve denoises an image, the i-th of n, and reports each step.
func (e *edit) solve(ctx context.Context, x *tensor.Tensor, i, n int, to report) (*tensor.Tensor, []sde.Tie, error) {
	d := e.denoising(e.limits)
	d.Trace = func(_ []int, s sde.Snapshot) {
		e.step(ctx)
		to.step(i*s.Of+s.Done, n*s.Of)
	}
	z, ties, err := e.model.Denoise(ctx, x, d)
	if err == nil {
		e.metrics.images.WithLabelValues(e.model.name).Inc()
	}
	return z, ties, err
}

// about says how an image was denoised.
func (e *edit) about(x *tensor.Tensor, ties []sde.Tie) denoised {
	s := x.Shape()
	z := denoised{Model: e.model.name, Group: e.model.Symmetry(s[0], s[1]).Name(), Exact: e.model.Config().Method.Exact()}
	for _, t := range ties {
		z.Ties = t.Elements
	}
	return z
}

// readDenoise reads a request to denoise an image.
func (s *server) readDenoise(r *http.Request) (task, error) {
	e, err := s.readEdit(r)
	if err != nil {
		return nil, err
	}
	return e.denoise, nil
}

func (e *edit) denoise(ctx context.Context, to report) (*answer, error) {
	w, x, err := e.image(ctx)
	if err != nil {
		return nil, err
	}
	z, ties, err := e.solve(ctx, x, 0, 1, to)
	if err != nil {
		return nil, err
	}
	p, err := rewritten(w, z)
	if err != nil {
		return nil, err
	}
	to.send(event{"image", p})
	return &answer{report: e.about(x, ties), pictures: []picture{p}, form: e.form}, nil
}
