package spdiff

import (
	"errors"
	"strings"
	"testing"

	"spdiff/group"
)

// No images at all are an error of what a model does with images, and of Degrade what it panics with.
func TestNilImages(t *testing.T) {
	m, ctx := nothing(t, tiny(group.C4, WT)), t.Context()
	degraded := func() (err error) {
		defer func() { err, _ = recover().(error) }()
		Degrade(nil, 4)
		return nil
	}
	_, _, denoised := m.Denoise(ctx, nil, Denoising{})
	_, residual := m.Residual(ctx, nil, Denoising{})
	_, loss := m.Loss(ctx, nil, Evaluation{})
	_, logp := m.LogLikelihood(ctx, nil, Evaluation{})
	for name, err := range map[string]error{"Denoise": denoised, "Residual": residual, "Loss": loss, "LogLikelihood": logp, "Degrade": degraded()} {
		var e *ImageError
		if !errors.As(err, &e) || !strings.Contains(e.Error(), "nil") {
			t.Errorf("%s of nil: %v; want an *ImageError", name, err)
		}
	}
}
