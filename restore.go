package spdiff

import (
	"context"
	"fmt"
	"math"

	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// A restorer denoises images, as a Model does.
type restorer interface {
	Generator
	Denoise(ctx context.Context, img *tensor.Tensor, d Denoising) (*tensor.Tensor, []sde.Tie, error)
	restoring(d Denoising, n int) (Denoising, []float64, error)
	fits(n int, p Precision) error
	residual(ctx context.Context, img, z *tensor.Tensor, ties []sde.Tie, d Denoising) (Residual, error)
}

var _ restorer = (*Model)(nil)

const (
	dataSpan   = 2  // the range of the data, [−1, 1]
	ssimWindow = 7  // pixels of a window of the structural similarity
	restoredAt = 32 // images that are denoised at a time
)

// A Fidelity says how near images are to clean ones, numbers in [−1, 1]: means over the images.
type Fidelity struct {
	MSE  float64  `json:"mse"`            // of the numbers
	PSNR *float64 `json:"psnr,omitempty"` // in decibels, for a range of 2, over the images that differ from the clean ones; nil if none does
	SSIM float64  `json:"ssim"`           // for a range of 2, as scikit-image has it: windows of 7×7
}

// restored is what was measured of one image: Δx₀, and MSE, PSNR and SSIM of the degraded and of the denoised image.
type restored struct {
	residual      float64
	before, after [3]float64
}

// restore degrades and denoises the first images of the reference, those of the part.
func (c *Comparison) restore(ctx context.Context, t *Tally) error {
	from, to := c.share(c.Restore)
	for at := from; at < to; at += restoredAt {
		if err := sde.Stopped(ctx); err != nil {
			return err
		}
		end := min(at+restoredAt, to)
		r, err := c.restoreBatch(ctx, at, end)
		if err != nil {
			return fmt.Errorf("denoising: %w", err)
		}
		piece := t.pieces[c.Part]
		piece.restored = append(piece.restored, r...)
		c.say("denoising", end-from, to-from)
	}
	return nil
}

// restoreBatch measures images from … to−1. An image's number is its place in the reference, whatever the part.
func (c *Comparison) restoreBatch(ctx context.Context, from, to int) ([]restored, error) {
	h, w, channels := c.shape()
	clean, classes := tensor.New(to-from, h, w, channels), make([]int, to)
	for i := from; i < to; i++ {
		var err error
		if classes[i], err = c.Reference.Image(clean.At(i-from).Data(), i); err != nil {
			return nil, err
		}
	}
	m, d := c.Generator.(restorer), c.Denoising
	if d.First = from; m.Classes() > 0 && len(d.Classes) == 0 {
		d.Classes = classes // image k is of class classes[k]
	}
	degraded := Degrade(clean, c.Factor)
	denoised, ties, err := m.Denoise(ctx, degraded, d)
	if err != nil {
		return nil, err
	}
	residual, err := m.residual(ctx, degraded, denoised, ties, d)
	if err != nil {
		return nil, err
	}
	all := make([]restored, to-from)
	for i := range all {
		all[i].residual = residual.Each[i]
	}
	if err := compare(all, clean, degraded, func(r *restored) *[3]float64 { return &r.before }); err != nil {
		return nil, err
	}
	return all, compare(all, clean, denoised, func(r *restored) *[3]float64 { return &r.after })
}

// compare sets the similarities of images to clean ones.
func compare(all []restored, clean, x *tensor.Tensor, to func(*restored) *[3]float64) error {
	mse, err1 := metrics.MSE(x, clean)
	psnr, err2 := metrics.PSNR(x, clean, dataSpan)
	ssim, err3 := metrics.SSIM{Span: dataSpan}.Of(x, clean)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return err
		}
	}
	for i := range all {
		*to(&all[i]) = [3]float64{mse[i], psnr[i], ssim[i]}
	}
	return nil
}

// fidelity returns the means.
func fidelity(all []restored, of func(restored) [3]float64) (f Fidelity) {
	var decibels []float64
	for _, r := range all {
		v := of(r)
		f.MSE += v[0]
		f.SSIM += v[2]
		if !math.IsInf(v[1], 0) {
			decibels = append(decibels, v[1])
		}
	}
	n := float64(len(all))
	f.MSE, f.PSNR, f.SSIM = f.MSE/n, average(decibels), f.SSIM/n
	return f
}
