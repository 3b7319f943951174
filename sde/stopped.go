package sde

import (
	"context"

	"spdiff/tensor"
)

// Stopped is [tensor.Stopped]: nil as long as ctx is not done, then an error that is both ctx.Err() and context.Cause(ctx) for errors.Is.
func Stopped(ctx context.Context) error { return tensor.Stopped(ctx) }

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
