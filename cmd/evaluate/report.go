package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/grid"
	"spdiff/tensor/metrics"
)

// A report is what -json prints.
type report struct {
	Distance string `json:"distance,omitempty"` // what fd is: "FD-digits", "FID"
	spdiff.Quality
	MSE       *float64 `json:"mse,omitempty"` // of denoised images; those of the degraded ones are in before
	PSNR      *float64 `json:"psnr,omitempty"`
	SSIM      *float64 `json:"ssim,omitempty"`
	DataRange float64  `json:"data_range,omitempty"` // of these: the largest difference of two numbers
	Compared  string   `json:"reference"`            // all that was compared, in words
	Seconds   float64  `json:"seconds"`
}

// finish makes the numbers and says them, and writes what was asked for besides.
func (o *options) finish(ctx context.Context, say io.Writer, t *spdiff.Tally, began time.Time) error {
	q, err := t.Quality(ctx)
	if err != nil {
		return err
	}
	r := report{Quality: q, Compared: t.Title(), Seconds: time.Since(began).Seconds()}
	if q.Features != "" {
		r.Distance = evaluation.DistanceName(q.Features)
	}
	if q.After != nil {
		r.MSE, r.PSNR, r.SSIM, r.DataRange = &q.After.MSE, q.After.PSNR, &q.After.SSIM, 2
	}
	for _, w := range q.Warnings {
		fmt.Fprintf(say, "warning: %s\n", w)
	}
	if o.json {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stdout, "%s\n", text)
	} else {
		r.print(say)
	}
	return o.write(say, t, q)
}

// write writes the picture and the statistics.
func (o *options) write(say io.Writer, t *spdiff.Tally, q spdiff.Quality) error {
	if o.merge && o.given["picture"] && len(q.Near) == 0 {
		return cli.Usagef("-picture: the parts were made without -measure nearest; leave it out")
	}
	if len(q.Near) > 0 && o.picture != "" {
		h, w, c := t.Shape()
		var images []float32
		for _, n := range q.Near {
			images = append(append(images, n.Sample...), n.Nearest...)
		}
		const pairs = 4 // a row
		columns := 2 * min(pairs, len(q.Near))
		if err := grid.WriteRows(o.picture, images, (2*len(q.Near)+columns-1)/columns, columns, h, w, c); err != nil {
			return err
		}
		fmt.Fprintf(say, "made:   %s, samples and right of each the nearest image of the reference\n", o.picture)
	}
	if o.saveStats == "" {
		return nil
	}
	s, err := t.Reference()
	if err == nil {
		err = s.Save(o.saveStats)
	}
	if err == nil {
		fmt.Fprintf(say, "made:   %s, mean and covariance of the reference: -reference %s\n", o.saveStats, o.saveStats)
	}
	return err
}

// print says the numbers, a line each.
func (r report) print(w io.Writer) {
	line := func(name, format string, a ...any) { fmt.Fprintf(w, "%-16s %s\n", name, fmt.Sprintf(format, a...)) }
	switch {
	case r.Frechet == nil:
	case len(r.FDAll) > 1:
		line(r.Distance, "%v, the mean of %d seeds; lowest %v, highest %v", r.FD, len(r.FDAll), r.FDLow, r.FDHigh)
	case r.Bias != nil:
		line(r.Distance, "%v, 95 %% from %.6g to %.6g by the jackknife, which puts the bias of so many samples at %.3g", r.FD, r.FDLow, r.FDHigh, *r.Bias)
	default:
		line(r.Distance, "%v", r.FD)
	}
	if r.InvFD != nil {
		line("inv "+r.inverse(), "%v over all pairs of turned copies; as the paper's code has it %v%s", *r.InvFD, *r.InvFDCode, r.spread())
	}
	if r.KID != nil {
		line("KID", "%v ± %.3g, the standard error", *r.KID, *r.KIDError)
	}
	if r.Precision != nil {
		line("precision", "%v", *r.Precision)
		line("recall", "%v", *r.Recall)
	}
	if r.Residual != nil {
		line("Δx₀", "%v over %d images", *r.Residual, r.Restored)
		line("degraded", "MSE %v, PSNR %s dB, SSIM %v, for a data range of 2", r.Before.MSE, decibels(r.Before.PSNR), r.Before.SSIM)
		line("denoised", "MSE %v, PSNR %s dB, SSIM %v", r.After.MSE, decibels(r.After.PSNR), r.After.SSIM)
	}
	if r.Copied != nil {
		line("copies", "%d of %d samples are less than a third as far from their nearest image of the reference as from the next", *r.Copied, len(r.Near))
	}
	shares(line, "classes", r.Classes)
	shares(line, "orientations", r.Orientations)
	line("of", "%s%d images of the reference%s, %.1f s", r.samples(), r.Reference, r.by(), r.Seconds)
}

// inverse returns what the distance of Inv-FID is called, and spread says how far turned copies are from the reference, by the same features.
func (r report) inverse() string {
	if r.InvFeatures == "" {
		return r.Distance
	}
	return evaluation.DistanceName(r.InvFeatures)
}

func (r report) spread() string {
	if r.Spread == nil {
		return ""
	}
	return fmt.Sprintf("; spread from the reference %v", *r.Spread)
}

// samples says how many there are, and by which features they were compared, where there are any.
func (r report) samples() string {
	if r.N == 0 {
		return ""
	}
	return fmt.Sprintf("%d samples and ", r.N)
}

func (r report) by() string {
	if r.Features == "" {
		return ""
	}
	return ", features " + r.Features
}

// decibels says a PSNR, which is infinite of images that are the clean ones.
func decibels(v *float64) string {
	if v == nil {
		return "∞"
	}
	return fmt.Sprint(*v)
}

// shares says proportions in per cent.
func shares(line func(name, format string, a ...any), name string, all []metrics.Proportion) {
	if len(all) == 0 {
		return
	}
	var words []string
	for _, p := range all {
		words = append(words, fmt.Sprintf("%.1f (%.1f…%.1f)", 100*p.Share, 100*p.Low, 100*p.High))
	}
	line(name, "%s %%", strings.Join(words, ", "))
}

// shellPattern returns what names the files of all parts in a shell.
func shellPattern(out string, of int) string {
	return cli.Quoted(strings.TrimSuffix(out, ".npz")) + fmt.Sprintf(".*-of-%d.npz", of)
}
