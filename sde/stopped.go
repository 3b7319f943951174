package sde

import (
	"context"
	"errors"
	"fmt"
)

// Stopped returns nil as long as ctx is not done. After that it returns an error that is both ctx.Err() and context.Cause(ctx) for
// errors.Is.
func Stopped(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); !errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", err, cause)
	} else {
		return cause
	}
}

// Until returns D which asks ctx before each evaluation, and returns the error of [Stopped] instead when ctx is done.
//
// A [Sampler] asks its context between two evaluations of its denoiser. A denoiser that runs a network many times, as for copies of
// [Average] or the tiles of [Tiling], stops within an evaluation if the network inside it is wrapped in Until.
func (d Denoiser) Until(ctx context.Context) Denoiser {
	return func(z, x []float32, t float64) error {
		if err := Stopped(ctx); err != nil {
			return err
		}
		return d(z, x, t)
	}
}

// Until is [Denoiser.Until] of a network.
func (f Network) Until(ctx context.Context) Network {
	return func(z []float32, inputs [][]float32, t float64) error {
		if err := Stopped(ctx); err != nil {
			return err
		}
		return f(z, inputs, t)
	}
}
